import { existsSync } from 'node:fs'
import { appendFile, readFile } from 'node:fs/promises'
import { join, relative, resolve } from 'node:path'
import type { SiteFile } from '../../../core/blueprint/site-file.ts'
import { devDirectory } from './watch.ts'

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
