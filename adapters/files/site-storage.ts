import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { chmod, lchown, lstat, mkdir, opendir, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Blueprint, DataOwner } from '../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../core/errors.ts'
import { isId, type SiteId } from '../../core/ids.ts'
import type { SiteStorage, StorageMeter } from '../../core/ports/runtime.ts'
import { type DataHome, homeCell, homeName, homeNamed } from '../../core/site/location.ts'
import { hasCode } from '../durable-files/replace-file.ts'
import { releaseDirectory } from './clear-directory.ts'
import { diskEntries, type HeldTree, holdTree, unlessGone } from './held-tree.ts'

export interface DirectoryStorage extends SiteStorage {
  /** The path of a data directory, whether or not it exists. @throws {TypeError} where the id is not a site's. */
  readonly directoryOf: (home: DataHome) => string
  /**
   * Gives all data of a site to the site's user: it may stem from plain processes.
   * @param blueprint names the owner, and subdirectories that are made. @throws {SitewrightError} `LaunchFailed` if one of them is
   *   something else, such as a link.
   */
  readonly handOver: (home: DataHome, blueprint?: Blueprint) => Promise<void>
}

const giveTree = async (root: string, user: SiteUser): Promise<void> => {
  await lchown(root, user.uid, user.gid)
  for await (const { place, stat } of diskEntries(root)) {
    if (Number(stat.uid) !== user.uid || Number(stat.gid) !== user.gid) {
      await lchown(place, user.uid, user.gid).catch(unlessGone)
    }
  }
}

/** The subdirectories of the data directory that containers see elsewhere. */
export const mountedDirectories = (blueprint: Blueprint | undefined): readonly string[] => [
  ...new Set(blueprint?.containers.flatMap(({ mounts = [] }) => mounts.map(({ directory }) => directory))),
]

/** An engine would follow a link out of the data directory. */
const makeMounted = async (path: Buffer, name: string): Promise<void> => {
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (!hasCode(error, 'EEXIST')) throw error
  })
  if ((await lstat(path)).isDirectory()) return
  throw new SitewrightError('LaunchFailed', `The data directory has something else than a directory at '${name}'.`)
}

const makeMountedIn = async (tree: Pick<HeldTree, 'place'>, blueprint: Blueprint | undefined): Promise<void> => {
  for (const mounted of mountedDirectories(blueprint)) await makeMounted(tree.place(mounted), mounted)
}

/** @throws {SitewrightError} `LaunchFailed` if one of them is something else than a directory. */
export const makeMountedDirectories = async (directory: string, blueprint: Blueprint): Promise<void> => {
  if (mountedDirectories(blueprint).length === 0) return
  using tree = holdTree(directory)
  await makeMountedIn(tree, blueprint)
}

/** Keeps each site's data in a directory of its own below `root`, closed to other users of the machine. */
export const createSiteStorage = (options: {
  readonly root: string
  /** The name of the cell whose sites' data this is. */
  readonly cell?: string
  readonly userOf?: (siteId: SiteId) => SiteUser
  /** Whether this process may change a file's owner. */
  readonly mayGiveAway?: boolean
}): DirectoryStorage => {
  const { root, cell = homeCell, userOf = siteUser, mayGiveAway = process.getuid?.() === 0 } = options
  const directoryOf = (home: DataHome): string => {
    if (!isId('site', home.siteId)) throw new TypeError('site storage: this is not the id of a site')
    return join(root, homeName(home))
  }
  return {
    directoryOf,
    prepare: async (home, owner = userOf(home.siteId)) => {
      const directory = directoryOf(home)
      await mkdir(directory, { recursive: true, mode: 0o700 })
      // The mode given to mkdir is subject to the umask, and is ignored for a directory that exists.
      await chmod(directory, 0o700)
      if (mayGiveAway) await lchown(directory, owner.uid, owner.gid)
    },
    handOver: async (home, blueprint) => {
      const directory = directoryOf(home)
      using tree = holdTree(directory)
      await makeMountedIn(tree, blueprint)
      if (mayGiveAway) await giveTree(directory, blueprint?.data.owner ?? userOf(home.siteId))
    },
    list: async () => (await readdir(root)).flatMap((name) => homeNamed(name, cell) ?? []),
    remove: async (home) => {
      await releaseDirectory(directoryOf(home))
    },
  }
}

