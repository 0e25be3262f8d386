import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import { inOrder } from '../../core/in-order.ts'
import { hasCode } from '../durable-files/replace-file.ts'
import { readFiles } from './kept-directories.ts'

/** Below the home, as `snapshots/<site>/<snapshot>/files`, with the file that was deployed beside them. */
const placeOf = (siteId: SiteId): string => join('snapshots', siteId)

/** Where the files of a snapshot are, relative to the home. */
export const snapshotFiles = (siteId: SiteId, id: string): string => join(placeOf(siteId), id, 'files')

/**
 * Where a path of a site's own software is.
 * @throws {SitewrightError} `BlueprintInvalid` outside of the site's snapshots: only a person on this machine puts something there.
 */
export const pathInSnapshot = (home: string, siteId: SiteId, path: string): string => {
  const resolved = join(home, path)
  if (resolved.startsWith(join(home, placeOf(siteId)) + sep)) return resolved
  throw new SitewrightError(
    'BlueprintInvalid',
    `${siteId} was not deployed from this machine: 'sitewright deploy' does that.`,
  )
}

const isThere = (error: unknown): boolean => hasCode(error, 'EEXIST') || hasCode(error, 'ENOTEMPTY')

/**
 * Copies the files of a directory, and what is to run of them, into the home of a host. Whoever runs this could also start the program: a token alone
 * cannot. The same content has the same id.
 * @param options.file the content of `sitewright.yaml`.
 * @returns the snapshot's id.
 * @throws {SitewrightError} `PayloadTooLarge`.
 */
export const takeSnapshot = async ({
  home,
  siteId,
  directory,
  file,
}: {
  readonly home: string
  readonly siteId: SiteId
  readonly directory: string
  readonly file: object
}): Promise<string> => {
  const root = join(home, placeOf(siteId))
  const unfinished = join(root, `${process.pid}.unfinished`)
  await rm(unfinished, { recursive: true, force: true })
  await mkdir(join(unfinished, 'files'), { recursive: true, mode: 0o700 })
  try {
    const digest = await readFiles(directory, home, join(unfinished, 'files'))
    if (digest === undefined) {
      const message = `${directory} has more than 128 MiB or 20,000 files: leave out what the program does not need.`
      throw new SitewrightError('PayloadTooLarge', message)
    }
    const text = inOrder(file)
    await writeFile(join(unfinished, 'file.json'), text)
    const id = createHash('sha256').update(`${digest}\n${text}`).digest('hex').slice(0, 32)
    await rename(unfinished, join(root, id)).catch(async (error: unknown) => {
      if (!isThere(error)) throw error
      const now = new Date()
      await utimes(join(root, id), now, now)
    })
    return id
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** Lets an environment run the snapshots of its production: its place is a link to theirs. */
export const shareSnapshots = async (home: string, environment: SiteId, production: SiteId): Promise<void> => {
  await symlink(production, join(home, placeOf(environment))).catch((error: unknown) => {
    if (!isThere(error)) throw error
  })
}

/** The file that a snapshot was taken with, as text in order; undefined where there is no such snapshot of the site. */
export const fileOfSnapshot = async (home: string, siteId: SiteId, id: string): Promise<string | undefined> =>
  readFile(join(home, placeOf(siteId), id, 'file.json'), 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  })

/** In milliseconds: a snapshot may be that old before somebody asks to deploy it. */
const newFor = 60 * 60_000

export const removeSnapshots = (home: string, siteId: SiteId): Promise<void> =>
  rm(join(home, placeOf(siteId)), { recursive: true, force: true })

/** Removes the other snapshots of a site, but new ones. */
export const keepSnapshots = async (home: string, siteId: SiteId, kept: ReadonlySet<string>): Promise<void> => {
  const root = join(home, placeOf(siteId))
  const found = await readdir(root).catch(() => [])
  for (const name of found) {
    if (kept.has(name) || !/^[0-9a-f]{32}$/.test(name)) continue
    const { mtimeMs } = await stat(join(root, name))
    if (Date.now() - mtimeMs > newFor) await rm(join(root, name), { recursive: true, force: true })
  }
}
