import { once } from 'node:events'
import { access, constants, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import * as z from 'zod'
import { hasCode, replaceFile, unfinishedSuffix } from '../../adapters/durable-files/replace-file.ts'
import { readHomeIdentity } from './home-identity.ts'
import { readJsonFile } from './read-json-file.ts'
import { homeFailure, StartUpError } from './start-up-error.ts'

const busy = 5 // SQLITE_BUSY, https://www.sqlite.org/rescode.html

const isBusy = (error: unknown): boolean => error instanceof Error && 'errcode' in error && error.errcode === busy

/**
 * Takes a lock that ends with this process, however it ends: an open SQLite transaction that never writes holds a lock of
 * the operating system.
 * @returns a function that releases it, or undefined if another process holds it.
 */
export const takeLock = (path: string): (() => void) | undefined => {
  const database = new DatabaseSync(path, { timeout: 0 })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE')
  } catch (error) {
    database.close()
    if (isBusy(error)) return
    throw error
  }
  return () => {
    if (database.isOpen) database.close()
  }
}

const directoryNames = ['archives', 'database', 'data', 'logs', 'mail', 'reports', 'run'] as const

/** The directory in which a one-machine host keeps everything. It is held by one host at a time. */
export interface Home {
  /** Absolute. */
  readonly directory: string
  /** 16 hexadecimal digits, the same for the home's life; labels its containers and child processes. */
  readonly id: string
  /** Absolute paths of existing directories: `data` for the sites' data, `archives` for copies of it, `run` for the running host. */
  readonly directories: Readonly<Record<(typeof directoryNames)[number], string>>
  /** Records where this host answers, for the message of a second host. */
  readonly announce: (host: { readonly port: number }) => Promise<void>
  /** Releases the home. Stop everything that uses it first. */
  readonly release: () => Promise<void>
}

const hostSchema = z.strictObject({ pid: z.int(), port: z.int().optional() })

const describeHolder = async (hostFile: string): Promise<string> => {
  const host = await readJsonFile(hostFile, hostSchema)
  if (host.found !== 'content') return ''
  const { pid, port } = host.content
  return port === undefined ? ` (pid ${pid})` : ` (pid ${pid}, port ${port})`
}

const makeDirectory = async (directory: string): Promise<string> => {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  return directory
}

/** The caller must hold the lock, so that nobody else writes. */
const removeUnfinishedFiles = async (directory: string): Promise<void> => {
  const unfinished = (await readdir(directory)).filter((name) => name.endsWith(unfinishedSuffix))
  await Promise.all(unfinished.map((name) => rm(join(directory, name), { force: true })))
}

/** Where the home is: `SITEWRIGHT_HOME`, or `.sitewright` in the working directory. */
export const homeDirectory = (environment: NodeJS.ProcessEnv): string =>
  resolve(environment['SITEWRIGHT_HOME'] || '.sitewright')

/** Files of two users would lock one of them out, and a site out of its data. */
const requireSameUser = async (root: string): Promise<void> => {
  const found = await stat(join(root, 'home.json')).catch(() => undefined)
  const user = process.geteuid?.()
  if (found === undefined || user === undefined || found.uid === user) return
  throw new StartUpError(
    `${root} belongs to user ${found.uid}, and this runs as user ${user}: start it as user ${found.uid}, or give this one ` +
      `the whole home with: chown -R ${user} ${root}`,
  )
}

/**
 * The home of a host that may run, for a command beside it.
 * @throws {Error} if there is none, or this user may not read it. @throws {StartUpError} for another user than that of the host.
 */
export const findHome = async (environment: NodeJS.ProcessEnv): Promise<string> => {
  const directory = homeDirectory(environment)
  await stat(join(directory, 'secrets.json')).catch((error: NodeJS.ErrnoException) => {
    throw new Error(
      error.code === 'EACCES'
        ? `${directory} cannot be read by this user: run this as the user of the host`
        : `${directory} is not the home of a host; set SITEWRIGHT_HOME`,
    )
  })
  await requireSameUser(directory)
  return directory
}

