import { createHash } from 'node:crypto'
import { archiveKeys } from '../../core/ports/archives.ts'
import { type ByteReader, createByteReader, decompress, digested, pieceBytes } from './compress.ts'
import type { ManifestEnd } from './manifest.ts'
import type { ArchiveEntry, FileEntry } from './manifest-entry.ts'
import { damaged, readManifest, type StoredArchivePlace } from './read-manifest.ts'
import { tarEnd, tarHeader, tarPadding } from './tar.ts'

/** An entry, and after a file's entry what is in it, piece by piece. Its digest has been compared when the next entry comes. */
export type ArchivePiece = { readonly entry: ArchiveEntry } | { readonly data: Buffer }

const requireNext = async (tar: ByteReader, expected: Buffer): Promise<void> => {
  if (expected.length > 0 && !(await tar.take(expected.length)).equals(expected)) {
    throw damaged('The archive holds something else than its manifest says.')
  }
}

const readFileContent = async function* (tar: ByteReader, { size, sha256 }: FileEntry): AsyncGenerator<ArchivePiece> {
  const hash = createHash('sha256')
  for (let missing = size; missing > 0; ) {
    const data = await tar.takeSome(Math.min(missing, pieceBytes))
    hash.update(data)
    yield { data }
    missing -= data.length
  }
  await requireNext(tar, tarPadding(size))
  if (hash.digest('hex') !== sha256) throw damaged('The content of a file is not what the manifest says.')
}

/**
 * Reads an archive and compares every byte of it with its manifest. Holds one entry in memory at a time.
 * @returns the end of the manifest, when everything matches. @throws {SitewrightError} `ArchiveDamaged`
 */
export const readArchive = async function* (place: StoredArchivePlace): AsyncGenerator<ArchivePiece, ManifestEnd> {
  const stored = await place.archives.open(archiveKeys(place.siteId, place.archiveId).content)
  if (stored === undefined) throw damaged('The archive is gone.')
  const manifest = await readManifest(place)
  const { content, result } = digested(stored)
  const tar = createByteReader(decompress(content))
  try {
    for await (const { entry } of manifest.entries) {
      if (entry.type !== 'skipped') await requireNext(tar, tarHeader(entry))
      yield { entry }
      if (entry.type === 'file') yield* readFileContent(tar, entry)
    }
    await requireNext(tar, tarEnd)
    if (!(await tar.isAtEnd())) throw damaged('The archive has data after its end.')
    return manifest.requireEnd(result())
  } finally {
    await tar.close()
  }
}

/** Reads back all of a stored archive. @throws {SitewrightError} `ArchiveDamaged` where anything differs from its manifest. */
export const verifyArchive = async (place: StoredArchivePlace): Promise<ManifestEnd> => {
  const pieces = readArchive(place)
  for (;;) {
    const next = await pieces.next()
    if (next.done === true) return next.value
  }
}
