import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import * as z from 'zod'
import { replaceFile } from '../../adapters/durable-files/replace-file.ts'
import { readJsonFile } from './read-json-file.ts'

/** Records with which engine sites of a home may run as containers, for a backup and for a start without the engine. */
export const containerTraces = (home: string) => {
  const file = join(home, 'run', 'containers.json')
  return {
    file,
    leave: (engine: string) => replaceFile(file, `${JSON.stringify({ engine })}\n`),
    mayBeThere: () => existsSync(file),
    /** The address of the engine; undefined if sites run as processes. @throws {Error} if the record is damaged. */
    engine: async (): Promise<string | undefined> => {
      const read = await readJsonFile(file, z.object({ engine: z.string() }))
      if (read.found === 'garbage') throw new Error(`${file} is damaged; restart the host, which writes it`)
      return read.found === 'content' ? read.content.engine : undefined
    },
    clear: () => rm(file, { force: true }),
  }
}
