import { statfs } from 'node:fs/promises'
import { SitewrightError } from '../core/errors.ts'
import type { Log } from '../core/ports/context.ts'
import { problemResponse } from '../lambdas/_runtime/problem.ts'
import { type Serve, sendResult } from './gateway/send-result.ts'

const mebibyte = 1_048_576

/** Leaves room for running work to finish. */
const leastMiB = 8

const pollMilliseconds = 10_000

/** Watches the disk of a directory and logs when it is full and when it has room again. A disk that cannot be read counts as having room. */
export const watchDiskSpace = (directory: string, log: Pick<Log, 'warn' | 'error'>) => {
  let wasFull = false

  const isFull = async (): Promise<boolean> => {
    const disk = await statfs(directory).catch(() => undefined)
    const full = disk !== undefined && disk.bavail * disk.bsize < leastMiB * mebibyte
    if (full && !wasFull) {
      const message = 'the disk is full: the host stores nothing new until there is free space; stored data is safe'
      log.error({ event: 'disk-full', directory, leastMiB }, message)
    }
    if (!full && wasFull) log.warn({ event: 'disk-has-room', directory }, 'the disk has room again')
    wasFull = full
    return full
  }

  const checks = setInterval(isFull, pollMilliseconds)
  checks.unref()
  return {
    /** Checks now. */
    isFull,
    close: (): void => clearInterval(checks),
  }
}

const reads = ['GET', 'HEAD']

/** Refuses writes and the health check while the disk is full; other reads continue. */
export const refuseWithoutRoom =
  (serve: Serve, isFull: () => Promise<boolean>): Serve =>
  async (request, response, url) => {
    const needsRoom = !reads.includes(request.method ?? '') || url.pathname === '/v1/health'
    if (!needsRoom || !(await isFull())) return serve(request, response, url)
    const message =
      'The disk of this host is full, so it stores nothing new. Stored data is safe. Try again later, or free some space if this is your host.'
    sendResult(request, response, problemResponse(new SitewrightError('Unavailable', message)))
  }

/** Sites that grow by less fill no disk between two scheduled measurements. */
const stepBytes = 32 * 1_048_576

/** Between two measurements: each reads the directories of all sites. */
const restMilliseconds = 5000

const usedBytesOf = async (directory: string): Promise<number> => {
  const { blocks, bfree, bsize } = await statfs(directory)
  return (blocks - bfree) * bsize
}

/**
 * Has the sites measured within seconds when the disk of a directory fills quickly, instead of by the schedule alone.
 * @param measure its failures are reported by what it calls.
 * @returns a function that stops it.
 */
export const measureOnGrowth = (
  directory: string,
  measure: () => Promise<unknown>,
  usedBytes: () => Promise<number> = () => usedBytesOf(directory),
): (() => void) => {
  let min: number | undefined
  let isBusy = false

  const measureAndRest = async (): Promise<void> => {
    await measure().catch(() => undefined)
    await pause(restMilliseconds)
  }

  const check = async (): Promise<void> => {
    const used = await usedBytes().catch(() => undefined)
    if (used === undefined || isBusy) return
    min = Math.min(min ?? used, used)
    if (used - min < stepBytes) return
    isBusy = true
    min = undefined
    // Twice: a site may grow on while it is measured, and something else may free as much.
    await measureAndRest()
    await measureAndRest()
    isBusy = false
  }

  const checks = setInterval(check, 1000)
  checks.unref()
  return () => clearInterval(checks)
}

/** Does not keep the process alive. */
const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref()
  })
