import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createProcessArchiver, type ProcessArchiver } from '../../../adapters/archiver/process-archiver.ts'
import { openArchiveDirectory } from '../../../adapters/files/archive-store.ts'
import type { ArchiveStore } from '../../../core/ports/archives.ts'
import { type DataHome, homeName } from '../../../core/site/location.ts'
import { freshHome, home } from './scene.ts'

export interface ArchiverOnDisk {
  readonly archiver: ProcessArchiver
  readonly archives: ArchiveStore
  readonly directoryOf: (home: DataHome) => string
  readonly archiveDirectory: string
  /** The log lines: fields, and the message last. */
  readonly lines: readonly Record<string, unknown>[]
}

/** An archiver whose directories are below `root`; archives are elsewhere if told. */
export const openProcessArchiver = async (
  root: string,
  archiveDirectory = join(root, 'archives'),
  options: {
    readonly isDiskShort?: () => boolean
    readonly roomIn?: (cell: string) => number
    /** Is waited for before an archive is opened. */
    readonly beforeOpen?: (key: string) => Promise<void>
  } = {},
): Promise<ArchiverOnDisk> => {
  const lines: Record<string, unknown>[] = []
  const line = (fields: object, message: string): void => {
    lines.push({ ...fields, message })
  }
  const { beforeOpen = async () => undefined, ...rest } = options
  const opened = await openArchiveDirectory(archiveDirectory)
  const archives: ArchiveStore = {
    ...opened,
    open: async (key) => {
      await beforeOpen(key)
      return opened.open(key)
    },
  }
  const directoryOf = (of: DataHome): string => join(root, 'data', homeName(of))
  for (const one of [home, freshHome]) await mkdir(directoryOf(one), { recursive: true })
  const archiver = createProcessArchiver({
    ...rest,
    archives,
    archiveDirectory,
    scratchDirectory: join(root, 'scratch'),
    directoryOf,
    log: { info: line, warn: line, error: line },
  })
  return { archiver, archives, directoryOf, archiveDirectory, lines }
}
