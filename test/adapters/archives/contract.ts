import { createHash } from 'node:crypto'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ArchiveStore } from '../../../core/ports/archives.ts'

export interface OpenedArchives {
  readonly archives: ArchiveStore
  readonly close: () => Promise<void>
}

export const collect = async <Item>(items: AsyncIterable<Item>): Promise<Item[]> => {
  const collected: Item[] = []
  for await (const item of items) collected.push(item)
  return collected
}

const mebibyte = 1024 * 1024

/** Content of a size, in chunks that fit no part, the same each time. */
export const contentOf = async function* (bytes: number, chunkBytes = 700_001): AsyncGenerator<Buffer> {
  for (let start = 0; start < bytes; start += chunkBytes) {
    const chunk = Buffer.alloc(Math.min(chunkBytes, bytes - start))
    for (let index = 0; index < chunk.length; index += 4096) chunk[index] = (start + index) % 251
    yield chunk
  }
}

const text = async function* (content: string): AsyncGenerator<Buffer> {
  yield Buffer.from(content)
}

const read = async (content: AsyncIterable<Uint8Array> | undefined) => {
  if (content === undefined) return undefined
  const hash = createHash('sha256')
  let bytes = 0
  for await (const chunk of content) {
    hash.update(chunk)
    bytes += chunk.length
  }
  return { bytes, digest: hash.digest('hex') }
}

const readText = async (content: AsyncIterable<Uint8Array> | undefined): Promise<string | undefined> =>
  content && Buffer.concat(await collect(content)).toString()

/** What every archive store keeps. */
export const archiveStoreContract = (name: string, open: () => Promise<OpenedArchives>): void => {
  describe(`${name}, as every archive store`, () => {
    let opened: OpenedArchives
    let archives: ArchiveStore

    beforeEach(async () => {
      opened = await open()
      archives = opened.archives
    })
    afterEach(() => opened.close())

    const keys = async (prefix = '') => (await collect(archives.list(prefix))).map(({ key }) => key)

    it.each([0, 1, 8 * mebibyte, 8 * mebibyte + 1, 17 * mebibyte])(
      'gives back %i bytes as they were',
      async (bytes) => {
        await archives.put('site_a/data.tar', contentOf(bytes))
        expect(await read(await archives.open('site_a/data.tar'))).toEqual(await read(contentOf(bytes)))
        expect(await collect(archives.list(''))).toEqual([{ key: 'site_a/data.tar', bytes }])
      },
    )

    it('has nothing at a key that nothing was put at', async () => {
      expect(await archives.open('site_a/data.tar')).toBeUndefined()
      expect(await keys()).toEqual([])
    })

    it('replaces what a key had', async () => {
      await archives.put('a', text('the first, and longer'))
      await archives.put('a', text('the second'))
      expect(await readText(await archives.open('a'))).toBe('the second')
    })

    it.each([
      ['at once', 10],
      ['far on', 17 * mebibyte],
    ])('stores nothing of content that fails %s, and keeps what was there', async (_, bytes) => {
      const failing = async function* () {
        yield* contentOf(bytes)
        throw new Error('the disk is gone')
      }
      await archives.put('kept', text('what was there'))
      await expect(archives.put('kept', failing())).rejects.toThrow('the disk is gone')
      await expect(archives.put('new', failing())).rejects.toThrow('the disk is gone')
      expect(await readText(await archives.open('kept'))).toBe('what was there')
      expect(await archives.open('new')).toBeUndefined()
      expect(await keys()).toEqual(['kept'])
    })

    it('lists by prefix, in the order of keys', async () => {
      for (const key of ['b/2', 'a/1', 'b', 'b/1', 'b-1/1', 'b/1/deep']) await archives.put(key, text(key))
      expect(await keys()).toEqual(['a/1', 'b', 'b-1/1', 'b/1', 'b/1/deep', 'b/2'])
      expect(await keys('b/')).toEqual(['b/1', 'b/1/deep', 'b/2'])
      expect(await keys('b')).toHaveLength(5)
      expect(await keys('c')).toEqual([])
    })

    it('removes one key and no other, however often it is told to', async () => {
      await archives.put('a', text('a'))
      await archives.put('a/b', text('a/b'))
      await archives.remove('a')
      await archives.remove('a')
      expect(await archives.open('a')).toBeUndefined()
      expect(await keys()).toEqual(['a/b'])
    })

    it.each(['', '/a', 'a/', 'a//b', '../a', 'a/./b', 'A', 'a b', 'a+b', 'ä', 'a'.repeat(181)])(
      'takes %j for no key',
      async (key) => {
        await expect(archives.put(key, text('x'))).rejects.toThrow(TypeError)
        await expect(archives.open(key)).rejects.toThrow(TypeError)
        await expect(archives.remove(key)).rejects.toThrow(TypeError)
      },
    )

    it('takes a key of the longest kind', async () => {
      const key = `${'a'.repeat(90)}/${'b'.repeat(89)}`
      await archives.put(key, text('x'))
      expect(await keys()).toEqual([key])
    })
  })
}
