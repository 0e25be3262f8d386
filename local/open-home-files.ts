import { join } from 'node:path'
import { createSignedArchiveLinks } from '../adapters/archive-links/signed-archive-links.ts'
import { createProcessArchiver } from '../adapters/archiver/process-archiver.ts'
import { createPushedImages } from '../adapters/containers/pushed-images.ts'
import { createReportEngine } from '../adapters/duckdb/report-engine.ts'
import { createRowFiles } from '../adapters/duckdb/row-files.ts'
import { openArchiveDirectory } from '../adapters/files/archive-store.ts'
import { openReportDirectory } from '../adapters/files/report-files.ts'
import { createImageFiles } from '../adapters/registry/image-files.ts'
import { createPushTokens } from '../adapters/registry/push-tokens.ts'
import { createRegistry } from '../adapters/registry/serve-registry.ts'
import type { Clock, Log } from '../core/ports/context.ts'
import { homeCell } from '../core/site/location.ts'
import { archiverIn, type HostCells } from './cells/host-cells.ts'
import { createArchiveDownload } from './gateway/archive-download.ts'
import type { Home } from './home/open-home.ts'
import type { HostSecrets } from './secrets.ts'

interface HomeFiles {
  readonly home: Pick<Home, 'directory' | 'directories'>
  readonly cells: HostCells
  readonly secrets: Pick<HostSecrets, 'codePepper'>
  readonly consoleUrl: string
  readonly wall: Clock
  /** Whether the disk of the home is full. */
  readonly isFull: () => Promise<boolean>
  /** What the settings say is to stay free on a disk. */
  readonly diskReserveMiB: number | undefined
  readonly log: Log
}

/** The copies of sites' data on this machine, the archiver that makes them, and their download links. */
const openArchives = async ({ home: { directories }, cells, secrets, consoleUrl, wall, log }: HomeFiles) => {
  const archives = await openArchiveDirectory(directories.archives)
  const links = createSignedArchiveLinks({ secret: secrets.codePepper, consoleUrl, clock: wall })
  const archiver = createProcessArchiver({
    archives,
    archiveDirectory: directories.archives,
    scratchDirectory: join(directories.run, 'archiver'),
    directoryOf: cells.storage.directoryOf,
    log,
    isDiskShort: cells.isShort,
    roomIn: cells.roomIn,
  })
  return { archives, archiveLinks: links, archiveUploads: links, archiver: archiverIn(cells, archiver) }
}

/** The registry of a host, to which developers push: what is pushed is in the home, and in its backups. */
const openRegistry = (
  { home, secrets, consoleUrl, wall, diskReserveMiB }: HomeFiles,
  lacksRoom: (bytes?: number) => Promise<boolean>,
) => {
  const reserve = diskReserveMiB === undefined ? undefined : diskReserveMiB * 2 ** 20
  const files = createImageFiles(join(home.directory, 'images'))
  const tokens = createPushTokens({ secret: secrets.codePepper, clock: wall })
  return {
    pushedImages: createPushedImages({ files, tokens, registry: new URL(consoleUrl).host, reserve }),
    registry: createRegistry({ files, tokens, lacksRoom }),
  }
}

const memoryMiB = 512

/** The data set of reports in the home, and what writes and reads it. */
export const openReports = async ({ directories }: Pick<Home, 'directories'>) => {
  const reportFiles = await openReportDirectory(directories.reports)
  return {
    reportFiles,
    rowFiles: createRowFiles({ scratch: directories.run, memoryMiB }),
    reportEngine: createReportEngine({
      source: reportFiles,
      directory: join(directories.run, 'report-copies'),
      memoryMiB,
      threads: 2,
      timeoutMilliseconds: 20_000,
    }),
  }
}

/** Opens the archives and pushed images in the home of a host. */
export const openHomeFiles = async (parts: HomeFiles) => {
  const archiving = await openArchives(parts)
  const { archiveLinks: links, archives } = archiving
  /** Without a reserve, the disk may still be full. */
  const lacksRoom = async (bytes = 0): Promise<boolean> =>
    (await parts.isFull()) || !(await parts.cells.takes(homeCell, bytes))
  return {
    archiving,
    archiveDownload: createArchiveDownload({ links, archives, lacksRoom, log: parts.log }),
    ...openRegistry(parts, lacksRoom),
  }
}
