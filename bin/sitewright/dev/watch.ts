import { existsSync } from 'node:fs'
import { appendFile, lstat, readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { SiteFile } from '../../../core/blueprint/site-file.ts'

const pollMilliseconds = 500

/** What programs and tools write by themselves, and no build needs. */
export const devDirectory = '.sitewright-dev'
const ignored: ReadonlySet<string> = new Set([devDirectory, '.git', 'node_modules', '.cache', '__pycache__', '.venv'])

/** What plain processes write into their own directory as they run: caches of frameworks, logs and databases. A site cannot write there. */
const written = /^\.(?:next|nuxt|svelte-kit|turbo|vite|parcel-cache|pytest_cache)$|\.(?:log|pid|sqlite3?|db)(?:-\w+)?$/

type State = readonly (readonly [path: string, state: string])[]

/** What is behind a link counts too, but no directory below the first one: links may lead in circles. */
const stateOf = async (path: string, isLeftOut: (name: string) => boolean, read = lstat): Promise<State> => {
  const own = await read(path).catch(() => undefined)
  const found = own?.isSymbolicLink() ? await stat(path).catch(() => undefined) : own
  if (found === undefined) return [[path, 'is not there']]
  if (found !== own || !found.isDirectory()) return [[path, `${found.mtimeMs} ${found.size}`]]
  const names = (await readdir(path).catch(() => [])).filter((name) => !isLeftOut(name))
  return (await Promise.all(names.map((name) => stateOf(join(path, name), isLeftOut)))).flat()
}

type States = ReadonlyMap<string, string>

/** The first path that is not in both with the same state; undefined if all are. */
const changeOf = (one: States, other: States): string | undefined =>
  [...other.keys(), ...one.keys()].find((path) => one.get(path) !== other.get(path))

/**
 * Watches files and directories. It reads them again and again: what systems tell of changes differs, and misses some.
 * @returns a function that waits for a change, and until there was none for a moment. It resolves to a path that changed, or at the signal.
 */
export const watchFiles = async (
  paths: readonly string[],
  { isProcesses = false } = {},
): Promise<(signal: AbortSignal) => Promise<string | undefined>> => {
  const isLeftOut = (name: string): boolean => ignored.has(name) || (isProcesses && written.test(name))
  const check = async (): Promise<States> =>
    new Map((await Promise.all(paths.map((path) => stateOf(path, isLeftOut, stat)))).flat())
  const first = await check()
  return async (signal) => {
    for (let before = first; !signal.aborted; ) {
      await pause(pollMilliseconds, undefined, { signal }).catch(() => undefined)
      const now = await check()
      const change = changeOf(first, now)
      if (change !== undefined && changeOf(before, now) === undefined) return change
      before = now
    }
    return undefined
  }
}

/** What Docker and Podman read instead of `.dockerignore` where it is there. */
const preferred = (dockerfile: string) => [
  '.containerignore',
  `${dockerfile}.dockerignore`,
  `${dockerfile}.containerignore`,
]

/**
 * Keeps data and secrets of `dev` out of images: they would go to the registry.
 * @param base the directory of the file.
 */
export const keepOutOf = async (
  build: NonNullable<SiteFile['containers'][number]['build']>,
  base: string,
  note: (line: string) => void,
): Promise<void> => {
  const context = resolve(base, build.context)
  const directory = join(base, devDirectory)
  const path = relative(context, directory)
  if (path.startsWith('..') || !existsSync(directory)) return
  const files = preferred(build.dockerfile).map((name) => join(context, name))
  for (const file of [join(context, '.dockerignore'), ...files.filter((one) => existsSync(one))]) {
    const lines = await readFile(file, 'utf8').catch(() => '')
    if (lines.split('\n').some((line) => line.trim() === path)) continue
    await appendFile(file, `${lines === '' || lines.endsWith('\n') ? '' : '\n'}${path}\n`)
    note(`Added ${path} to ${file}`)
  }
}
