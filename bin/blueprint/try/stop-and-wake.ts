import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Blueprint, longestStartSeconds, stopSecondsOf } from '../../../core/blueprint/blueprint.ts'
import { isBoundLate } from '../../../core/blueprint/interpolate.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import { secondsText } from '../../command-line/read-options.ts'
import { type Finding, fewOf, findingsOf } from './findings.ts'
import type { Start } from './follow-start.ts'
import type { Stage } from './stage.ts'

const filesIn = async (directory: string): Promise<ReadonlyMap<string, number>> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  const sizes = await Promise.all(files.map(async (file) => (await stat(file).catch(() => undefined))?.size))
  return new Map(files.map((file, index) => [file.slice(directory.length + 1), sizes[index] ?? 0]))
}

/** Stops the site as a host does. */
export const stopSite = async (
  { runtime, view }: Pick<Stage, 'runtime' | 'view'>,
  launch: Launch,
): Promise<Finding> => {
  const { ok, wrong } = findingsOf('SIGTERM')
  const wasKilled = await view.watchStop()
  const askedAt = performance.now()
  await runtime.remove(launch)
  const took = secondsText(performance.now() - askedAt)
  if (!(await wasKilled())) return ok(`It ended by itself; its stop took ${took}.`)
  const change =
    'Handle SIGTERM. Use the list form of `CMD` or `command`: a shell does not pass the signal on. If it needs longer, raise `traffic.stopSeconds`.'
  return wrong(`It had to be killed after ${stopSecondsOf(launch.blueprint)} s.`, change)
}

/** What a restart does to the data directory. @param restart starts the site again. */
export const checkRestart = async (
  { storage }: Pick<Stage, 'storage'>,
  launch: Launch,
  restart: () => Promise<Start>,
): Promise<{ readonly findings: readonly Finding[]; readonly isHealthy: boolean }> => {
  const { ok, note, wrong } = findingsOf('restart with its data')
  const directory = storage.directoryOf(launch)
  const before = await filesIn(directory)
  const start = await restart()
  if (!start.isHealthy) {
    const result = `It does not start again: ${start.diagnosis.detail}`
    return { findings: [wrong(result, 'Start on data of an earlier start too.')], isHealthy: false }
  }
  const woke = findingsOf('time to wake').ok(`${secondsText(start.milliseconds)} until a site that sleeps answers.`)
  const after = await filesIn(directory)
  const isLost = ([name, size]: readonly [string, number]) => !after.has(name) || (size > 0 && after.get(name) === 0)
  const lost = [...before].filter(isLost).map(([name]) => name)
  const kept = `It is healthy again; ${before.size - lost.length} of ${before.size} files are there as before.`
  const clears = 'A start must not clear the data directory.'
  const finding =
    before.size === 0
      ? note('It is healthy again, and stored no data.', `Store what must stay below \${DATA_DIRECTORY}.`)
      : lost.length === 0
        ? ok(kept)
        : (lost.length * 2 > before.size ? wrong : note)(`${kept} Gone or empty: ${fewOf(lost, 3)}.`, clears)
  return { findings: [finding, woke], isHealthy: true }
}

export const startFinding = (milliseconds: number, { traffic: { startSeconds } }: Blueprint): Finding => {
  const { ok, note, wrong } = findingsOf('time to healthy')
  const result = `${secondsText(milliseconds)}; \`startSeconds\` is ${startSeconds}.`
  if (milliseconds <= startSeconds * 600) return ok(result)
  const enough = Math.min(longestStartSeconds, Math.ceil(milliseconds / 5000) * 10)
  const advice = `Set \`traffic.startSeconds: ${enough}\`: other machines may be slower.`
  return milliseconds > startSeconds * 1000 ? wrong(result, advice) : note(result, advice)
}

export const runsFirst = ({ handOver }: Blueprint): boolean => handOver?.task?.beforeStart === true

/** Whether a claim waits for a start, which took so long. */
export const claimFinding = (blueprint: Blueprint, facts: object | undefined, milliseconds: number): Finding => {
  const { ok, note } = findingsOf('claim')
  if (!isBoundLate(blueprint)) return ok('Instant: sites wait in the pool and run.')
  const names = Object.keys(facts ?? {}).map((name) => `\${${name}}`)
  const result = `Prepared: sites start at the claim, because it interpolates ${names.join(', ')}. A visitor waits about ${secondsText(milliseconds)}.`
  return note(result, 'For an instant claim, take these from the headers of requests.')
}
