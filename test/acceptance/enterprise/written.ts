import { execFile } from 'node:child_process'
import { mkdtempDisposable, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { promisify } from 'node:util'
import { zstdDecompressSync } from 'node:zlib'
import { check } from '../expectations.ts'
import { download } from '../story-api.ts'

/** The texts of the entries in an archive. */
const entriesIn = async (archive: Buffer): Promise<readonly string[]> => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-story-archive-'))
  const file = join(temporary.path, 'data.tar')
  await writeFile(file, zstdDecompressSync(archive))
  await promisify(execFile)('tar', ['--extract', '--file', file, '--directory', temporary.path, '--no-same-owner'])
  const found = (await readdir(temporary.path, { recursive: true })).find((name) => name.endsWith('entries.sqlite'))
  if (found === undefined) throw new Error('The archive has no entries.')
  const database = new DatabaseSync(join(temporary.path, found))
  const rows = database.prepare('SELECT text FROM entries').all()
  database.close()
  return rows.map(({ text }) => String(text))
}

const doubledIn = (texts: readonly string[], ids: readonly string[]): readonly string[] => {
  const counts = Map.groupBy(texts, (text) => text)
  return ids.filter((id) => (counts.get(id)?.length ?? 0) > 1)
}

interface Writes {
  readonly acknowledged: readonly string[]
  /** The entries that the site shows. */
  readonly serving: readonly string[]
  /** The site's archives, as its record names them. */
  readonly archives: readonly { readonly id: string; readonly link: string }[]
}

/**
 * Finds each acknowledged write in the data that serves, or in an archive.
 * @throws {Error} that names what is lost or doubled.
 * @returns a line for the timeline.
 */
export const findWrites = async ({ acknowledged, serving, archives }: Writes): Promise<string> => {
  check('writes that are there twice', doubledIn(serving, acknowledged), [])
  const here = new Set(serving)
  let missing = acknowledged.filter((id) => !here.has(id))
  const counts = [`${acknowledged.length - missing.length} in the serving data`]
  for (const { id, link } of archives) {
    if (missing.length === 0) break
    const entries = await entriesIn(await download(link))
    check(`writes that are twice in ${id}`, doubledIn(entries, acknowledged), [])
    const there = new Set(entries)
    const left = missing.filter((text) => !there.has(text))
    if (left.length < missing.length) counts.push(`${missing.length - left.length} in the archive ${id}`)
    missing = left
  }
  check('acknowledged writes that are lost', missing, [])
  return `${acknowledged.length} acknowledged: ${counts.join(', ')}; 0 lost, 0 doubled`
}