/** Who a site's containers run as and its data belongs to. */
export type SiteUser = DataOwner

const firstId = 0x7000_0000
const lastId = 0x77ff_ffff

/** The account of all sites where a user namespace, as of an unprivileged container, lacks the ids of sites. */
const sharedId = 10_001

/** Whether a map of ids, as in `/proc/self/uid_map`, has those of sites: user_namespaces(7). */
export const hasSiteIds = (map: string): boolean =>
  map.split('\n').some((line) => {
    const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number)
    return first <= firstId && first + count > lastId
  })

let mapped: boolean | undefined

const mapsSiteUsers = (): boolean => {
  mapped ??= ['uid', 'gid'].every((kind) => {
    const path = `/proc/self/${kind}_map`
    return !existsSync(path) || hasSiteIds(readFileSync(path, 'utf8'))
  })
  return mapped
}

/**
 * No distribution gives out 0x70000000 to 0x77ffffff, so such an account owns nothing else on the machine. Two of a thousand
 * sites share one with a probability of 0.4 %. Source: "Users, Groups, UIDs and GIDs on systemd Systems".
 */
const ownAccount = (siteId: SiteId): SiteUser => {
  if (!mapsSiteUsers()) return { uid: sharedId, gid: sharedId }
  const id = firstId + (createHash('sha256').update(siteId).digest().readUInt32BE() >>> 5)
  return { uid: id, gid: id }
}

/**
 * The owner of a site's data: where the host runs as root, an account of the site's own without any rights. Another host
 * cannot give files away, so all its sites run as its own user: in Docker's group, or with rootless Podman.
 */
export const siteUser = (
  siteId: SiteId,
  uid: number | undefined = process.getuid?.(),
  gid: number | undefined = process.getgid?.(),
): SiteUser => (uid === undefined || gid === undefined || uid === 0 ? ownAccount(siteId) : { uid, gid })

/** The size of a block of lstat. */
const blockBytes = 512

/** The least that an entry without content counts: a million empty files take space as well. */
const entryBytes = 512

/** Each level keeps two descriptors open. No application needs as many; deeper data fails the measurement. */
const deepest = 100

/** Adds up the contents of a directory; undefined where there is none. A file with several names counts once. */
const bytesBelow = async (root: string): Promise<number | undefined> => {
  using tree = holdTree(root)
  const counted = new Set<string>()

  const bytesIn = async (directory: string, depth: number): Promise<number> => {
    if (depth > deepest) throw new Error(`directories are nested deeper than ${deepest}`)
    let bytes = 0
    // A name is bytes, and need not be text: this way each byte is a character, and none is lost.
    for await (const { name } of await opendir(tree.inside(directory), { encoding: 'latin1', bufferSize: 128 })) {
      bytes += await bytesOf(directory === '' ? name : `${directory}/${name}`, depth).catch(noneIfGone)
    }
    return bytes
  }

  const bytesOf = async (path: string, depth: number): Promise<number> => {
    const entry = await lstat(tree.place(path))
    if (entry.nlink > 1 && !entry.isDirectory()) {
      const inode = `${entry.dev}:${entry.ino}`
      if (counted.has(inode)) return 0
      counted.add(inode)
    }
    const bytes = Math.max(entryBytes, entry.blocks * blockBytes)
    return entry.isDirectory() ? bytes + (await bytesIn(path, depth + 1).catch(noneIfGone)) : bytes
  }

  return await bytesIn('', 0).catch(unlessGone)
}

const noneIfGone = (error: unknown): number => unlessGone(error) ?? 0

/**
 * Measures data directories in blocks as `du` does, one entry after the other, so that other work continues in between.
 * For Linux.
 * @throws {Error} from `measure` if something cannot be read: nothing is hidden from the limit.
 */
export const createDirectoryMeter = ({ directoryOf }: Pick<DirectoryStorage, 'directoryOf'>): StorageMeter => ({
  measure: (home) => bytesBelow(directoryOf(home)),
})
