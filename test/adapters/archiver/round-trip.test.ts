import { execFileSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { chmod, lstat, mkdir, open, readdir, readFile, stat, symlink, truncate, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type ArchiveStore, archiveKeys } from '../../../core/ports/archives.ts'
import { canTest } from '../../support/can-test.ts'
import { collect } from '../archives/contract.ts'
import { archiveId, copyJob, openScene, releaseJob, restoreJob, type Scene, siteId, verifyJob } from './scene.ts'
import { anyTree, inventory, plant } from './trees.ts'

/** Copies, verifies, restores. */
const goRound = async (scene: Scene) => {
  const copied = await scene.attempt(copyJob())
  expect(copied).toMatchObject({ state: 'done' })
  expect(await scene.attempt(verifyJob())).toEqual(copied)
  expect(await scene.attempt(restoreJob())).toEqual(copied)
}

const manifestOf = async ({ archives }: Scene) => {
  const content = await archives.open(archiveKeys(siteId, archiveId).manifest)
  const lines = Buffer.concat(await collect(content ?? fail()))
    .toString()
    .trimEnd()
    .split('\n')
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

const fail = (): never => {
  throw new Error('it is not there')
}

// Only root can read a file that its owner made unreadable.
const isRoot = canTest(process.getuid?.() === 0, 'archives of unreadable files are not tested: only root can read them')

describe('what is restored is what was there', () => {
  it.runIf(isRoot)('whatever it is called and however it is linked', { timeout: 600_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(anyTree, async (tree) => {
        await using scene = await openScene()
        await plant(Buffer.from(scene.data), tree)
        await goRound(scene)
        expect(await inventory(scene.fresh)).toEqual(await inventory(scene.data))
        await scene.attempt(releaseJob())
        await expect(lstat(scene.data)).rejects.toThrow('ENOENT')
      }),
      { numRuns: 120 },
    )
  })

  it('with holes where there were holes, and as large', async () => {
    await using scene = await openScene()
    const sparse = join(scene.data, 'sparse')
    await writeFile(sparse, 'at the start')
    await truncate(sparse, 50_000_000)
    await writeFile(sparse, 'in the middle', { flag: 'a' })
    await truncate(sparse, 80_000_000)
    await goRound(scene)
    expect(await inventory(scene.fresh)).toEqual(await inventory(scene.data))
    const restored = await stat(join(scene.fresh, 'sparse'))
    expect(restored.size).toBe(80_000_000)
    expect(restored.blocks * 512).toBeLessThan(100_000)
  })

  it('with files of many pieces between small ones', async () => {
    await using scene = await openScene()
    for (let index = 0; index < 5; index += 1) {
      await writeFile(join(scene.data, `${index}-large`), randomBytes(index * 700_001))
      await writeFile(join(scene.data, `${index}-small`), `${index}`)
    }
    await goRound(scene)
    expect(await inventory(scene.fresh)).toEqual(await inventory(scene.data))
  })

  it('with paths far longer than a name', async () => {
    await using scene = await openScene()
    const deep = join(scene.data, ...Array.from({ length: 12 }, (_, level) => `${level}`.padEnd(250, 'x')))
    await mkdir(deep, { recursive: true })
    await writeFile(join(deep, 'the last'), 'far down')
    await goRound(scene)
    expect(await inventory(scene.fresh)).toEqual(await inventory(scene.data))
  })

  it('with more names in one directory than one read returns', async () => {
    await using scene = await openScene()
    await mkdir(join(scene.data, 'many'))
    for (let count = 0; count < 9000; count += 1) await symlink('x', join(scene.data, 'many', `${count}`))
    await goRound(scene)
    expect(await readdir(join(scene.fresh, 'many'))).toHaveLength(9000)
  })

  it('with an empty directory where there is no data', async () => {
    await using scene = await openScene()
    await goRound(scene)
    expect(await readdir(scene.fresh)).toEqual([])
  })

  it('but for a time before 1970, which is kept too', async () => {
    await using scene = await openScene()
    await writeFile(join(scene.data, 'old'), 'x')
    execFileSync('touch', ['-d', '1960-05-06 07:08:09.5 UTC', join(scene.data, 'old')])
    await goRound(scene)
    expect((await stat(join(scene.fresh, 'old'))).mtime.toISOString()).toBe('1960-05-06T07:08:09.500Z')
  })
})

it('a copy does not wait for the disk, its verification does, and one that the disk does not take is none', async () => {
  await using scene = await openScene()
  await writeFile(join(scene.data, 'note'), 'hello')
  const { content } = archiveKeys(siteId, archiveId)
  const later: string[] = []
  const flushed: string[] = []
  const archives: ArchiveStore = {
    ...scene.archives,
    put: (key, bytes, options) => {
      if (options?.flush === 'later') later.push(key)
      return scene.archives.put(key, bytes, options)
    },
    flush: async (key) => void flushed.push(key),
  }
  await scene.attempt(copyJob(), archives)
  expect({ later, flushed }).toEqual({ later: [content], flushed: [] })
  expect(await scene.attempt(verifyJob(), archives)).toMatchObject({ state: 'done' })
  expect(flushed).toEqual([content])
  const full = { ...archives, flush: () => Promise.reject(Object.assign(new Error('no space'), { code: 'ENOSPC' })) }
  const outcome = { state: 'failed', error: 'ArchivingFailed', message: "The job 'verify' failed: ENOSPC" }
  expect(await scene.attempt(verifyJob(), full)).toEqual(outcome)
})

it('what holds no data is named in the manifest and left out', async () => {
  await using scene = await openScene()
  execFileSync('sh', ['-c', 'mkfifo "$1"', 'sh', join(scene.data, 'pipe')])
  await using server = createServer().listen(join(scene.data, 'socket'))
  await new Promise((resolve) => server.once('listening', resolve))
  await goRound(scene)
  expect((await manifestOf(scene)).slice(1, -1)).toMatchObject([
    { path: 'pipe', type: 'skipped', was: 'fifo' },
    { path: 'socket', type: 'skipped', was: 'socket' },
  ])
  expect(await readdir(scene.fresh)).toEqual([])
})

it('the lease of the data is no part of it', async () => {
  await using scene = await openScene()
  await mkdir(join(scene.data, '.sitewright-lease'))
  await writeFile(join(scene.data, '.sitewright-lease/1'), 'released')
  await goRound(scene)
  expect((await manifestOf(scene)).slice(1, -1)).toEqual([])
})

it('the manifest says of what, when and what for it is, and what is in it', async () => {
  await using scene = await openScene()
  await writeFile(join(scene.data, 'note'), 'hello')
  await chmod(join(scene.data, 'note'), 0o640)
  execFileSync('touch', ['-d', '2026-01-01 00:00:00.25 UTC', join(scene.data, 'note')])
  await writeFile(Buffer.concat([Buffer.from(`${scene.data}/`), Buffer.from([0xff])]), '')
  await scene.attempt(copyJob())
  const stored = await readFile(join(scene.archiveDirectory, `${siteId}+${archiveId}.tar.zst.archive`))
  const sha256 = (content: string | Buffer) => createHash('sha256').update(content).digest('hex')
  expect(await manifestOf(scene)).toMatchObject([
    {
      format: 'sitewright-archive',
      version: 1,
      site: siteId,
      generation: 1,
      archiveId,
      blueprint: { name: 'welcome', version: 3 },
      at: '2026-01-31T09:30:00.000Z',
    },
    { path: 'note', type: 'file', size: 5, sha256: sha256('hello'), mode: '0640', mtime: '1767225600.25' },
    { pathBase64: '/w==', type: 'file', size: 0, sha256: sha256('') },
    { entries: 2, files: 2, bytes: 5, storedBytes: stored.length, contentSha256: sha256(stored) },
  ])
})

describe('a data directory that is not as it should be', () => {
  it('is not copied where a file changes meanwhile', async () => {
    await using scene = await openScene()
    const path = join(scene.data, 'log')
    await writeFile(path, Buffer.alloc(20_000_000, 'x'))
    await using file = await open(path, 'a')
    const writing = setInterval(() => file.appendFile('more'), 1)
    const outcome = await scene.attempt(copyJob())
    clearInterval(writing)
    expect(outcome).toEqual({
      state: 'failed',
      error: 'ArchivingFailed',
      message: expect.stringContaining('something still writes there'),
    })
    expect(await collect(scene.archives.list(''))).toEqual([])
  })

  it('is not copied where it is gone', async () => {
    await using scene = await openScene()
    await scene.attempt(releaseJob())
    expect(await scene.attempt(copyJob())).toMatchObject({ state: 'failed', error: 'ArchivingFailed' })
    expect(await scene.attempt(releaseJob())).toEqual({ state: 'done', bytes: 0, files: 0 })
  })
})
