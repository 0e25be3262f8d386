import { join } from 'node:path'
import { createSignedArchiveLinks, type SignedArchiveLinks } from '../adapters/archive-links/signed-archive-links.ts'
import { createProcessArchiver, type ProcessArchiver } from '../adapters/archiver/process-archiver.ts'
import { openArchiveDirectory } from '../adapters/files/archive-store.ts'
import type { ArchiveStore } from '../core/ports/archives.ts'
import type { Clock, Log } from '../core/ports/context.ts'
import type { HostCells } from './cells/host-cells.ts'
import { archiverIn } from './cells/in-cells.ts'
import type { Home } from './home/open-home.ts'
import type { HostSecrets } from './secrets.ts'

interface HostArchives {
  readonly archives: ArchiveStore
  readonly archiver: ProcessArchiver
  readonly archiveLinks: SignedArchiveLinks
  readonly archiveUploads: SignedArchiveLinks
}

/** Opens the copies of sites' data on this machine, the archiver that makes them, and their download links. */
export const openArchives = async ({
  home: { directories },
  cells,
  secrets,
  consoleUrl,
  wall,
  log,
}: {
  readonly home: Pick<Home, 'directories'>
  readonly cells: HostCells
  readonly secrets: HostSecrets
  readonly consoleUrl: string
  readonly wall: Clock
  readonly log: Log
}): Promise<HostArchives> => {
  const archives = await openArchiveDirectory(directories.archives)
  const links = createSignedArchiveLinks({ secret: secrets.codePepper, consoleUrl, clock: wall })
  return {
    archives,
    archiveLinks: links,
    archiveUploads: links,
    archiver: archiverIn(
      cells,
      createProcessArchiver({
        archives,
        archiveDirectory: directories.archives,
        scratchDirectory: join(directories.run, 'archiver'),
        directoryOf: cells.storage.directoryOf,
        log,
        isDiskShort: cells.isShort,
        roomIn: cells.roomIn,
      }),
    ),
  }
}
