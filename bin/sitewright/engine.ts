import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { endWithCommand } from '../command-line/run-to-end.ts'
import { Failure } from './failure.ts'

const outputLines = 20

export interface Run {
  readonly patienceMilliseconds?: number
  readonly environment?: NodeJS.ProcessEnv
  readonly input?: string
  readonly note?: (line: string) => void
}

/** Runs a program to its end. @returns what it printed; undefined if it failed, after its last lines were noted. */
export const run = (
  program: string,
  words: readonly string[],
  { environment = {}, input = '', note, patienceMilliseconds: timeout = 0 }: Run = {},
) =>
  new Promise<string | undefined>((settle) => {
    const child = spawn(program, words, { env: { ...process.env, ...environment }, timeout })
    const forget = endWithCommand(async () => {
      // What waits for it would go on.
      child.removeAllListeners('close')
      child.kill()
      await once(child, 'exit')
    })
    child.once('exit', forget).once('error', forget)
    const printed = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text: string) => {
        printed[name] += text
      })
    }
    child.stdin.on('error', () => undefined).end(input)
    child.on('error', () => settle(undefined))
    child.on('close', (code) => {
      if (code === 0) return settle(printed.stdout)
      const all = `${printed.stdout}${printed.stderr}`.trim().split('\n')
      for (const line of all.slice(-outputLines)) note?.(`  ${line}`)
      settle(undefined)
    })
  })

/** @throws {Failure} with a message, after the last lines of the program were noted. */
export const mustRun = async (
  program: string,
  words: readonly string[],
  message: string,
  more?: Run,
): Promise<string> => {
  const printed = await run(program, words, more)
  if (printed === undefined) throw new Failure('failed', message)
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
