import { statfs } from 'node:fs/promises'
import type { Log } from '../core/ports/context.ts'

export interface DiskSpace {
  /** Looks now. A disk that cannot be asked counts as having room. */
  readonly isFull: () => Promise<boolean>
  readonly close: () => void
}

const mebibyte = 1_048_576

/** What is under way when the disk counts as full still finds room to end. */
const leastMiB = 8

const looksMilliseconds = 10_000

/** Watches the disk of a directory, and says in one line each when it has filled up and when it has room again. */
export const watchDiskSpace = (directory: string, log: Pick<Log, 'warn' | 'error'>): DiskSpace => {
  let wasFull = false

  const isFull = async (): Promise<boolean> => {
    // A disk that cannot be asked is not called full: the write itself will tell what is wrong.
    const disk = await statfs(directory).catch(() => undefined)
    const full = disk !== undefined && disk.bavail * disk.bsize < leastMiB * mebibyte
    if (full && !wasFull) {
      const message = 'the disk is full: nothing new is taken on until some space is freed; what is stored is safe'
      log.error({ event: 'disk-full', directory, leastMiB }, message)
    }
    if (!full && wasFull) log.warn({ event: 'disk-has-room', directory }, 'the disk has room again')
    wasFull = full
    return full
  }

  const looks = setInterval(isFull, looksMilliseconds)
  looks.unref()
  return { isFull, close: () => clearInterval(looks) }
}
