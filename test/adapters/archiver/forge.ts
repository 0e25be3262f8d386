import { createHash } from 'node:crypto'
import { compress } from '../../../adapters/archiver/compress.ts'
import { createManifestTally } from '../../../adapters/archiver/manifest.ts'
import { type ArchiveEntry, entryLine } from '../../../adapters/archiver/manifest-entry.ts'
import { tarEnd, tarHeader, tarPadding } from '../../../adapters/archiver/tar.ts'
import { type ArchiveStore, archiveKeys } from '../../../core/ports/archives.ts'
import { collect } from '../archives/contract.ts'
import { archiveId, siteId } from './scene.ts'

const one = async function* (content: Buffer): AsyncGenerator<Buffer> {
  yield content
}

const about = { mode: 0o644, mtime: '1' } as const

export const file = (path: string, content = 'x'): [ArchiveEntry, string] => [
  { ...about, path, type: 'file', size: content.length, sha256: createHash('sha256').update(content).digest('hex') },
  content,
]
export const directory = (path: string): [ArchiveEntry] => [{ ...about, mode: 0o755, path, type: 'directory' }]
export const link = (type: 'symlink' | 'hardlink', path: string, target: string): [ArchiveEntry] => [
  { ...about, path, type, target },
]

/** Stores an archive of any entries, in itself without a fault: every digest is right. */
export const forge = async (archives: ArchiveStore, entries: readonly [ArchiveEntry, string?][]): Promise<void> => {
  const tally = createManifestTally()
  const lines: string[] = []
  const write = (line: string, entry?: ArchiveEntry): void => {
    tally.addLine(line, entry)
    lines.push(line)
  }
  write(
    JSON.stringify({
      format: 'sitewright-archive',
      version: 1,
      site: siteId,
      generation: 1,
      archiveId,
      blueprint: { name: 'welcome', version: 1 },
      at: '2026-01-31T09:30:00.000Z',
    }),
  )
  const tar: Buffer[] = []
  for (const [entry, content = ''] of entries) {
    write(entryLine(entry), entry)
    if (entry.type !== 'skipped') tar.push(tarHeader(entry), Buffer.from(content), tarPadding(content.length))
  }
  const stored = Buffer.concat(await collect(compress(one(Buffer.concat([...tar, tarEnd])))))
  const contentSha256 = createHash('sha256').update(stored).digest('hex')
  lines.push(JSON.stringify(tally.end({ storedBytes: stored.length, contentSha256 })))
  const keys = archiveKeys(siteId, archiveId)
  await archives.put(keys.content, one(stored))
  await archives.put(keys.manifest, one(Buffer.from(lines.map((line) => `${line}\n`).join(''))))
}
