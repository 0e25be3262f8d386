import { existsSync } from 'node:fs'
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { replaceFile } from '../../adapters/durable-files/replace-file.ts'
import type { Log } from '../../core/ports/context.ts'
import type { PersonalFiles } from '../../lambdas/accounts/ports.ts'
import type { Home } from '../home/open-home.ts'

const markOf = ({ directory }: Pick<Home, 'directory'>): string => join(directory, 'compact-database')

/** Also has the next start overwrite what was deleted: SQLite keeps it in free pages. */
export const erasingThoroughly = ({ erase }: PersonalFiles, home: Pick<Home, 'directory'>): PersonalFiles => ({
  erase: async (emailHash) => {
    const isErased = await erase(emailHash)
    if (isErased) await replaceFile(markOf(home), '')
    return isErased
  },
})

/** Rewrites the database's files without what was deleted, if a person was erased since. No engine may run. */
export const compactDatabase = async (home: Pick<Home, 'directory' | 'directories'>, log: Log): Promise<void> => {
  const mark = markOf(home)
  if (!existsSync(mark)) return
  const files = (await readdir(home.directories.database)).filter((name) => name.endsWith('.db'))
  for (const name of files) {
    const database = new DatabaseSync(join(home.directories.database, name), { timeout: 0 })
    try {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE); VACUUM; PRAGMA wal_checkpoint(TRUNCATE)')
    } finally {
      database.close()
    }
  }
  await rm(mark, { force: true })
  log.info({ files: files.length }, 'compacted the database after an erasure')
}
