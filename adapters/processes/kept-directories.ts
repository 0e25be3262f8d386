import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { lstat, mkdir, readdir, readFile, readlink, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { LogEvent } from '../../core/log-events.ts'
import type { Log } from '../../core/ports/context.ts'
import type { BlueprintReader } from '../../lambdas/blueprints/ports.ts'
import { isOwnBlueprint } from '../../lambdas/deployments/deployment.ts'
import { unlessMissing } from '../durable-files/replace-file.ts'
import { oneAtATime } from '../site-runtime/pacing.ts'

/** A directory with more is not kept. */
const maxBytes = 128 * 2 ** 20
const maxEntries = 20_000

/** The history of the source, and what programs write beside it: no part of a version. */
const leftOut: ReadonlySet<string> = new Set(['.git', '.cache', '.compile-cache', '.sitewright-dev', '__pycache__'])

/** Names the version of a directory's files. */
interface DirectoryOf {
  readonly blueprint: Pick<Blueprint, 'name' | 'version'>
  readonly container: string
  /** Where the blueprint says that they are. */
  readonly directory: string
}

interface Entry {
  /** Relative to the directory. */
  readonly name: string
  readonly kind: 'directory' | 'file' | 'link'
}

/** @param apart below the directory, and no part of it. */
const entriesOf = async function* (directory: string, apart: string, path = ''): AsyncGenerator<Entry> {
  const found = await readdir(join(directory, path), { withFileTypes: true })
  for (const entry of found.toSorted((one, other) => (one.name < other.name ? -1 : 1))) {
    const name = join(path, entry.name)
    if (leftOut.has(entry.name) || join(directory, name) === apart) continue
    if (entry.isFile()) yield { name, kind: 'file' }
    if (entry.isSymbolicLink()) yield { name, kind: 'link' }
    if (!entry.isDirectory()) continue
    yield { name, kind: 'directory' }
    yield* entriesOf(directory, apart, name)
  }
}

/** Where a link leads: from a copy of the directory, what is outside would be elsewhere. */
const targetOf = async (directory: string, link: string): Promise<string> => {
  const target = await readlink(link)
  const whole = resolve(dirname(link), target)
  return isAbsolute(target) || whole.startsWith(`${directory}/`) ? target : whole
}

const copyEntry = async ({ kind }: Entry, content: Buffer | string, mode: number, to: string): Promise<void> => {
  if (kind === 'directory') await mkdir(to, { mode: 0o700 })
  else if (kind === 'link') await symlink(content, to)
  else await writeFile(to, content, { mode: (mode & 0o777) | 0o600 })
}

/**
 * Reads all files of a directory.
 * @param apart below it, and no part of it.
 * @param copy where they are written too.
 * @returns a digest of their names and contents; undefined if they are too many.
 */
export const readFiles = async (directory: string, apart: string, copy?: string): Promise<string | undefined> => {
  const digest = createHash('sha256')
  let bytes = 0
  let entries = 0
  for await (const entry of entriesOf(directory, apart)) {
    const { name, kind } = entry
    const place = join(directory, name)
    const { size, mode } = await lstat(place)
    entries += 1
    bytes += kind === 'file' ? size : 0
    if (entries > maxEntries || bytes > maxBytes) return undefined
    const other = kind === 'link' ? await targetOf(directory, place) : ''
    const content = kind === 'file' ? await readFile(place) : other
    const isProgram = kind === 'file' && (mode & 0o100) !== 0
    digest.update(JSON.stringify([name, kind, isProgram, content.length])).update(content)
    if (copy !== undefined) await copyEntry(entry, content, mode, join(copy, name))
  }
  return digest.digest('hex').slice(0, 32)
}

/** The packages that Node.js finds above a directory. */
const packagesAbove = (directory: string): string | undefined => {
  const above = dirname(directory)
  const packages = join(above, 'node_modules')
  if (existsSync(packages)) return packages
  return above === directory ? undefined : packagesAbove(above)
}

/**
 * Keeps the files of a version of a blueprint as they are when its first site starts, so that older versions start what they were published
 * with. The newest version runs in its directory, with what is edited there. An older one does while nothing has changed, and otherwise from
 * the copy.
 * @param home has the copies, as `versions/<blueprint>/<version>/<container>/<digest>/files`.
 * @returns a function that says where the processes of a version run now.
 */
export const keepDirectories = (options: {
  readonly home: string
  readonly blueprints: Pick<BlueprintReader, 'latest' | 'status'>
  readonly log: Pick<Log, 'info' | 'warn'>
}): ((of: DirectoryOf) => Promise<string>) => {
  const { home, blueprints, log } = options
  const root = join(home, 'versions')
  const exclusively = oneAtATime()
  /** Where the processes of a container of a version ran last. */
  const known = new Map<string, string>()
  const said = new Set<string>()

  const warnOnce = (
    { event }: { readonly event: LogEvent },
    { blueprint: { name, version }, directory }: DirectoryOf,
    message: string,
  ): void => {
    const line = [event, name, version, directory].join(' ')
    if (!said.has(line)) log.warn({ event, blueprint: name, version, directory }, message)
    said.add(line)
  }

  const keep = async ({ directory }: DirectoryOf, place: string): Promise<string | undefined> => {
    const unfinished = `${place}.unfinished`
    await rm(unfinished, { recursive: true, force: true })
    await mkdir(join(unfinished, 'files'), { recursive: true, mode: 0o700 })
    const digest = await readFiles(directory, home, join(unfinished, 'files'))
    await rm(place, { recursive: true, force: true })
    if (digest === undefined) {
      await rm(unfinished, { recursive: true, force: true })
      return undefined
    }
    const packages = packagesAbove(directory)
    if (packages !== undefined) await symlink(packages, join(unfinished, 'node_modules'))
    await mkdir(place)
    await rename(unfinished, join(place, digest))
    return digest
  }

  const checkNewest = async (of: DirectoryOf, place: string, isPublished: boolean): Promise<void> => {
    const [kept] = (await unlessMissing(readdir(place))) ?? []
    if (kept !== undefined && isPublished) {
      if ((await readFiles(of.directory, home)) === kept) return
      warnOnce({ event: 'blueprint-files-changed' }, of, 'the files of a version changed; publish a new version')
    } else if ((await keep(of, place)) === undefined) {
      const advice = 'a directory is too large to copy; give each version one of its own'
      warnOnce({ event: 'blueprint-files-not-kept' }, of, advice)
    }
  }

  const whereOlder = async (of: DirectoryOf, place: string): Promise<string> => {
    const [kept] = (await unlessMissing(readdir(place))) ?? []
    if (kept === undefined) {
      const message = 'an older version starts with the files of now: there is no copy of its own'
      warnOnce({ event: 'blueprint-files-not-kept' }, of, message)
      return of.directory
    }
    // A build may be changing the directory at this moment.
    const present = existsSync(of.directory) ? await readFiles(of.directory, home).catch(() => undefined) : undefined
    return present === kept ? of.directory : join(place, kept, 'files')
  }

  const choose = async (of: DirectoryOf, place: string): Promise<string> => {
    const { name, version } = of.blueprint
    const [latest, status] = await Promise.all([blueprints.latest(name), blueprints.status(name)])
    const isPublished = latest !== undefined && version <= latest.version
    const isNewest = version >= Math.max(latest?.version ?? 0, status?.draft?.blueprint.version ?? 0)
    const before = known.get(place)
    // A copy stays necessary, and what is edited while the host runs is of the newest version.
    if (before !== undefined && (before !== of.directory || (isNewest && isPublished))) return before
    const isLive = isNewest && existsSync(of.directory)
    if (isLive) await checkNewest(of, place, isPublished)
    const where = isLive ? of.directory : await whereOlder(of, place)
    known.set(place, where)
    return where
  }

  return async (of) => {
    // A snapshot is a copy already.
    if (isOwnBlueprint(of.blueprint.name)) return of.directory
    const place = join(root, of.blueprint.name, String(of.blueprint.version), of.container)
    return exclusively(place, () =>
      choose(of, place).catch((err: unknown) => {
        log.warn(
          { event: 'blueprint-files-not-kept', err, blueprint: of.blueprint.name },
          'the files of a version cannot be read or copied',
        )
        return of.directory
      }),
    )
  }
}
