import { existsSync } from 'node:fs'
import { appendFile, lstat, readdir, readFile, stat } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { SiteFile } from '../../../core/blueprint/site-file.ts'

const pollMilliseconds = 500

/** What programs and tools write by themselves, and no build needs. */
export const devDirectory = '.sitewright-dev'
const ignored: ReadonlySet<string> = new Set([devDirectory, '.git', 'node_modules', '.cache', '__pycache__', '.venv'])

/** What is behind a link counts too, but no directory below the first one: links may lead in circles. */
const stateOf = async (path: string, read = lstat): Promise<readonly string[]> => {
  const own = await read(path).catch(() => undefined)
  const found = own?.isSymbolicLink() ? await stat(path).catch(() => undefined) : own
  if (found === undefined) return [`${path} is not there`]
  if (found !== own || !found.isDirectory()) return [`${path} ${found.mtimeMs} ${found.size}`]
  const names = await readdir(path).catch(() => [])
  const parts = await Promise.all(names.filter((name) => !ignored.has(name)).map((name) => stateOf(join(path, name))))
  return parts.flat()
}

/**
 * Watches files and directories. It reads them again and again: what systems tell of changes differs, and misses some.
 * @returns a function that waits for a change, and until there was none for a moment. It resolves at the signal, too.
 */
export const watchFiles = async (paths: readonly string[]): Promise<(signal: AbortSignal) => Promise<void>> => {
  const check = async () => (await Promise.all(paths.map((path) => stateOf(path, stat)))).flat().join('\n')
  const first = await check()
  return async (signal) => {
    for (let before = first; !signal.aborted; ) {
      await pause(pollMilliseconds, undefined, { signal }).catch(() => undefined)
      const now = await check()
      if (now === before && now !== first) return
      before = now
    }
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
