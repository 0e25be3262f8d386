import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import type { ReportFiles } from '../../../lambdas/reports/ports.ts'

export async function* textOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text.slice(0, 3))
  yield Buffer.from(text.slice(3))
}

/** What the files of the data set keep, wherever they are. */
export const reportFilesContract = (name: string, open: () => Promise<ReportFiles>): void => {
  describe(`${name} of the data set`, () => {
    let files: ReportFiles
    beforeEach(async () => {
      files = await open()
    })

    const textAt = async (path: string): Promise<string | undefined> => {
      await using directory = await mkdtempDisposable(join(tmpdir(), 'sitewright-fetched-'))
      const to = join(directory.path, 'file')
      // Awaited here: the directory goes with the end of this function.
      return (await files.fetch(path, to)) ? await readFile(to, 'utf8') : undefined
    }
    const paths = async (prefix = '') => (await files.list(prefix)).map(({ path }) => path)

    it('gives back what was put, and replaces it', async () => {
      await files.put('events/day=2026-11-21/02.parquet', textOf('the first, and longer'))
      const [first] = await files.list('')
      await files.put('events/day=2026-11-21/02.parquet', textOf('the second'))
      expect(await textAt('events/day=2026-11-21/02.parquet')).toBe('the second')
      const [second, ...more] = await files.list('')
      expect([second?.path, more]).toEqual(['events/day=2026-11-21/02.parquet', []])
      expect(second?.version).not.toBe(first?.version)
      expect(await files.list('')).toEqual([second])
    })

    it('has nothing where nothing was put', async () => {
      expect(await textAt('events/day=2026-11-21/02.parquet')).toBeUndefined()
      expect(await paths()).toEqual([])
    })

    it('lists by prefix, in the order of paths', async () => {
      const all = [
        'complete-1',
        'events/day=2026-11-20/day.parquet',
        'events/day=2026-11-21/02.parquet',
        'usage/day=2026-11-21/02.parquet',
      ]
      for (const path of all.toReversed()) await files.put(path, textOf(path))
      expect(await paths()).toEqual(all)
      expect(await paths('events/')).toEqual(all.slice(1, 3))
      expect(await paths('complete-1')).toEqual(['complete-1'])
    })

    it('removes one file, however often', async () => {
      await files.put('a/day=2026-11-21/02.parquet', textOf('one'))
      await files.put('a/day=2026-11-21/03.parquet', textOf('two'))
      await files.remove('a/day=2026-11-21/02.parquet')
      await files.remove('a/day=2026-11-21/02.parquet')
      expect(await paths()).toEqual(['a/day=2026-11-21/03.parquet'])
    })

    it('keeps what was there when the content of a put fails', async () => {
      await files.put('a', textOf('what was there'))
      const failing = (async function* () {
        yield Buffer.from('half')
        throw new Error('the disk is gone')
      })()
      await expect(files.put('a', failing)).rejects.toThrow('the disk is gone')
      expect([await textAt('a'), await paths()]).toEqual(['what was there', ['a']])
    })
  })
}
