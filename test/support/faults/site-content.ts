import { createHash, randomBytes } from 'node:crypto'
import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A line for each entry of a data directory: its path, its kind, its mode and what it holds. */
export type SiteContent = readonly string[]

const lineOf = async (root: string, path: string): Promise<string> => {
  const place = join(root, path)
  const stat = await lstat(place)
  const mode = (stat.mode & 0o7777).toString(8)
  if (stat.isSymbolicLink()) return `${path} -> ${await readlink(place)}`
  if (stat.isDirectory()) return `${path}/ ${mode}`
  return `${path} ${mode} ${stat.size} ${createHash('sha256')
    .update(await readFile(place))
    .digest('hex')}`
}

/** What visitors write all the time: compared by itself. */
const writtenFile = 'written'

/** What visitors have written into a data directory. */
export const readWritten = async (root: string): Promise<readonly string[]> => {
  const text = await readFile(join(root, writtenFile), 'utf8').catch(() => '')
  return text.split('\n').filter(Boolean)
}

/** The content of a data directory, in the order of the paths. */
export const readContent = async (root: string): Promise<SiteContent> => {
  const paths = (await readdir(root, { recursive: true })).filter((path) => path !== writtenFile).toSorted()
  return Promise.all(paths.map((path) => lineOf(root, path)))
}

/** Writes the file `kept` again, as an application does in use. */
export const writeMore = async (root: string): Promise<SiteContent> => {
  await writeFile(join(root, 'kept'), randomBytes(24).toString('hex'))
  return readContent(root)
}

/** Puts something into a data directory as an application would; its file `kept` is different each time. */
export const writeContent = async (root: string): Promise<SiteContent> => {
  await writeFile(join(root, 'kept'), randomBytes(24).toString('hex'), { mode: 0o640 })
  await mkdir(join(root, 'uploads', 'empty'), { recursive: true, mode: 0o750 })
  await writeFile(join(root, 'uploads', 'an odd näme\n'), randomBytes(5000), { mode: 0o600 })
  await symlink('../kept', join(root, 'uploads', 'latest'))
  return readContent(root)
}
