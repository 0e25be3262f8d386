import type { ArchiveJob, ArchiveStore } from '../../core/ports/archives.ts'
import { archiveKeys } from '../../core/ports/archives.ts'
import { digested } from './digested.ts'
import { openFirstNames } from './first-names.ts'
import { gather } from './gather.ts'
import type { ManifestEnd } from './manifest.ts'
import { openManifestSpool } from './manifest-spool.ts'
import { packDirectory } from './pack-directory.ts'
import { compress } from './zstd.ts'

/** Small files go to the compressor together. */
const compressedAtATime = 64 * 1024

/**
 * Packs a data directory into an archive. Its manifest is stored last: an archive without one was never finished.
 * @throws {SitewrightError} `ArchivingFailed` where something changed meanwhile, or cannot be kept as it is.
 */
export const copyDirectory = async (
  job: Extract<ArchiveJob, { kind: 'copy' }>,
  { archives, directory, scratch }: { archives: ArchiveStore; directory: string; scratch: string },
): Promise<ManifestEnd> => {
  const keys = archiveKeys(job.siteId, job.archiveId)
  const spool = await openManifestSpool(scratch, {
    format: 'sitewright-archive',
    version: 1,
    site: job.siteId,
    generation: job.home.generation,
    archiveId: job.archiveId,
    blueprint: job.blueprint,
    at: job.at,
  })
  try {
    const tar = packDirectory({ directory, firstNames: await openFirstNames(scratch), add: spool.add })
    const { content, result } = digested(compress(gather(tar, compressedAtATime)))
    await archives.put(keys.content, content)
    const end = await spool.finish(result())
    await archives.put(keys.manifest, spool.read())
    return end
  } finally {
    await spool.close()
  }
}
