import { randomFillSync } from 'node:crypto'
import { mkdir, open, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const mebibyte = 1024 * 1024

/** What nothing makes smaller. */
const noise = (): Buffer => randomFillSync(Buffer.allocUnsafe(mebibyte))

/** Of sixteen different bytes, as far from noise as text is. */
const words = (): Buffer => {
  const piece = noise()
  for (let index = 0; index < piece.length; index += 1) piece[index] = 97 + ((piece[index] ?? 0) % 16)
  return piece
}

/** Writes a tree of so many MiB: half of it noise, a quarter compressible, a quarter a hole, and a thousand small files beside. */
export const writeTree = async (directory: string, mebibytes: number): Promise<void> => {
  const large = async (name: string, piece: () => Buffer, count: number): Promise<void> => {
    await using file = await open(join(directory, name), 'w')
    for (let written = 0; written < count; written += 1) await file.writeFile(piece())
  }
  await large('noise', noise, Math.round(mebibytes / 2))
  await large('words', words, Math.round(mebibytes / 4))
  await writeFile(join(directory, 'hole'), '')
  await truncate(join(directory, 'hole'), Math.round(mebibytes / 4) * mebibyte)
  await mkdir(join(directory, 'small'))
  for (let count = 0; count < 1000; count += 1) await writeFile(join(directory, 'small', `${count}`), `${count}\n`)
}
