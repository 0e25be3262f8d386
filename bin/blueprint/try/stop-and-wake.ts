import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Launch } from '../../../core/ports/runtime.ts'
import type { Finding } from './findings.ts'
import { fewOf, seconds } from './findings.ts'
import type { Start } from './follow-start.ts'
import { graceSeconds } from './machine-view.ts'
import type { Stage } from './stage.ts'

/** The files below a directory with their sizes. */
const filesIn = async (directory: string): Promise<ReadonlyMap<string, number>> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const sizes = await Promise.all(files.map(async (file) => (await stat(file).catch(() => undefined))?.size))
  return new Map(files.map((file, index) => [file.slice(directory.length + 1), sizes[index] ?? 0]))
}

/** Stops the site as a host does. */
export const stopSite = async (
  { runtime, view }: Pick<Stage, 'runtime' | 'view'>,
  { siteId }: Pick<Launch, 'siteId'>,
): Promise<Finding> => {
  const check = 'SIGTERM'
  const killed = await view.watchStop()
  const askedAt = performance.now()
  await runtime.remove(siteId)
  const took = seconds(performance.now() - askedAt)
  const names = await killed()
  if (names.length === 0) return { check, verdict: 'ok', result: `It ended by itself; its stop took ${took}.` }
  const change = 'Handle SIGTERM. Use the list form of `CMD` or `command`: a shell does not pass the signal on.'
  return { check, verdict: 'change', result: `${fewOf(names)} had to be killed after ${graceSeconds} s.`, change }
}

/** What a restart does to the data directory. @param restart starts the site again. */
export const checkRestart = async (
  { storage }: Pick<Stage, 'storage'>,
  launch: Launch,
  restart: () => Promise<Start>,
): Promise<{ readonly findings: readonly Finding[]; readonly start: Start }> => {
  const check = 'restart with its data'
  const directory = storage.directoryOf(launch)
  const before = await filesIn(directory)
  const start = await restart()
  if (!start.isHealthy) {
    const change = 'Start on data of an earlier start too.'
    return {
      start,
      findings: [{ check, verdict: 'change', result: `It does not start again: ${start.diagnosis.detail}`, change }],
    }
  }
  const woke: Finding = {
    check: 'time to wake',
    verdict: 'ok',
    result: `${seconds(start.milliseconds)} until a site that sleeps answers.`,
  }
  if (before.size === 0) {
    const result = 'It is healthy again, and stored nothing in its data directory.'
    return {
      start,
      findings: [{ check, verdict: 'note', result, change: `Store what must stay below \${DATA_DIRECTORY}.` }, woke],
    }
  }
  const after = await filesIn(directory)
  const gone = [...before.keys()].filter((name) => !after.has(name))
  const emptied = [...before].filter(([name, size]) => size > 0 && after.get(name) === 0).map(([name]) => name)
  const lost = [...gone, ...emptied]
  const kept = `It is healthy again; ${before.size - lost.length} of ${before.size} files are there as before.`
  if (lost.length === 0) return { start, findings: [{ check, verdict: 'ok', result: kept }, woke] }
  const verdict = lost.length * 2 > before.size ? 'change' : 'note'
  const result = `${kept} Gone or empty: ${fewOf(lost, 3)}.`
  return { start, findings: [{ check, verdict, result, change: 'A start must not clear the data directory.' }, woke] }
}
