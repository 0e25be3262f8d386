import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as timer } from 'node:timers/promises'
import { hasCode, unlessMissing } from '../durable-files/replace-file.ts'

/**
 * The lease of a site's data: at most one task has it, and a newer task takes it from an older one. Each task that enters makes a file
 * with the next number, which only it writes, and writes `newest`. All others read by opening, so that NFS asks the server.
 * docs/adr/0080-a-lease-of-exclusive-data.md has the reasons.
 */
export interface Lease {
  /** The data directory of the site. */
  readonly data: string
  /** A task writes its file this often, in milliseconds. */
  readonly renewEvery: number
  /** How long the programs of a task may write after it was told to end, in milliseconds. */
  readonly stopAfter: number
}

/** What a task has of the lease. */
export interface Term {
  readonly generation: number
  /** When its last write of its file began. The clock is that of all containers of the task, in milliseconds. */
  readonly renewedAt: number
}

/** Ends the task's programs, though a write hangs. */
type EndAtOnce = (reason: string) => void

/** Never those of two machines are compared. */
const monotonicNow = (): number => Number(process.hrtime.bigint() / 1_000_000n)

/** A task without a write for that long has lost the lease, by its own clock. */
const lostAfter = ({ renewEvery }: Lease): number => 2.5 * renewEvery

/** Its programs have ended when another task has seen no write for that long. */
const overAfter = ({ renewEvery, stopAfter }: Lease): number => 3 * renewEvery + stopAfter

/** In the data directory of a site. It is no part of its data. */
export const leaseName = '.sitewright-lease'

const directoryOf = ({ data }: Lease): string => join(data, leaseName)
const fileOf = (lease: Lease, generation: number): string => join(directoryOf(lease), String(generation))

/** Overwrites in place, with texts of one length: nobody reads an empty file. */
const write = (path: string, text: string): Promise<void> => writeFile(path, text.padEnd(24), { flag: 'r+' })

const newestOf = async (lease: Lease): Promise<number> =>
  Number.parseInt((await unlessMissing(readFile(join(directoryOf(lease), 'newest'), 'utf8'))) ?? '', 10) || 0

const generationsOf = async (lease: Lease): Promise<readonly number[]> =>
  (await readdir(directoryOf(lease))).map(Number).filter(Number.isSafeInteger)

/** @returns the new number, above all others. */
const enter = async (lease: Lease): Promise<number> => {
  await mkdir(directoryOf(lease), { recursive: true, mode: 0o700 })
  for (let next = (await newestOf(lease)) + 1; ; next += 1) {
    try {
      await writeFile(fileOf(lease, next), 'waits'.padEnd(24), { flag: 'wx', mode: 0o600 })
    } catch (error) {
      if (hasCode(error, 'EEXIST')) continue
      throw error
    }
    // The holder removes earlier files, so an old number may be free again.
    const highest = Math.max(...(await generationsOf(lease)))
    if (highest === next) {
      await writeFile(join(directoryOf(lease), 'newest'), String(next).padEnd(24), { mode: 0o600 })
      return next
    }
    await rm(fileOf(lease, next))
    next = highest
  }
}

/** Whether a task was gone for long when this one entered, by the clock of the file server, which dates what it is given to write. */
const isLongGone = async (lease: Lease, own: number, other: number): Promise<boolean> => {
  const [entered, renewed] = await Promise.all([stat(fileOf(lease, own)), unlessMissing(stat(fileOf(lease, other)))])
  return renewed === undefined || entered.mtimeMs - renewed.mtimeMs > overAfter(lease) + lease.renewEvery
}

/** Resolves once a task has released the lease, or has not written for so long that its programs have ended. */
const untilOver = async (lease: Lease, own: number, other: number, signal: AbortSignal): Promise<void> => {
  if (await isLongGone(lease, own, other)) return
  let last: string | undefined
  let seenAt = monotonicNow()
  for (;;) {
    const text = await unlessMissing(readFile(fileOf(lease, other), 'utf8'))
    if (text === undefined || text.startsWith('released')) return
    if (text !== last) [last, seenAt] = [text, monotonicNow()]
    if (monotonicNow() - seenAt > overAfter(lease)) return
    await timer(lease.renewEvery / 10, undefined, { signal })
  }
}

