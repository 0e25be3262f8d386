import type { BigIntStats } from 'node:fs'
import { SitewrightError } from '../../core/errors.ts'

/** In bytes. A hole takes no disk and no storage of a plan, but whoever reads it reads zeros: archives and backups do. */
const mostHoles = 64n * 2n ** 30n

/** The unit in which the system counts blocks, whatever the file system's own is. */
const blockBytes = 512n

/**
 * Adds up the holes in the files of one site.
 * @returns a function to call with each file before it is read. It throws {SitewrightError} `ArchivingFailed` once the holes are too many.
 */
export const limitHoles = (): ((file: Pick<BigIntStats, 'size' | 'blocks'>) => void) => {
  let holes = 0n
  return ({ size, blocks }) => {
    const bytes = size - blocks * blockBytes
    if (bytes > 0n) holes += bytes
    if (holes <= mostHoles) return
    const reason = `The holes in sparse files are more than ${mostHoles / 2n ** 30n} GiB; have the site make them smaller`
    throw new SitewrightError('ArchivingFailed', `${reason} (docs/limits.md says how to find them).`)
  }
}
