import { execFileSync } from 'node:child_process'
import { chmod, link, lstat, mkdir, readdir, readFile, symlink, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { clearDirectory, measureDirectory, releaseDirectory } from '../../../adapters/files/clear-directory.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { copyJob, openScene, releaseJob } from './scene.ts'

/** Further down than any path goes. */
const digDeep = (directory: string): void => {
  execFileSync('bash', [
    '-c',
    `cd "$1"; for level in $(seq 60); do mkdir ${'d'.repeat(200)}; cd ${'d'.repeat(200)}; echo x > file; done`,
    'bash',
    directory,
  ])
}

describe('a directory that is cleared', () => {
  it('is empty, however deep and closed what was in it', async () => {
    await using directory = await temporaryDirectory()
    digDeep(directory.path)
    await mkdir(join(directory.path, 'closed', 'within'), { recursive: true })
    await writeFile(join(directory.path, 'closed', 'within', 'file'), '')
    await chmod(join(directory.path, 'closed', 'within'), 0o000)
    await chmod(join(directory.path, 'closed'), 0o555)
    expect(await clearDirectory(directory.path)).toMatchObject({ files: 61 })
    expect(await readdir(directory.path)).toEqual([])
  })

  it('does not follow links', async () => {
    await using directory = await temporaryDirectory()
    const [kept, gone] = [join(directory.path, 'kept'), join(directory.path, 'gone')]
    await mkdir(kept)
    await mkdir(gone)
    await writeFile(join(kept, 'file'), 'as it was')
    await symlink('../kept', join(gone, 'directory'))
    await symlink('../kept/file', join(gone, 'file'))
    await link(join(kept, 'file'), join(gone, 'name'))
    await releaseDirectory(gone)
    expect(await readdir(directory.path)).toEqual(['kept'])
    expect(await readFile(join(kept, 'file'), 'utf8')).toBe('as it was')
  })

  it('stays where it is a mount', async () => {
    await using directory = await temporaryDirectory()
    await writeFile(join(directory.path, 'file'), 'x')
    expect(await releaseDirectory(directory.path, { keepsRoot: true })).toMatchObject({ files: 1 })
    expect((await lstat(directory.path)).isDirectory()).toBe(true)
  })
})

it('a path that is too long for an archive fails the copy, and says so', async () => {
  await using scene = await openScene()
  digDeep(scene.data)
  expect(await scene.attempt(copyJob())).toEqual({
    state: 'failed',
    error: 'ArchivingFailed',
    message: expect.stringContaining('is too long for an archive'),
  })
  expect(await scene.attempt(releaseJob())).toMatchObject({ state: 'done', files: 60 })
})

it('a copy does not read a file with holes of more than 64 GiB, and says so', async () => {
  await using scene = await openScene()
  await writeFile(join(scene.data, 'sparse'), 'x')
  await truncate(join(scene.data, 'sparse'), 65 * 2 ** 30)
  expect(await scene.attempt(copyJob())).toEqual({
    state: 'failed',
    error: 'ArchivingFailed',
    message: expect.stringContaining('The holes in sparse files are more than 64 GiB'),
  })
})

it('a directory takes what its blocks take: holes nothing, and what has several names once', async () => {
  await using directory = await temporaryDirectory()
  await writeFile(join(directory.path, 'one'), Buffer.alloc(1_000_000, 'x'))
  const before = await measureDirectory(directory.path)
  expect(before.files).toBe(1)
  expect(before.bytes).toBeGreaterThanOrEqual(1_000_000)
  await link(join(directory.path, 'one'), join(directory.path, 'other'))
  await link(join(directory.path, 'one'), join(directory.path, 'third'))
  await writeFile(join(directory.path, 'hole'), '')
  await truncate(join(directory.path, 'hole'), 50_000_000)
  await symlink('/', join(directory.path, 'link'))
  const after = await measureDirectory(directory.path)
  expect(after.files).toBe(5)
  expect(after.bytes - before.bytes).toBeLessThan(10_000)
})