/** Writes the task's file again and again. Says so where a newer task has entered, and ends the task where no write succeeds in time. */
const renew = (
  lease: Lease,
  state: 'waits' | 'holds',
  { generation, renewedAt }: Term,
  { onNewer, endAtOnce }: { readonly onNewer: () => void; readonly endAtOnce: EndAtOnce },
) => {
  const stopped = new AbortController()
  let last = renewedAt
  let count = 0
  const requireTime = (): void => {
    if (monotonicNow() - last > lostAfter(lease)) endAtOnce('the lease of the data was not renewed in time')
  }
  const once = async (): Promise<void> => {
    const begun = monotonicNow()
    if ((await newestOf(lease)) > generation) onNewer()
    count += 1
    await write(fileOf(lease, generation), `${state} ${count}`)
    requireTime()
    last = begun
  }
  const watch = setInterval(requireTime, lease.renewEvery / 10)
  const running = (async () => {
    while (!stopped.signal.aborted) {
      await once().catch((error: unknown) => {
        // Who takes the data removes the file. After another error the next write may succeed; if none does, the time ends the task.
        if (hasCode(error, 'ENOENT')) endAtOnce('another task has taken the data')
      })
      await timer(lease.renewEvery, undefined, { signal: stopped.signal }).catch(() => undefined)
    }
  })()
  const stop = async (): Promise<void> => {
    stopped.abort()
    await running
    clearInterval(watch)
  }
  return {
    /** Renews once more, and no more after that. */
    confirm: async (): Promise<Term> => {
      await stop()
      await once()
      return { generation, renewedAt: last }
    },
    release: async (): Promise<void> => {
      await stop()
      await write(fileOf(lease, generation), 'released')
    },
  }
}

/**
 * Waits until the data is nobody else's, and takes it.
 * @throws {Error} where a newer task waits too, or where this one is told to end.
 */
export const takeLease = async (
  lease: Lease,
  { toldToEnd, endAtOnce }: { readonly toldToEnd: AbortSignal; readonly endAtOnce: EndAtOnce },
): Promise<Term> => {
  const renewedAt = monotonicNow()
  const generation = await enter(lease)
  const givenUp = new AbortController()
  const onNewer = (): void => givenUp.abort(new Error('a newer task takes the data'))
  const waiting = renew(lease, 'waits', { generation, renewedAt }, { onNewer, endAtOnce })
  const signal = AbortSignal.any([toldToEnd, givenUp.signal])
  try {
    const earlier = (await generationsOf(lease)).filter((other) => other < generation)
    await Promise.all(earlier.map((other) => untilOver(lease, generation, other, signal)))
    // This process may have been paused: a newer task may have come and gone.
    const term = await waiting.confirm()
    signal.throwIfAborted()
    await Promise.all(earlier.map((other) => rm(fileOf(lease, other), { force: true })))
    return term
  } catch (error) {
    // No program has run: the next task need not wait.
    await waiting.release()
    throw error
  }
}

/**
 * Keeps the lease while the programs run. Ends the task where no write succeeds in time, or where a newer task waits and the programs
 * have not ended meanwhile.
 * @returns what releases the lease, once the programs have ended.
 */
export const keepLease = (lease: Lease, term: Term, endAtOnce: EndAtOnce): (() => Promise<void>) => {
  let leaveAt: number | undefined
  const onNewer = (): void => {
    // Usually the programs are already ending.
    leaveAt ??= monotonicNow() + lease.stopAfter
    if (monotonicNow() >= leaveAt) endAtOnce('a newer task takes the data')
  }
  return renew(lease, 'holds', term, { onNewer, endAtOnce }).release
}
