import { chmod, lchown, lstat, mkdir, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { SiteId } from '../../core/ids.ts'
import { isId } from '../../core/ids.ts'
import type { SiteStorage } from '../../core/ports/runtime.ts'
import type { SiteUser } from './site-user.ts'
import { siteUser } from './site-user.ts'

export interface DirectoryStorage extends SiteStorage {
  /**
   * Where a site's data is, whether or not it exists yet.
   * @throws {TypeError} on anything but a site's id, so that no path leads out of the root.
   */
  readonly directoryOf: (siteId: SiteId) => string
  /**
   * Gives everything a site has stored to the site's user: it may come from a time when sites ran as plain processes. Only
   * while nothing of the site runs, since a running one could lead the way out of its directory with a link.
   */
  readonly handOver: (siteId: SiteId) => Promise<void>
}

const giveTree = async (path: string, user: SiteUser): Promise<void> => {
  const entry = await lstat(path)
  if (entry.uid !== user.uid || entry.gid !== user.gid) await lchown(path, user.uid, user.gid)
  if (!entry.isDirectory()) return
  for (const name of await readdir(path)) await giveTree(join(path, name), user)
}

/** Keeps each site's data in a directory of its own below `root`, closed to other users of the machine. */
export const createSiteStorage = ({
  root,
  user = siteUser(),
  mayGiveAway = process.getuid?.() === 0,
}: {
  readonly root: string
  readonly user?: SiteUser
  /** Whether this process may change a file's owner. */
  readonly mayGiveAway?: boolean
}): DirectoryStorage => {
  const directoryOf = (siteId: SiteId): string => {
    if (!isId('site', siteId)) throw new TypeError('site storage: this is not the id of a site')
    return join(root, siteId)
  }
  return {
    directoryOf,
    prepare: async (siteId) => {
      const directory = directoryOf(siteId)
      await mkdir(directory, { recursive: true, mode: 0o700 })
      // The mode given to mkdir is subject to the umask, and is ignored for a directory that exists.
      await chmod(directory, 0o700)
      if (mayGiveAway) await lchown(directory, user.uid, user.gid)
    },
    handOver: async (siteId) => {
      if (mayGiveAway) await giveTree(directoryOf(siteId), user)
    },
    list: async () => (await readdir(root)).filter((name) => isId('site', name)),
    remove: (siteId) => rm(directoryOf(siteId), { recursive: true, force: true, maxRetries: 3 }),
  }
}
