import * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { Log } from '../../core/ports/context.ts'
import type { CellDescription } from '../ssm/cell-description.ts'
import { contentItem, type Database, getItem, readContent } from './item.ts'
import { cellPortsKey, type Key } from './keys.ts'
import { isNew, putIf } from './transaction.ts'

const cellFileSystemKey = (cell: string): Key => ({ pk: cellPortsKey(cell), sk: 'FILE-SYSTEM' })

const storedSchema = z.object({ schemaVersion: z.literal(1), fileSystemId: z.string() })

/**
 * Records the file system of a cell with its first site, and refuses another one, on which sites would start without their data.
 * Once it was found the same, it is not looked up again.
 */
export const createCellFileSystem = (
  options: Database & { readonly cell: Pick<CellDescription, 'name' | 'fileSystemId'>; readonly log: Log },
) => {
  const { client, log } = options
  const { name, fileSystemId } = options.cell
  const [TableName, key] = [options.tables.main, cellFileSystemKey(name)]
  let isFoundSame = false

  const find = async (): Promise<string | undefined> =>
    readContent(storedSchema, await getItem(client, TableName, key))?.fileSystemId

  const record = async (): Promise<string | undefined> => {
    const content = { schemaVersion: 1, fileSystemId }
    const Item = contentItem(key, 'cell-file-system', content)
    const isRecorded = await putIf(client, TableName, Item, isNew)
    return isRecorded ? fileSystemId : find()
  }

  const require = (recorded: string | undefined): void => {
    if (recorded === undefined) return
    if (recorded !== fileSystemId) {
      log.error({ event: 'file-system-differs', cell: name, recorded, fileSystemId }, 'a cell has another file system')
      throw new SitewrightError(
        'RuntimeUnavailable',
        `The cell '${name}' has the file system ${fileSystemId}, and the data of its sites is on ${recorded}: see "A file system" in docs/recovery.md.`,
      )
    }
    isFoundSame = true
  }

  return {
    /** @throws {SitewrightError} `RuntimeUnavailable` where the cell has another file system than its sites. */
    requireSame: async (): Promise<void> => {
      if (!isFoundSame) require(await find())
    },
    /** Does so, and records the file system if the cell has none yet. @throws as `requireSame` does. */
    recordOrRequireSame: async (): Promise<void> => {
      if (!isFoundSame) require((await find()) ?? (await record()))
    },
  }
}

export type CellFileSystem = ReturnType<typeof createCellFileSystem>
