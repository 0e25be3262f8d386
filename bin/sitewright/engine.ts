import { execFile } from 'node:child_process'
import { once } from 'node:events'
import { promisify } from 'node:util'
import { endWithCommand } from '../command-line/run-to-end.ts'
import { type Ending, Failure } from './failure.ts'

const outputLines = 20

export interface Run {
  readonly patienceMilliseconds?: number
  readonly environment?: NodeJS.ProcessEnv
  readonly note?: (line: string) => void
  /** Of the failure of what must run; `failed` by default. */
  readonly ending?: Ending
}

/** Runs a program to its end. @returns what it printed; undefined if it failed, after its last lines were noted. */
export const run = async (
  program: string,
  words: readonly string[],
  { environment = {}, note, patienceMilliseconds: timeout = 0 }: Run = {},
): Promise<string | undefined> => {
  const env = { ...process.env, ...environment }
  const running = promisify(execFile)(program, words, { env, timeout, maxBuffer: Number.POSITIVE_INFINITY })
  const { child } = running
  const forget = endWithCommand(async () => {
    // What waits for it would go on.
    child.removeAllListeners('close')
    child.kill()
    await once(child, 'exit')
  })
  child.once('exit', forget).once('error', forget)
  child.stdin?.on('error', () => undefined).end()
  return running.then(
    ({ stdout }) => stdout,
    ({ code, stdout, stderr }) => {
      // One that could not be started has said nothing.
      const lines = typeof code === 'string' ? [] : `${stdout}${stderr}`.trim().split('\n').slice(-outputLines)
      for (const line of lines) note?.(`  ${line}`)
      return undefined
    },
  )
}

/** @throws {Failure} with a message, after the last lines of the program were noted. */
export const mustRun = async (
  program: string,
  words: readonly string[],
  message: string,
  more?: Run,
): Promise<string> => {
  const printed = await run(program, words, more)
  if (printed === undefined) throw new Failure(more?.ending ?? 'failed', message)
  return printed
}

/** @throws {Failure} if neither Docker nor Podman runs here. */
export const findEngine = async () => {
  for (const program of ['docker', 'podman'] as const) {
    if ((await run(program, ['info'], { patienceMilliseconds: 20_000 })) === undefined) continue
    return { program, isPodman: /podman/i.test((await run(program, ['--version'])) ?? '') }
  }
  throw new Failure('failed', 'Images are built here, and neither Docker nor Podman answers. Start one of them.')
}

export type EngineProgram = Awaited<ReturnType<typeof findEngine>>
