import { SitewrightError } from '../../core/errors.ts'
import type { ArchiveEntry } from './archive-entry.ts'
import type { BytePath } from './byte-path.ts'
import { isAfter, isSafePath, isSafeTarget, parentOf } from './byte-path.ts'

export type DirectoryEntry = Extract<ArchiveEntry, { type: 'directory' }>

/** Follows entries in the order of an archive, with the directories in memory that the present one is in. */
export interface OpenDirectories {
  /**
   * Goes on to an entry.
   * @returns the directories that are left by that, innermost first.
   * @throws {SitewrightError} `ArchiveDamaged` where its path would lead out of the data directory, was there before or out of
   *   order, or is not in a directory that came before: so it is never in a link.
   */
  readonly enter: (entry: ArchiveEntry) => readonly DirectoryEntry[]
  /** Leaves all that are open. */
  readonly leaveAll: () => readonly DirectoryEntry[]
}

const damaged = (message: string): SitewrightError => new SitewrightError('ArchiveDamaged', message)

const requireSafe = (entry: ArchiveEntry): void => {
  if (!isSafePath(entry.path)) throw damaged('A path of the archive leads out of the data directory.')
  if (entry.type === 'symlink' && !isSafeTarget(entry.target)) throw damaged('A link of the archive leads nowhere.')
  if (entry.type === 'hardlink' && !(isSafePath(entry.target) && isAfter(entry.path, entry.target))) {
    throw damaged('A second name of a file leads to none that came before.')
  }
}

export const createOpenDirectories = (): OpenDirectories => {
  const open: DirectoryEntry[] = []
  let last: BytePath | undefined

  const leaveUntil = (path: BytePath | undefined): readonly DirectoryEntry[] => {
    const left: DirectoryEntry[] = []
    for (let top = open.at(-1); top !== undefined && top.path !== path; top = open.at(-1)) {
      left.push(top)
      open.pop()
    }
    return left
  }

  return {
    enter: (entry) => {
      requireSafe(entry)
      if (last !== undefined && !isAfter(entry.path, last)) throw damaged('An entry is there twice, or out of order.')
      last = entry.path
      const parent = parentOf(entry.path)
      const left = leaveUntil(parent === '' ? undefined : parent)
      if ((open.at(-1)?.path ?? '') !== parent) throw damaged('An entry is in no directory of the archive.')
      if (entry.type === 'directory') open.push(entry)
      return left
    },
    leaveAll: () => leaveUntil(undefined),
  }
}
