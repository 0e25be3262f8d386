import { mkdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { plainCopyOf, plainMark, removePlainCopy } from '../../../adapters/files/archive-store.ts'
import { archiveKeys } from '../../../core/ports/archives.ts'
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
        { numRuns: 25 },
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

  it('of which something is missing is no clone', async () => {
    await using scene = await openScene()
    for (const name of ['one', 'other']) await writeFile(join(scene.data, name), name)
    await scene.attempt(awaitedJob())
    await rm(join(plainIn(scene), 'data/other'))
    expect(await scene.attempt(restoreJob())).toMatchObject({ state: 'failed', error: 'ArchivingFailed' })
    expect(await inventory(scene.fresh)).toEqual([])
  })

  it('is there for a clone until its archive is, and a clone that loses it meanwhile has the archive', async () => {
    await using scene = await openScene()
    for (let count = 0; count < 500; count += 1) await writeFile(join(scene.data, `${count}`), `${count}`)
    const was = await inventory(scene.data)
    await scene.attempt(copyJob())
    await scene.attempt(awaitedJob())
    const restoring = scene.attempt(restoreJob())
    await waitFor(async () => (await inventory(scene.fresh)).length > 20)
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
