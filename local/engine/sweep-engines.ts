import { execFile } from 'node:child_process'
import { join } from 'node:path'
import timers from 'node:timers/promises'
import * as z from 'zod'
import { replaceFile } from '../../adapters/durable-files/replace-file.ts'
import { findLeftovers, killLeftover } from '../../adapters/leftovers/find-leftovers.ts'
import { readJsonFile } from '../home/read-json-file.ts'
import type { EngineLog } from './engine.ts'

const recordSchema = z.strictObject({ pid: z.int().positive(), commandLine: z.string().min(1) })

const recordPath = (runDirectory: string): string => join(runDirectory, 'engine.json')

/** Records the engine's process, for systems without `/proc`. */
export const recordEngine = (runDirectory: string, engine: z.infer<typeof recordSchema>): Promise<void> =>
  replaceFile(recordPath(runDirectory), JSON.stringify(engine))

/** A process's command line by ps(1); empty without such a process or without ps. */
const commandLineOf = (pid: number): Promise<string> =>
  new Promise((resolve) => {
    execFile('ps', ['-ww', '-o', 'command=', '-p', String(pid)], (_, stdout) => resolve(stdout.trim()))
  })

/** Ends the recorded process if its command line, database path included, is still the recorded one. */
export const sweepRecordedEngine = async (runDirectory: string, log: EngineLog): Promise<void> => {
  const record = await readJsonFile(recordPath(runDirectory), recordSchema)
  if (record.found !== 'content') return
  const { pid, commandLine } = record.content
  if ((await commandLineOf(pid)) !== commandLine) return
  log.warn({ pid }, 'a killed host of this home left an engine running; ending it')
  process.kill(pid, 'SIGKILL')
  while ((await commandLineOf(pid)) === commandLine) await timers.setTimeout(50)
}

/**
 * Ends the engines that a killed host or relay of this home left running: two engines on one database would destroy it, and
 * dynoxide does not prevent that.
 */
export const sweepEngines = async (
  { homeId, runDirectory }: { homeId: string; runDirectory: string },
  log: EngineLog,
): Promise<void> => {
  const engines = await findLeftovers(homeId, 'engine')
  for (const { pid } of engines) log.warn({ pid }, 'an engine of this home was left running; ending it')
  const leftovers = [...engines, ...(await findLeftovers(homeId, 'relay'))]
  await Promise.all(leftovers.map((leftover) => killLeftover(leftover, { graceMilliseconds: 5000 })))
  if (process.platform !== 'linux') await sweepRecordedEngine(runDirectory, log)
}
