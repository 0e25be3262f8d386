import { randomBytes, randomInt } from 'node:crypto'
import fs from 'node:fs'
import { mkdir, open, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { openSparseFile } from '../../../adapters/archiver/unpack-archive.ts'
import { type ArchiveStore, archiveKeys } from '../../../core/ports/archives.ts'
import { collect } from '../archives/contract.ts'
import { directory, file, forge, link } from './forge.ts'
import { archiveId, copyJob, openScene, restoreJob, type Scene, siteId, verifyJob } from './scene.ts'

const keys = archiveKeys(siteId, archiveId)
/** Each bit and end that is tried in a run; `.ci/nightly` tries every one. */
const step = process.env['SITEWRIGHT_FLIPS'] === 'every' ? 1 : 5

const damaged = { state: 'failed', error: 'ArchiveDamaged' } as const

const one = async function* (content: Buffer): AsyncGenerator<Buffer> {
  yield content
}

const read = async ({ archives }: Scene, key: string): Promise<Buffer> =>
  Buffer.concat(await collect((await archives.open(key)) ?? one(Buffer.from('nothing'))))

/** The scene's archives with something else under one of the keys. */
const withPart = ({ archives }: Scene, key: string, content: Buffer): ArchiveStore => ({
  ...archives,
  open: async (asked) => (asked === key ? one(content) : archives.open(asked)),
})

const copied = async (): Promise<Scene> => {
  const scene = await openScene()
  await mkdir(join(scene.data, 'notes'))
  await writeFile(join(scene.data, 'notes', 'a'), 'what is in a')
  await symlink('notes/a', join(scene.data, 'z'))
  expect(await scene.attempt(copyJob())).toMatchObject({ state: 'done' })
  return scene
}

describe.each(['content', 'manifest'] as const)('an archive whose %s', (part) => {
  it('has one bit turned, wherever, is refused', async () => {
    await using scene = await copied()
    const whole = await read(scene, keys[part])
    expect(whole.length).toBeGreaterThan(100)
    for (let index = randomInt(step); index < whole.length; index += step) {
      const flipped = Buffer.from(whole)
      flipped[index] = (whole[index] ?? 0) ^ (1 << (index % 8))
      const job = index % 16 === 0 ? restoreJob() : verifyJob()
      const outcome = await scene.attempt(job, withPart(scene, keys[part], flipped))
      expect(outcome, `byte ${index}`).toMatchObject(damaged)
      if (index % 16 === 0) expect(await readdir(scene.fresh)).toEqual([])
    }
    expect(await scene.attempt(verifyJob(), withPart(scene, keys[part], whole))).toMatchObject({ state: 'done' })
  })

  it('is cut off, wherever, is refused', async () => {
    await using scene = await copied()
    const whole = await read(scene, keys[part])
    for (let length = randomInt(step); length < whole.length; length += 2 * step) {
      const cut = withPart(scene, keys[part], whole.subarray(0, length))
      expect(await scene.attempt(verifyJob(), cut), `${length} bytes`).toMatchObject(damaged)
    }
    const cut = withPart(scene, keys[part], whole.subarray(0, -10))
    expect(await scene.attempt(restoreJob(), cut)).toMatchObject(damaged)
    expect(await readdir(scene.fresh)).toEqual([])
  })

  it('has something behind its end is refused', async () => {
    await using scene = await copied()
    const whole = await read(scene, keys[part])
    for (const more of [Buffer.from('\n'), Buffer.from('more'), whole, Buffer.alloc(300_000)]) {
      await scene.archives.put(keys[part], one(Buffer.concat([whole, more])))
      expect(await scene.attempt(verifyJob())).toMatchObject(damaged)
    }
  })

  it('is gone is refused', async () => {
    await using scene = await copied()
    await scene.archives.remove(keys[part])
    expect(await scene.attempt(verifyJob())).toMatchObject(damaged)
    expect(await scene.attempt(restoreJob())).toMatchObject(damaged)
  })
})

describe('what does not read back as it was written', () => {
  const content = randomBytes(180_000)
  const write = async (change: (read: Buffer, position: number) => number) => {
    await using scene = await openScene()
    await using file = await open(join(scene.data, 'a'), 'wx+')
    const reading = fs.readSync as (...given: [number, Buffer, number, number, number]) => number
    const readSync = vi.spyOn(fs, 'readSync').mockImplementation(((
      ...[descriptor, buffer, offset, length, position]: Parameters<typeof reading>
    ) => {
      const bytesRead = reading(descriptor, buffer, offset, length, position)
      return change(buffer.subarray(offset, offset + bytesRead), position)
    }) as never)
    syncBuiltinESMExports()
    try {
      const writePiece = await openSparseFile(file, content.length)
      writePiece(content.subarray(0, 100_000))
      writePiece(content.subarray(100_000))
    } finally {
      readSync.mockRestore()
      syncBuiltinESMExports()
    }
  }

  it.each([
    ['at the start', 0],
    ['at the end', 100_000],
  ])('%s fails the restore', async (_, where) => {
    await write(({ length }) => length)
    const flip = (read: Buffer, position: number): number => {
      if (position === where) read[77] = (read[77] ?? 0) ^ 1
      return read.length
    }
    await expect(write(flip)).rejects.toMatchObject({ kind: 'ArchivingFailed' })
    const cut = ({ length }: Buffer, position: number): number => (position < where ? length : 0)
    await expect(write(cut)).rejects.toMatchObject({ kind: 'ArchivingFailed' })
  })

  it('is read on where a read is short', () => write(({ length }) => Math.ceil(length / 2)))
})

it('a large file with one bit turned, wherever, is refused, and nothing of it stays', async () => {
  await using scene = await openScene()
  await writeFile(join(scene.data, 'large'), randomBytes(1_500_000))
  expect(await scene.attempt(copyJob())).toMatchObject({ state: 'done' })
  const whole = await read(scene, keys.content)
  for (let index = 1000; index < whole.length; index += 200_000) {
    const flipped = Buffer.from(whole)
    flipped[index] = (whole[index] ?? 0) ^ 1
    expect(await scene.attempt(restoreJob(), withPart(scene, keys.content, flipped))).toMatchObject(damaged)
    expect(await readdir(scene.fresh)).toEqual([])
  }
})

it('an archive of another site, under this one’s name, is refused', async () => {
  await using scene = await copied()
  const manifest = (await read(scene, keys.manifest)).toString()
  const other = manifest.replace(siteId, 'site_01jq3v5k8m0000000000000001')
  await scene.archives.put(keys.manifest, one(Buffer.from(other)))
  expect(await scene.attempt(verifyJob())).toMatchObject(damaged)
})

it('a forged archive without a fault is restored: what refuses the others is what is in them', async () => {
  await using scene = await openScene()
  await forge(scene.archives, [
    directory('a'),
    file('a/b'),
    link('hardlink', 'c', 'a/b'),
    link('symlink', 'd', '../..'),
  ])
  expect(await scene.attempt(verifyJob())).toMatchObject({ state: 'done', files: 3 })
  expect(await scene.attempt(restoreJob())).toMatchObject({ state: 'done', files: 3 })
  expect(await readdir(scene.fresh)).toEqual(['a', 'c', 'd'])
})

it.each([
  ['a path that goes up', [file('../outside')]],
  ['a path that goes up within', [directory('a'), file('a/../../outside')]],
  ['an absolute path', [file('/tmp/sitewright-absolute')]],
  ['an absolute directory', [directory('/tmp'), file('/tmp/sitewright-absolute')]],
  ['a path with a NUL byte', [file('a\0b')]],
  ['a path of the directory itself', [file('./a')]],
  ['no path', [directory('')]],
  ['a path that ends in a slash', [file('a/')]],
  ['a file below a link that leads out', [link('symlink', 'a', '..'), file('a/outside')]],
  ['a directory below a link that leads out', [link('symlink', 'a', '..'), directory('a/outside')]],
  ['a link instead of a directory', [directory('a'), link('symlink', 'a', '..'), file('a/outside')]],
  ['a file instead of a link', [link('symlink', 'a', '../outside'), file('a')]],
  ['a file twice', [file('a', 'one'), file('a', 'other')]],
  ['a file in a file', [file('a'), file('a/b')]],
  ['a file before its directory', [file('a/b'), directory('a')]],
  ['files out of order', [file('b'), file('a')]],
  ['a second name that goes up', [link('hardlink', 'a', '../kept')]],
  ['a second name of an absolute path', [link('hardlink', 'a', '/etc/hostname')]],
  ['a second name through a link', [link('symlink', 'a', '..'), link('hardlink', 'b', 'a/kept')]],
  ['a second name of a link', [link('symlink', 'a', '../kept'), link('hardlink', 'b', 'a')]],
  ['a second name of a directory', [directory('a'), link('hardlink', 'b', 'a')]],
  ['a second name of what comes later', [link('hardlink', 'a', 'b'), file('b')]],
  ['a link to nothing', [link('symlink', 'a', '')]],
] as const)('an archive with %s is refused, and nothing of it stays', async (_, entries) => {
  await using scene = await openScene()
  await writeFile(join(scene.root, 'kept'), 'as it was')
  await forge(scene.archives, entries as unknown as Parameters<typeof forge>[1])
  expect(await scene.attempt(restoreJob())).toMatchObject(damaged)
  expect(await readdir(scene.fresh)).toEqual([])
  expect((await readdir(scene.root)).toSorted()).toEqual(['archives', 'data', 'fresh', 'kept'])
})

it.each([
  ['more data than is allowed', [file('a', 'x'.repeat(3000)), file('b', 'x'.repeat(3000))]],
  ['many empty files', Array.from({ length: 20 }, (_, number) => file(`a${number + 10}`, ''))],
  ['a link that leads out', [link('symlink', 'a', '../outside')]],
  ['a link that leads out of a directory', [directory('a'), link('symlink', 'a/b', '../../outside')]],
  ['a link that leads out by a detour', [directory('a'), link('symlink', 'b', 'a/../../outside')]],
  ['a link to the machine', [link('symlink', 'a', '/etc')]],
  ['a device', [[{ path: 'a', mode: 0o600, mtime: '1', type: 'skipped', was: 'device' }]]],
] as const)('an archive that its owner uploaded, with %s, is refused, and nothing of it stays', async (_, entries) => {
  await using scene = await openScene()
  await forge(scene.archives, entries as unknown as Parameters<typeof forge>[1])
  expect(await scene.attempt(restoreJob())).toMatchObject({ state: 'done' })
  for (const name of await readdir(scene.fresh)) await rm(join(scene.fresh, name), { recursive: true })
  expect(await scene.attempt({ ...restoreJob(), maxBytes: 6000 })).toMatchObject(damaged)
  expect(await readdir(scene.fresh)).toEqual([])
})

it('an archive that its owner uploaded keeps the links within it', async () => {
  await using scene = await openScene()
  await forge(scene.archives, [
    directory('a'),
    file('a/b', 'x'.repeat(3000)),
    link('symlink', 'a/c', '../a/b'),
    link('hardlink', 'd', 'a/b'),
    link('symlink', 'e', 'a'),
  ])
  expect(await scene.attempt({ ...restoreJob(), maxBytes: 6000 })).toMatchObject({ state: 'done', files: 4 })
})

it('nothing is restored over what is there, and that stays', async () => {
  await using scene = await copied()
  await writeFile(join(scene.fresh, 'somebody’s'), 'data')
  expect(await scene.attempt(restoreJob())).toMatchObject({ state: 'failed', error: 'ArchivingFailed' })
  expect(await readdir(scene.fresh)).toEqual(['somebody’s'])
})

it('what an earlier try of the same job left is cleared, and of another job it is not', async () => {
  await using scene = await copied()
  await writeFile(join(scene.fresh, `.restoring-${'0'.repeat(32)}`), 'restore')
  await writeFile(join(scene.fresh, 'half'), 'a file')
  expect(await scene.attempt(restoreJob('other'))).toMatchObject({ state: 'failed', error: 'ArchivingFailed' })
  expect(await readdir(scene.fresh)).toContain('half')
  expect(await scene.attempt(restoreJob())).toMatchObject({ state: 'done' })
  expect(await readdir(scene.fresh)).toEqual(['notes', 'z'])
})
