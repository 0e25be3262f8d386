import { rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { constants } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'

/** So long a command may take to end in order, once it has failed or was told to end. */
const patienceMilliseconds = 10_000
const lastMilliseconds = 3000

const remains = new Set<() => unknown>()

/**
 * Has a function end what a command has started, such as a child process, if the command cannot end in order.
 * @returns takes that back, for what has ended.
 */
export const endWithCommand = (end: () => unknown): (() => void) => {
  remains.add(end)
  return () => void remains.delete(end)
}

const temporary = new Set<string>()

/** Paths that are removed when this is disposed of, or with the command if it ends before, unless they were kept. */
export const temporaryPaths = (...first: readonly string[]) => {
  const paths = new Set<string>()
  const add = (path: string): void => {
    paths.add(path)
    temporary.add(path)
  }
  const keep = (): void => {
    for (const path of paths) temporary.delete(path)
    paths.clear()
  }
  first.forEach(add)
  return {
    add,
    keep,
    [Symbol.asyncDispose]: async () => {
      for (const path of paths) await rm(path, { recursive: true, force: true })
      keep()
    },
  }
}

/** At once, so that nothing of this process writes into them afterwards. */
const removeTemporary = (): void => {
  for (const path of temporary) {
    try {
      rmSync(path, { recursive: true, force: true, maxRetries: 3 })
    } catch {
      console.error(`${path} cannot be removed. Remove it: it is unfinished, and may hold secrets.`)
    }
  }
}

let startPatience = (): void => undefined

let failure: string | undefined

/** Says that this command has failed, and why, before it cleans up: from here on it has a limited time. */
export const noteFailure = (error: unknown): void => {
  failure ??= error instanceof Error ? error.message : String(error)
  startPatience()
}

/** The result of some work. @throws {unknown} the signal's reason as soon as the command has to end. */
export const unlessEnding = async <Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result> => {
  const ending = Promise.withResolvers<never>()
  const end = (): void => ending.reject(signal.reason)
  signal.addEventListener('abort', end, { once: true })
  if (signal.aborted) end()
  try {
    return await Promise.race([work, ending.promise])
  } finally {
    signal.removeEventListener('abort', end)
  }
}

/**
 * Runs a command as this whole process, which ends with it, whatever is still open. SIGINT, SIGTERM and SIGHUP abort the command's signal, and so
 * does the end of whoever reads what it prints; a second signal, unless it is SIGHUP, or ten seconds after the first one or after a failure, ends the process at once, with everything that was registered.
 * @param main returns the exit code. It may call `endInOrder` once it knows that it cleans up, with its patience. A command that was told to end has 128 and the number of the signal; one whose output was lost, such as on a full disk, does its work and has at least 1.
 * @param options.cleansUp whether the command ends in order when its signal is aborted. Another one ends at once.
 */
export const runToEnd = async (
  main: (signal: AbortSignal, endInOrder: (milliseconds: number) => void) => Promise<number>,
  options: { readonly cleansUp?: boolean; readonly patience?: number } = {},
): Promise<void> => {
  let { cleansUp = false, patience = patienceMilliseconds } = options
  const ending = new AbortController()
  let told: number | undefined
  let isLeaving = false

  const leave = async (code: number): Promise<void> => {
    if (isLeaving) return
    isLeaving = true
    const ends = Promise.allSettled([...remains].map(async (end) => end()))
    await Promise.race([ends, pause(lastMilliseconds)])
    removeTemporary()
    process.exit(code)
  }

  startPatience = () => {
    startPatience = () => undefined
    setTimeout(() => {
      // Nothing else says it then.
      if (failure !== undefined) console.error(failure)
      console.error(`It does not end within ${patience / 1000} s. Ending it now, with what it started.`)
      void leave(told ?? 1)
    }, patience)
  }

  const endBy = (name: 'SIGINT' | 'SIGTERM' | 'SIGHUP' | 'SIGPIPE'): void => {
    const isFirst = told === undefined
    // A terminal that is closed sends it more than once, by its shell and by the kernel: nobody is in a hurry.
    if (!isFirst && name === 'SIGHUP') return
    // Windows knows no SIGPIPE.
    told ??= 128 + (name === 'SIGPIPE' ? 13 : constants.signals[name])
    if (!isFirst || !cleansUp) return void leave(told)
    startPatience()
    ending.abort(new Error(`Ended by ${name}.`))
  }
  // Also where the terminal is closed: what a command has started is in a group of its own, which the terminal does not tell.
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => endBy(name))

  let lost: Error | undefined
  // Each later write fails too. Node ignores the signal, by which such a program ends elsewhere. A full disk is no reason to leave work half done.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') lost ??= error
      else if (told === undefined) endBy('SIGPIPE')
    })
  }

  const code = await main(ending.signal, (milliseconds) => {
    cleansUp = true
    patience = milliseconds
  })
  startPatience()
  // What has been printed is on its way.
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => void stream.write('', () => resolve()))
  }
  if (lost !== undefined) console.error(`What it printed is not complete: ${lost.message}.`)
  await leave(told ?? (lost === undefined ? code : code || 1))
}
