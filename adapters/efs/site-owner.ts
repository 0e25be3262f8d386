import { createHash } from 'node:crypto'
import type { SiteId } from '../../core/ids.ts'

/** Above what people and systems are given, and below the largest number that a container's user may have, 2^31 - 1. */
const first = 1_000_000
const last = 2_147_000_000

/**
 * The POSIX user that a site's containers run as and its files belong to: the same for the site's whole life. Two sites of
 * thousands may share a number; neither can mount the other's directory.
 */
export const siteOwner = (siteId: SiteId): { readonly uid: number; readonly gid: number } => {
  const number = first + (createHash('sha256').update(siteId).digest().readUInt32BE() % (last - first))
  return { uid: number, gid: number }
}
