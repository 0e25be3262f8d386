import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { restoreHome } from '../../../local/backup/restore-home.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'

const writeHome = async (directory: string): Promise<void> => {
  await mkdir(join(directory, 'database'))
  await writeFile(join(directory, 'home.json'), 'restored')
}
const fail = async (directory: string): Promise<void> => {
  await mkdir(join(directory, 'database'))
  throw new Error('no connection')
}

describe('a home is restored', () => {
  it('to a directory that does not exist, or has only the empty directory of routers and that of a new disk', async () => {
    await using directory = await temporaryDirectory()
    const [missing, configured] = [join(directory.path, 'missing'), join(directory.path, 'configured')]
    await mkdir(join(configured, 'run'), { recursive: true })
    // A new disk has it.
    await mkdir(join(configured, 'lost+found'))
    for (const home of [missing, configured]) {
      expect(await restoreHome(home, writeHome)).toBe('restored')
      expect(await readFile(join(home, 'home.json'), 'utf8')).toBe('restored')
    }
    expect((await readdir(configured)).toSorted()).toEqual([
      'database',
      'home.json',
      'lost+found',
      'pool-of-backup',
      'run',
    ])
  })

  it('only if its directory is empty', async () => {
    await using home = await temporaryDirectory()
    await mkdir(join(home.path, 'run'))
    await writeFile(join(home.path, 'run', 'ports.json'), '')
    await expect(restoreHome(home.path, writeHome)).rejects.toThrow('is not empty')
  })

  it('to its end, if a restore was killed while it moved the home to its place', async () => {
    await using home = await temporaryDirectory()
    await writeHome(home.path)
    await mkdir(join(home.path, 'restored', 'data'), { recursive: true })
    await rename(join(home.path, 'home.json'), join(home.path, 'restored', 'home.json'))
    // Of which snapshot, it does not know.
    expect(await restoreHome(home.path, fail)).toBe('completed')
    expect((await readdir(home.path)).toSorted()).toEqual(['data', 'database', 'home.json'])
  })

  it('as a whole or not at all, and again after a restore that was killed', async () => {
    await using home = await temporaryDirectory()
    await mkdir(join(home.path, 'restoring', 'data'), { recursive: true })
    await expect(restoreHome(home.path, fail)).rejects.toThrow('no connection')
    await expect(restoreHome(home.path, async () => {})).rejects.toThrow('not of a home')
    expect(await readdir(home.path)).toEqual([])
    await restoreHome(home.path, writeHome)
    expect((await readdir(home.path)).toSorted()).toEqual(['database', 'home.json', 'pool-of-backup'])
  })
})
