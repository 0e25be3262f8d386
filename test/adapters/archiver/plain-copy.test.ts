import fs from 'node:fs'
import {
  chmod,
  chown,
  mkdir,
  open,
  readdir,
  readFile,
  rmdir,
  stat,
  truncate,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { copyTree } from '../../../adapters/archiver/copy-tree.ts'
import { findPlainCopy, takePlainCopy } from '../../../adapters/archiver/plain-copy.ts'
import { restorePlainCopy } from '../../../adapters/archiver/restore-archive.ts'
import { plainCopyOf, plainMark, removePlainCopy } from '../../../adapters/files/archive-store.ts'
import { type ArchiveStore, archiveKeys } from '../../../core/ports/archives.ts'
import { canTest, canTestOnLinux } from '../../support/can-test.ts'
import { waitFor } from '../../support/wait-for.ts'
import { collect } from '../archives/contract.ts'
import {
  archiveId,
  awaitedJob,
  copyJob,
  freshHome,
  openScene,
  releaseJob,
  restoreJob,
  type Scene,
  siteId,
  verifyJob,
} from './scene.ts'
import { anyTree, inventory, plant } from './trees.ts'

const { content } = archiveKeys(siteId, archiveId)
const plainIn = (scene: Scene): string => plainCopyOf(scene.archiveDirectory, content)
const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
const stored = async ({ archives }: Scene): Promise<readonly string[]> =>
  (await collect(archives.list(''))).map(({ key }) => key).filter((key) => !key.endsWith('.outcome.json'))

const isRoot = canTest(
  process.getuid?.() === 0,
  'plain copies of unreadable files are not tested: only root can read them',
)

describe.runIf(canTestOnLinux('plain copies'))('a copy that a site stands still for', () => {
  it('keeps the times of files from before 1970, and of those far ahead', async () => {
    await using scene = await openScene()
    for (const [name, seconds] of [
      ['old', '-86400.5'],
      ['far', '7258118400'],
    ] as const) {
      await writeFile(join(scene.data, name), name)
      await utimes(join(scene.data, name), seconds, seconds)
    }
    const was = await inventory(scene.data)
    await scene.attempt(awaitedJob())
    await scene.attempt(restoreJob('clone'))
    expect(await inventory(scene.fresh)).toEqual(was)
  })

  it.runIf(isRoot)(
    'has what was there, as has its archive, whatever it is called and however it is linked',
    { timeout: 600_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(anyTree, async (tree) => {
          await using scene = await openScene()
          await plant(Buffer.from(scene.data), tree)
          const was = await inventory(scene.data)
          expect(await scene.attempt(awaitedJob())).toMatchObject({ state: 'done' })
          expect(await isThere(join(scene.archiveDirectory, `${siteId}+${archiveId}.tar.zst.archive`))).toBe(false)
          expect(await scene.attempt(restoreJob('clone'))).toMatchObject({ state: 'done' })
          expect(await inventory(scene.fresh)).toEqual(was)
          // The site runs again, and writes.
          await scene.attempt(releaseJob())
          expect(await scene.attempt(verifyJob())).toMatchObject({ state: 'done' })
          expect(await isThere(plainIn(scene))).toBe(false)
          await scene.attempt(releaseJob(freshHome))
          await mkdir(scene.fresh)
          expect(await scene.attempt(restoreJob())).toMatchObject({ state: 'done' })
          expect(await inventory(scene.fresh)).toEqual(was)
        }),
        { numRuns: 15 },
      )
    },
  )

  it('keeps holes', async () => {
    await using scene = await openScene()
    await writeFile(join(scene.data, 'sparse'), 'at the start')
    await truncate(join(scene.data, 'sparse'), 50_000_000)
    await scene.attempt(awaitedJob())
    await scene.attempt(restoreJob())
    const { size, blocks } = await stat(join(scene.fresh, 'sparse'))
    expect(size).toBe(50_000_000)
    expect(blocks * 512).toBeLessThan(100_000)
  })

  it('is packed at once where something holds no data, which the manifest names', async () => {
    await using scene = await openScene()
    await using server = createServer().listen(join(scene.data, 'socket'))
    await new Promise((resolve) => server.once('listening', resolve))
    const copied = await scene.attempt(awaitedJob())
    expect(await isThere(plainIn(scene))).toBe(false)
    expect(await stored(scene)).toEqual(Object.values(archiveKeys(siteId, archiveId)).toSorted())
    expect(await scene.attempt(verifyJob())).toEqual(copied)
  })

  it('is not taken where the disk has no room for it and its archive', async () => {
    await using scene = await openScene()
    await writeFile(join(scene.data, 'note'), 'hello')
    const { archiveDirectory, data: directory } = scene
    const taken = (room: number) =>
      takePlainCopy(awaitedJob(), { archiveDirectory, directory, room, complain: vi.fn() })
    expect([await taken(1), await isThere(plainIn(scene)), await taken(1e9)]).toMatchObject([undefined, false, {}])
  })

  it('goes with its archive, and before the next copy of the site', async () => {
    await using scene = await openScene()
    await writeFile(join(scene.data, 'note'), 'hello')
    await scene.attempt(awaitedJob())
    // Those who remove what nobody needs find it.
    expect(await collect(scene.archives.list(siteId))).toEqual([{ key: content, bytes: 0 }])
    await scene.archives.remove(content)
    expect(await isThere(plainIn(scene))).toBe(false)
    await scene.attempt(awaitedJob())
    await scene.attempt({ ...awaitedJob('next'), archiveId: archiveId.replace('arc_0', 'arc_1') as typeof archiveId })
    expect(await isThere(plainIn(scene))).toBe(false)
    expect(await scene.attempt(verifyJob())).toMatchObject({ state: 'failed', error: 'ArchiveDamaged' })
  })

  it('does not count once the machine has started anew: the disk may lack some of it', async () => {
    await using scene = await openScene()
    await writeFile(join(scene.data, 'note'), 'hello')
    await scene.attempt(awaitedJob())
    const mark = join(plainIn(scene), plainMark)
    await writeFile(mark, JSON.stringify({ ...JSON.parse(await readFile(mark, 'utf8')), boot: 'another' }))
    for (const job of [verifyJob(), restoreJob()]) {
      expect(await scene.attempt(job)).toMatchObject({ state: 'failed', error: 'ArchiveDamaged' })
    }
    expect(await inventory(scene.fresh)).toEqual([])
  })

  it.each<[string, (data: string) => Promise<void>]>([
    ['is missing', (data) => rmdir(join(data, 'other'))],
    ['is shorter', (data) => truncate(join(data, 'note'), 1)],
  ])('of which something %s is no clone, and no archive', async (_problem, damage) => {
    await using scene = await openScene()
    for (const name of ['one', 'other']) await mkdir(join(scene.data, name))
    await writeFile(join(scene.data, 'note'), 'hello')
    await scene.attempt(awaitedJob())
    await damage(join(plainIn(scene), 'data'))
    const failed = { state: 'failed', error: 'ArchivingFailed', message: expect.stringContaining('not what it was') }
    expect(await scene.attempt(restoreJob())).toEqual(failed)
    expect(await scene.attempt(verifyJob())).toEqual(failed)
    expect(await inventory(scene.fresh)).toEqual([])
    expect(await collect(scene.archives.list(siteId))).toEqual([{ key: content, bytes: 0 }])
  })

  it('is not taken while something still writes', async () => {
    await using scene = await openScene()
    await writeFile(join(scene.data, 'log'), Buffer.alloc(20_000_000, 'x'))
    await using file = await open(join(scene.data, 'log'), 'a')
    const writing = setInterval(() => file.appendFile('more'), 1)
    const outcome = await scene.attempt(awaitedJob())
    clearInterval(writing)
    expect(outcome).toMatchObject({ state: 'failed', message: expect.stringContaining('something still writes there') })
    expect(await isThere(plainIn(scene))).toBe(false)
  })

  it('ends where a file gets shorter meanwhile', async () => {
    await using scene = await openScene()
    const path = join(scene.data, 'file')
    await writeFile(path, Buffer.alloc(3_000_000, 'x'))
    // As on a file system that cannot share blocks.
    const share = vi.spyOn(fs, 'copyFileSync').mockImplementation(() => {
      throw new Error('not supported')
    })
    onTestFinished(() => share.mockRestore())
    const write = vi.spyOn(fs, 'writeSync').mockImplementationOnce((to, piece) => {
      fs.truncateSync(path, 100)
      return fs.writevSync(to, [piece as unknown as Uint8Array])
    })
    onTestFinished(() => write.mockRestore())
    await copyTree(scene.data, scene.fresh, { directories: new Map(), since: 0n, signal: new AbortController().signal })
    expect((await stat(join(scene.fresh, 'file'))).size).toBe(2 ** 20)
  })

  it('leaves nothing of an archive that is discarded while it is packed', async () => {
    await using scene = await openScene()
    await writeFile(join(scene.data, 'note'), 'hello')
    await scene.attempt(awaitedJob())
    const discarding: ArchiveStore = {
      ...scene.archives,
      put: async (key, bytes, options) => {
        if (key === content) await scene.archives.remove(key)
        await scene.archives.put(key, bytes, options)
      },
    }
    await scene.attempt(verifyJob(), discarding)
    expect(await collect(scene.archives.list(siteId))).toEqual([])
  })

  it.runIf(isRoot)(
    'gives a clone to the user of its site, with the modes of files, and without the lease of its source',
    async () => {
      await using scene = await openScene()
      await mkdir(join(scene.data, '.sitewright-lease'))
      await writeFile(join(scene.data, 'program'), '')
      await chown(join(scene.data, 'program'), 20_003, 20_004)
      await chmod(join(scene.data, 'program'), 0o4755)
      await chown(scene.data, 20_001, 20_001)
      await chmod(scene.fresh, 0o750)
      await scene.attempt(awaitedJob())
      const inCopy = join(plainIn(scene), 'data')
      expect(await stat(inCopy)).toMatchObject({ uid: 20_001, gid: 20_001 })
      expect(await stat(join(inCopy, 'program'))).toMatchObject({ uid: 20_003, gid: 20_004, mode: 0o104755 })
      const plain = await findPlainCopy(scene.archiveDirectory, { siteId, archiveId })
      if (plain === undefined) throw new Error('there is no plain copy')
      const into = { directory: scene.fresh, jobId: 'clone', owner: { uid: 20_002, gid: 20_002 }, makes: '.result' }
      expect(await restorePlainCopy(plain, into)).toBe(true)
      expect((await readdir(scene.fresh)).toSorted()).toEqual(['.result', 'program'])
      expect(await stat(join(scene.fresh, 'program'))).toMatchObject({ uid: 20_002, gid: 20_002, mode: 0o104755 })
      expect(await stat(scene.fresh)).toMatchObject({ uid: 0, mode: 0o40750 })
      expect(await restorePlainCopy(plain, into)).toBe(true)
      await removePlainCopy(plain.place)
      expect(await restorePlainCopy(plain, into)).toBe(false)
      expect(await readdir(scene.fresh)).toEqual([])
    },
  )

  it('is there for a clone until its archive is, and a clone that loses it meanwhile has the archive', async () => {
    await using scene = await openScene()
    for (let count = 0; count < 500; count += 1) await writeFile(join(scene.data, `${count}`), `${count}`)
    const was = await inventory(scene.data)
    await scene.attempt(copyJob())
    expect(await scene.attempt(awaitedJob())).toMatchObject({ state: 'done' })
    const restoring = scene.attempt(restoreJob())
    await waitFor(async () => (await readdir(scene.fresh)).length > 20)
    await removePlainCopy(plainIn(scene))
    expect(await restoring).toMatchObject({ state: 'done' })
    expect(await inventory(scene.fresh)).toEqual(was)
  })

  it('makes a clone once: a repeated job finds it made, and leaves other data alone', async () => {
    await using scene = await openScene()
    await writeFile(join(scene.data, 'note'), 'hello')
    await scene.attempt(awaitedJob())
    const done = await scene.attempt(restoreJob())
    expect(await scene.attempt(restoreJob())).toEqual(done)
    await writeFile(join(scene.fresh, 'more'), 'of somebody else')
    expect(await scene.attempt(restoreJob())).toMatchObject({ state: 'failed' })
    expect(await readFile(join(scene.fresh, 'more'), 'utf8')).toBe('of somebody else')
  })
})
