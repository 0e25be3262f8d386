import { readFile, writeFile } from 'node:fs/promises'
import { messageOf } from '../command-line/read-options.ts'

/** Something that the person at the terminal can correct. The message is complete. */
export class BadInput extends Error {}

/** @throws {BadInput} if the file cannot be read. */
export const readText = (file: string): Promise<string> =>
  readFile(file, 'utf8').catch((error: unknown) => {
    throw new BadInput(`${file} cannot be read: ${messageOf(error)}`)
  })

/** @throws {BadInput} if the file exists or cannot be written. */
export const writeNew = (file: string, text: string): Promise<void> =>
  writeFile(file, text, { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'EEXIST' ? 'it is there already. Delete or rename it first.' : messageOf(error)
    throw new BadInput(`${file} is not written: ${why}`)
  })