/** Where a restore writes a home, and from where it moves it once it is whole. Its identity is moved last. */
export const [restoringName, restoredName] = ['restoring', 'restored'] as const

const refuseRestoring = async (root: string): Promise<void> => {
  const names = await readdir(root)
  if (names.includes('home.json') || !names.some((name) => name === restoringName || name === restoredName)) return
  throw new StartUpError(
    `a restore to ${root} has not ended; wait for its end, or repeat it. To start with an empty home instead, empty the directory`,
  )
}

/**
 * Holds an identity on this machine, where a copy of a home has the same: its host would end what the other one runs. On Linux alone, where
 * the name of an abstract socket ends with the process.
 * @returns a function that releases it.
 */
const holdIdentity = async (homeId: string, root: string): Promise<() => void> => {
  if (process.platform !== 'linux') return () => undefined
  const holder = createServer((socket) => void socket.destroy()).unref()
  try {
    await once(holder.listen(`\0sitewright-${homeId}`), 'listening')
  } catch (error) {
    if (!hasCode(error, 'EADDRINUSE')) throw error
    throw new StartUpError(
      `${root} and the home of a host that runs on this machine are copies of each other, and each host would end the sites of the other; ` +
        'stop that host, or set SITEWRIGHT_HOME to another directory',
    )
  }
  return () => void holder.close()
}

/** In bytes. SQLite opens no file whose path is longer than 512, and plain processes have theirs in the home, too. */
const longestHome = 400

const openAlone = async (directory: string): Promise<Home> => {
  const bytes = Buffer.byteLength(directory)
  if (bytes > longestHome) {
    throw new StartUpError(
      `the path of the home has ${bytes} bytes, and databases take no more than ${longestHome}; set SITEWRIGHT_HOME to another directory`,
    )
  }
  const root = await makeDirectory(directory)
  // Checked here, because the lock's error would only say that it cannot be opened.
  await access(root, constants.R_OK | constants.W_OK | constants.X_OK)
  await requireSameUser(root)
  await refuseRestoring(root)
  const hostFile = join(root, 'host.json')
  const release = takeLock(join(root, 'lock.sqlite'))
  if (release === undefined) {
    throw new StartUpError(
      `another host${await describeHolder(hostFile)} already runs on ${root}; ` +
        'stop it, or set SITEWRIGHT_HOME to another directory',
    )
  }
  let releaseIdentity = (): void => undefined
  try {
    const describeSelf = (host: { readonly port?: number }) =>
      replaceFile(hostFile, JSON.stringify({ pid: process.pid, ...host }))
    await removeUnfinishedFiles(root)
    await describeSelf({})
    const { homeId } = await readHomeIdentity(root)
    releaseIdentity = await holdIdentity(homeId, root)
    const make = (name: (typeof directoryNames)[number]) => makeDirectory(join(root, name))
    return {
      directory: root,
      id: homeId,
      directories: {
        archives: await make('archives'),
        database: await make('database'),
        data: await make('data'),
        logs: await make('logs'),
        mail: await make('mail'),
        reports: await make('reports'),
        run: await make('run'),
      },
      announce: describeSelf,
      release: async () => {
        await rm(hostFile, { force: true })
        releaseIdentity()
        release()
      },
    }
  } catch (error) {
    releaseIdentity()
    release()
    throw error
  }
}

/**
 * Opens the home for this process alone, and creates it if necessary. The lock ends with the process, `kill -9` included.
 * @throws {StartUpError} if it cannot be created or written, another host runs on it, another version wrote it, or
 *   it is damaged.
 */
export const openHome = async (directory: string): Promise<Home> => {
  const root = resolve(directory)
  try {
    return await openAlone(root)
  } catch (error) {
    throw homeFailure(error, root) ?? error
  }
}
