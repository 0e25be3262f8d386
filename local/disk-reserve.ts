import { randomBytes } from 'node:crypto'
import { open, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Log } from '../core/ports/context.ts'
import type { GrowingSites } from '../lambdas/sites/run/pause-growing-sites.ts'

interface Disk {
  /** In bytes, as for an ordinary user. */
  readonly free: number
  readonly total: number
}

const mebibyte = 1_048_576

const random = promisify(randomBytes)

const usualReserve = 2048 * mebibyte

/** The default is at most this share of a disk. */
const largestShare = 0.1

/** More than the embedded database writes while a site is being paused. */
const largestBallast = 64 * mebibyte

const pollMilliseconds = 1000

/** Pausing begins when less than half of the reserve will be free after so many seconds. */
const foresightSeconds = 10

/** The share of the reserve that the disk has to lose before a site is paused, so that small writes pause none. */
const step = 1 / 64

/** The share of the reserve from which on a disk is short no longer. */
const wholeAgain = 1.1

export const diskOf = async (directory: string): Promise<Disk> => {
  const { bavail, blocks, bsize } = await statfs(directory)
  return { free: bavail * bsize, total: blocks * bsize }
}

/** @param reserveMiB as of `keepReserve`. @returns the bytes of a disk of this size. */
const reserveOf = (total: number, reserveMiB: number | undefined): number =>
  reserveMiB === undefined ? Math.min(usualReserve, total * largestShare) : reserveMiB * mebibyte

/** How many bytes of a disk may be taken so that a tenth more than the reserve is left, which ends a shortage; negative where less is left. */
export const roomOn = ({ free, total }: Disk, reserveMiB: number | undefined): number =>
  free - reserveOf(total, reserveMiB) * wholeAgain

/** Space that the host holds and gives to the database when the disk is full nevertheless. */
const openBallast = (path: string) => {
  /** Undefined while unknown: an earlier host may have left a file, and a failed write a part of one. */
  let isThere: boolean | undefined

  /** In pieces, so that the host serves requests meanwhile. Not zeros, which some file systems do not store. */
  const write = async (bytes: number): Promise<void> => {
    await using file = await open(path, 'w', 0o600)
    for (let left = bytes; left > 0; left -= mebibyte) await file.appendFile(await random(Math.min(left, mebibyte)))
  }

  const release = async (): Promise<void> => {
    if (isThere === false) return
    isThere = undefined
    await rm(path, { force: true })
    isThere = false
  }

  return {
    /** A failure is repaired by the next call. */
    fill: async (bytes: number): Promise<void> => {
      if (isThere === true) return
      isThere = undefined
      const size = await stat(path).then(
        (found) => found.size,
        () => undefined,
      )
      try {
        if (size !== bytes) await write(bytes)
        isThere = true
      } catch {
        await release().catch(() => undefined)
      }
    },
    release,
  }
}

/**
 * Keeps a reserve of free disk for the host's own database. While it is used, sites get no writes and no new sites are built;
 * while the disk continues to fill, the fastest growers are paused one after another. Uploads end before.
 * @param options.reserveMiB 0 for none; by default 2 GiB, or a tenth of a small disk.
 * @param options.disk reads the disk. One that cannot be read has not changed.
 */
export const keepReserve = async (options: {
  readonly directory: string
  readonly reserveMiB: number | undefined
  readonly log: Pick<Log, 'warn' | 'error'>
  readonly disk?: () => Promise<Disk>
  /** Whether the reserve also holds space for the database; yes by default. */
  readonly hasBallast?: boolean
}) => {
  const { directory, reserveMiB, log, disk = () => diskOf(directory), hasBallast = true } = options
  const ballast = openBallast(join(directory, 'ballast'))
  let sites: GrowingSites | undefined
  let isShort = false
  let isChecking = false
  let isRelieving = false
  let last: number | undefined
  let room: number | undefined
  let max = 0

  const relieve = async (): Promise<void> => {
    isRelieving = true
    try {
      const paused = await sites?.pauseFastest()
      if (paused === undefined) log.warn({}, 'the disk fills, and no site grows')
    } catch (error) {
      log.error({ err: error }, 'the fastest-growing site could not be paused; trying again')
    } finally {
      max = 0
      isRelieving = false
    }
  }

  const announce = (free: number, reserve: number): void => {
    const figures = { directory, freeMiB: Math.round(free / mebibyte), reserveMiB: Math.round(reserve / mebibyte) }
    if (isShort) {
      log.error(
        { event: 'disk-short', ...figures },
        'the disk is almost full: sites get no writes until there is free space',
      )
      // The first measurement, to compare with.
      sites?.measure().catch((error: unknown) => log.warn({ err: error }, 'the sites could not be measured'))
    } else log.warn({ event: 'disk-no-longer-short', ...figures }, 'the disk has room again, and sites get writes')
  }

  const balance = async (free: number, reserve: number): Promise<void> => {
    const ballastBytes = Math.min(largestBallast, Math.floor(reserve / 8))
    if (free < ballastBytes || ballastBytes === 0) await ballast.release()
    else if (free > reserve + ballastBytes) await ballast.fill(ballastBytes)
  }

  const check = async (): Promise<void> => {
    const { free, total } = await disk()
    const reserve = reserveOf(total, reserveMiB)
    room = Math.max(0, free - reserve)
    const perCheck = Math.max(0, (last ?? free) - free)
    last = free
    max = Math.max(max, free)
    const wasShort = isShort
    isShort = free < reserve * (wasShort ? wholeAgain : 1)
    if (isShort !== wasShort) announce(free, reserve)
    if (hasBallast) await balance(free, reserve)
    const soon = free - foresightSeconds * perCheck
    const fills = isShort && soon < reserve / 2 && max - free >= reserve * step
    if (fills && !isRelieving) void relieve()
  }

  const checkAlone = async (): Promise<void> => {
    if (isChecking) return
    isChecking = true
    // A disk that cannot be read has not changed.
    await check().catch(() => undefined)
    isChecking = false
  }

  await checkAlone()
  const checks = setInterval(checkAlone, pollMilliseconds)
  checks.unref()
  return {
    /** Whether less than the reserve is free, as of the last second. */
    isShort: (): boolean => isShort,
    /** How many bytes are free beyond the reserve, as of the last second; undefined until the disk was first read. */
    room: (): number | undefined => room,
    /** Whether the disk, which is read now, takes so many bytes and leaves the tenth more that ends a shortage: an upload begins none. */
    takes: async (bytes: number): Promise<boolean> => {
      const found = await disk().catch(() => undefined)
      return found === undefined || roomOn(found, reserveMiB) >= bytes
    },
    /** From now on, these pause the sites that fill the disk. */
    relieveBy: (growing: GrowingSites): void => {
      sites = growing
      if (isShort) growing.measure().catch(() => undefined)
    },
    close: (): void => clearInterval(checks),
  }
}

export type DiskReserve = Awaited<ReturnType<typeof keepReserve>>
