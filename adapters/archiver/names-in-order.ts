import { opendir } from 'node:fs/promises'
import type { BytePath } from './byte-path.ts'

const byBytes = (one: string, other: string): number => (one < other ? -1 : 1)

/** The first names after `last`, in order: read in one go, with little more than so many of them in memory. */
const namesAfter = async (directory: Buffer, last: BytePath | undefined, limit: number): Promise<BytePath[]> => {
  let names: BytePath[] = []
  const keepFirst = (): void => {
    names = names.sort(byBytes).slice(0, limit)
  }
  for await (const { name } of await opendir(directory, { encoding: 'latin1', bufferSize: 256 })) {
    if (last !== undefined && name <= last) continue
    names.push(name)
    if (names.length >= 2 * limit) keepFirst()
  }
  keepFirst()
  return names
}

/**
 * The names in a directory, in the order of their bytes. A directory may have more of them than memory has room for: it is
 * read as often as it takes to see them all, so many at a time.
 */
export const namesInOrder = async function* (directory: Buffer, atATime: number): AsyncGenerator<BytePath> {
  let last: BytePath | undefined
  for (;;) {
    const names = await namesAfter(directory, last, atATime)
    yield* names
    if (names.length < atATime) return
    last = names.at(-1)
  }
}
