import { mkdir, readlink, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { BytePath } from './byte-path.ts'
import { bytesOf, fromBytes } from './byte-path.ts'

/** Which name a file with several was met under first. */
export interface FirstNames {
  /** Notes the path, if the file was not met before; else tells where it was. */
  readonly meet: (file: { readonly dev: bigint; readonly ino: bigint }, path: BytePath) => Promise<BytePath | undefined>
}

/**
 * Remembers as links of a directory of its own, whose targets are the paths: there may be more files with several names than
 * memory has room for.
 */
export const openFirstNames = async (scratch: string): Promise<FirstNames> => {
  const directory = join(scratch, 'first-names')
  await mkdir(directory)
  return {
    meet: async ({ dev, ino }, path) => {
      const place = join(directory, `${dev}-${ino}`)
      try {
        await symlink(bytesOf(path), place)
        return undefined
      } catch (error) {
        if (!(error instanceof Error) || !('code' in error) || error.code !== 'EEXIST') throw error
        return fromBytes(await readlink(place, { encoding: 'buffer' }))
      }
    },
  }
}
