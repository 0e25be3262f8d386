import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { isAbsolute, join, normalize, sep } from 'node:path'
import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { choosesCode } from '../../core/blueprint/variables.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import { inOrder } from '../../core/in-order.ts'
import { type OwnSoftware, type Sources, siteOfOwnBlueprint } from '../../lambdas/deployments/deployment.ts'
import { hasCode, unlessMissing } from '../durable-files/replace-file.ts'
import { readFiles } from './kept-directories.ts'

/** Below the home, as `snapshots/<site>/<snapshot>/files`, with the file that was deployed beside them. */
const placeOf = (siteId: SiteId): string => join('snapshots', siteId)

/** Where the files of a snapshot are, relative to the home. */
const snapshotFiles = (siteId: SiteId, id: string): string => join(placeOf(siteId), id, 'files')

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

const isThere = (error: unknown): boolean => hasCode(error, 'EEXIST', 'ENOTEMPTY')

/**
 * Copies the files of a directory, and what is to run of them, into the home of a host. Whoever runs this could also start the program: a token alone
 * cannot. The same content has the same id, unless what was taken before has changed since.
 * @param options.file the content of `sitewright.yaml`.
 * @returns the snapshot's id.
 * @throws {SitewrightError} `PayloadTooLarge`.
 */
export const takeSnapshot = async (options: {
  readonly home: string
  readonly siteId: SiteId
  readonly directory: string
  readonly file: object
}): Promise<string> => {
  const { home, siteId, directory, file } = options
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
    for (let copy = 0; ; copy += 1) {
      const content = `${digest}\n${text}${copy || ''}`
      const id = createHash('sha256').update(content).digest('hex').slice(0, 32)
      const place = join(root, id)
      const isTaken = await rename(unfinished, place).then(
        () => false,
        (error: unknown) => isThere(error) || Promise.reject(error),
      )
      if (!isTaken) return id
      // A program may have changed the files where it runs. It keeps them.
      const found = await readFiles(join(place, 'files'), home).catch(() => undefined)
      if (found !== digest || (await fileOfSnapshot(home, siteId, id)) !== text) continue
      const now = new Date()
      await utimes(place, now, now)
      return id
    }
  } finally {
    await rm(unfinished, { recursive: true, force: true })
  }
}

/** Lets an environment run the snapshots of its production: its place is a link to theirs. */
const shareSnapshots = async (home: string, environment: SiteId, production: SiteId): Promise<void> => {
  await symlink(production, join(home, placeOf(environment))).catch((error: unknown) => {
    if (!isThere(error)) throw error
  })
}

/** The file that a snapshot was taken with, as text in order; undefined where there is no such snapshot of the site. */
const fileOfSnapshot = async (home: string, siteId: SiteId, id: string): Promise<string | undefined> =>
  unlessMissing(readFile(join(home, placeOf(siteId), id, 'file.json'), 'utf8'))

/** In milliseconds: a snapshot may be that old before somebody asks to deploy it. */
const newFor = 60 * 60_000

export const removeSnapshots = (home: string, siteId: SiteId): Promise<void> =>
  rm(join(home, placeOf(siteId)), { recursive: true, force: true })

/** Removes the other snapshots of a site, whole or not, but new ones. */
export const keepSnapshots = async (home: string, siteId: SiteId, kept: ReadonlySet<string>): Promise<void> => {
  const root = join(home, placeOf(siteId))
  const found = await readdir(root).catch(() => [])
  for (const name of found) {
    if (kept.has(name)) continue
    const { mtimeMs } = (await unlessMissing(stat(join(root, name)))) ?? { mtimeMs: Date.now() }
    if (Date.now() - mtimeMs > newFor) await rm(join(root, name), { recursive: true, force: true })
  }
}

const refuse = (path: string, message: string): SitewrightError =>
  new SitewrightError('BlueprintInvalid', message, { fields: [{ path, message }] })

/** Every container runs from the snapshot, and nowhere else. */
const fromSnapshot = (blueprint: Blueprint, files: string): Blueprint => ({
  ...blueprint,
  containers: blueprint.containers.map((container, index) => {
    const path = `containers.${index}.process`
    if (container.process === undefined) throw refuse(path, 'is missing: here sites run as plain processes.')
    const open = [...(container.variables ?? []), ...container.secrets].find(choosesCode)
    if (open !== undefined) {
      const what = `'${open}' can make a plain process run other code: write its value in \`process.environment\`.`
      throw refuse(`containers.${index}`, what)
    }
    const within = normalize(container.process.directory)
    if (isAbsolute(within) || within.startsWith('..')) throw refuse(`${path}.directory`, 'must be below the file.')
    return { ...container, process: { ...container.process, directory: join(files, within) } }
  }),
})

/**
 * The software of accounts on a host that runs plain processes: only what a command on the machine itself has put into the home. A token alone
 * runs nothing on the machine, neither other files nor other commands.
 */
export const snapshotSoftware = (home: string): OwnSoftware => ({
  pushAccess: async () => {
    const message = 'Here sites run as plain processes, so there is no registry. Run `deploy` on the machine itself.'
    throw new SitewrightError('NoRegistry', message)
  },
  pin: async (blueprint, { siteId, snapshot }: Sources, file) => {
    const taken = snapshot === undefined ? undefined : await fileOfSnapshot(home, siteId, snapshot)
    if (snapshot === undefined || taken === undefined) {
      const message = 'Here sites run as plain processes. Run `deploy` on the machine itself: it takes a snapshot.'
      throw refuse('snapshot', message)
    }
    if (taken !== inOrder(file)) throw refuse('file', 'The snapshot was taken with another file. Deploy again.')
    const runner = siteOfOwnBlueprint(blueprint.name) ?? siteId
    if (runner !== siteId) await shareSnapshots(home, runner, siteId)
    return fromSnapshot(blueprint, snapshotFiles(runner, snapshot))
  },
  keepOnly: (siteId, kept) =>
    keepSnapshots(home, siteId, new Set(kept.flatMap(({ snapshot }) => (snapshot === undefined ? [] : [snapshot])))),
  remove: (siteId) => removeSnapshots(home, siteId),
})
