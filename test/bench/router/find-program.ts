import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'

/** Debian installs servers here; an ordinary user's PATH does not include it. */
const alsoSearchIn = ['/usr/sbin', '/usr/local/sbin']

export const findProgram = async (name: string): Promise<string | undefined> => {
  for (const directory of [...(process.env['PATH'] ?? '').split(delimiter), ...alsoSearchIn]) {
    const path = join(directory, name)
    const isThere = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (directory !== '' && isThere) return path
  }
  return undefined
}
