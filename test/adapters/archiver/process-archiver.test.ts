import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { siteUser } from '../../../adapters/files/site-storage.ts'
import type { ArchiveJob } from '../../../core/ports/archives.ts'
import { hasSmallDisks, mountDisk } from '../../bad-world/small-disk.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { canTest, canTestOnLinux } from '../../support/can-test.ts'
import { waitFor } from '../../support/wait-for.ts'
import { archiverContract, toItsEnd } from './contract.ts'
import { type ArchiverOnDisk, openProcessArchiver } from './open-process-archiver.ts'
import { archiveId, awaitedJob, copyJob, freshHome, home, releaseJob, restoreJob, siteId, verifyJob } from './scene.ts'
import { inventory } from './trees.ts'

archiverContract('a worker process', async () => {
  const directory = await temporaryDirectory()
  const opened = await openProcessArchiver(directory.path)
  return {
    ...opened,
    close: async () => {
      await opened.archiver.close()
      await directory[Symbol.asyncDispose]()
    },
  }
})

const megabyte = 1_000_000

/** Files of random bytes, so that a copy takes a while. */
const fill = async ({ directoryOf }: ArchiverOnDisk, megabytes: number): Promise<void> => {
  for (let count = 0; count < megabytes / 20; count += 1) {
    await writeFile(join(directoryOf(home), `random-${count}`), randomBytes(20 * megabyte))
  }
}

const unfinished = async ({ archiveDirectory }: ArchiverOnDisk): Promise<readonly string[]> =>
  (await readdir(archiveDirectory)).filter((name) => name.endsWith('.unfinished'))

const killInTheMiddle = async (opened: ArchiverOnDisk, job: ArchiveJob, isUnderWay: () => Promise<boolean>) => {
  expect(await opened.archiver.run(job)).toEqual({ state: 'running' })
  await waitFor(isUnderWay)
  const [worker] = opened.archiver.workers()
  process.kill(worker?.pid ?? 0, 'SIGKILL')
  await waitFor(async () => opened.archiver.workers().length === 0)
}

it('starts no copy and no restore while the disk is short, and clears disks', { timeout: 600_000 }, async () => {
  await using directory = await temporaryDirectory()
  const disk = { isShort: false }
  const opened = await openProcessArchiver(directory.path, undefined, { isDiskShort: () => disk.isShort })
  expect(await toItsEnd(opened.archiver, copyJob())).toMatchObject({ state: 'done' })
  disk.isShort = true
  const refused = { state: 'failed', error: 'ArchivingFailed', message: 'The disk of this host is almost full.' }
  expect(await opened.archiver.run(copyJob('another'))).toEqual(refused)
  expect(await opened.archiver.run(restoreJob())).toEqual(refused)
  expect(await opened.archiver.run(copyJob())).toMatchObject({ state: 'done' })
  expect(await toItsEnd(opened.archiver, releaseJob())).toMatchObject({ state: 'done' })
})

it('starts no restore whose data has no room on its disk beside what others write there', {
  timeout: 600_000,
}, async () => {
  await using directory = await temporaryDirectory()
  const disk = { room: 0 }
  const opened = await openProcessArchiver(directory.path, undefined, {
    roomIn: (cell) => (cell === home.cell ? disk.room : 0),
  })
  await fill(opened, 20)
  expect(await toItsEnd(opened.archiver, copyJob())).toMatchObject({ state: 'done' })
  disk.room = 20 * megabyte - 1
  const refused = {
    state: 'failed',
    error: 'ArchivingFailed',
    message: 'The disk of the cell has no room for the data.',
  }
  expect(await opened.archiver.run(restoreJob())).toEqual(refused)
  expect(await readdir(opened.directoryOf(freshHome))).toEqual([])

  disk.room = 30 * megabyte
  const restoreInto = (generation: number) => ({
    ...restoreJob(`restore-${generation}`),
    home: { ...freshHome, generation },
  })
  const [first, second] = [restoreInto(3), restoreInto(4)]
  for (const job of [first, second]) await mkdir(opened.directoryOf(job.home))
  await opened.archiver.run(first)
  const [worker] = opened.archiver.workers()
  process.kill(worker?.pid ?? 0, 'SIGSTOP')
  expect(await opened.archiver.run(second)).toEqual({ state: 'running' })
  expect(opened.archiver.workers()).toEqual([worker])
  process.kill(worker?.pid ?? 0, 'SIGCONT')
  expect(await toItsEnd(opened.archiver, first)).toMatchObject({ state: 'done' })
  expect(await toItsEnd(opened.archiver, second)).toMatchObject({ state: 'done' })
  await opened.archiver.close()
})

it.runIf(canTestOnLinux('plain copies'))(
  'packs a copy that a site waits for after it, where the disk takes both',
  { timeout: 600_000 },
  async () => {
    await using directory = await temporaryDirectory()
    const disk = { room: 50 * megabyte }
    const opened = await openProcessArchiver(directory.path, undefined, { roomIn: () => disk.room })
    await fill(opened, 20)
    const was = await inventory(opened.directoryOf(home))
    const names = async () => (await readdir(opened.archiveDirectory)).filter((name) => !name.includes('outcome'))
    expect(await toItsEnd(opened.archiver, awaitedJob())).toMatchObject({ state: 'done', dataBytes: 20 * megabyte })
    expect(await names()).toEqual([`${siteId}+${archiveId}.tar.zst.archive.plain`])
    await rm(join(opened.directoryOf(home), 'random-0'))
    disk.room = 20 * megabyte - 1
    expect(await toItsEnd(opened.archiver, restoreJob('without-room'))).toMatchObject({ state: 'failed' })
    disk.room = 50 * megabyte
    expect(await toItsEnd(opened.archiver, restoreJob())).toMatchObject({ state: 'done' })
    expect(await inventory(opened.directoryOf(freshHome))).toEqual(was)
    expect(await toItsEnd(opened.archiver, verifyJob())).toMatchObject({ state: 'done', dataBytes: 20 * megabyte })
    const archive = [`${siteId}+${archiveId}.manifest.jsonl.archive`, `${siteId}+${archiveId}.tar.zst.archive`]
    expect(await names()).toEqual(archive)

    disk.room = 30 * megabyte
    await fill(opened, 20)
    expect(await toItsEnd(opened.archiver, awaitedJob('next'))).toMatchObject({ state: 'done' })
    expect(await names()).toEqual(archive)
    await opened.archiver.close()
  },
)

// Each of its processes takes seconds to start on a busy machine.
describe('a worker that is killed', { timeout: 600_000 }, () => {
  it('in the middle of a copy is followed by one that completes it, and by no leftovers', async () => {
    await using directory = await temporaryDirectory()
    const opened = await openProcessArchiver(directory.path)
    await fill(opened, 200)
    await killInTheMiddle(opened, copyJob(), async () => (await unfinished(opened)).length > 0)
    expect(await unfinished(opened)).toHaveLength(1)
    expect(await toItsEnd(opened.archiver, copyJob())).toMatchObject({ state: 'done', files: 10 })
    expect(await toItsEnd(opened.archiver, verifyJob())).toMatchObject({ state: 'done' })
    expect(await unfinished(opened)).toEqual([])
    await opened.archiver.close()
  })

  it('in the middle of a restore is followed by one that starts again', async () => {
    await using directory = await temporaryDirectory()
    const opened = await openProcessArchiver(directory.path)
    await fill(opened, 200)
    await toItsEnd(opened.archiver, copyJob())
    const fresh = opened.directoryOf(freshHome)
    await killInTheMiddle(opened, restoreJob(), async () => (await readdir(fresh)).length > 3)
    expect((await readdir(fresh)).some((name) => name.startsWith('.restoring-'))).toBe(true)
    expect(await toItsEnd(opened.archiver, restoreJob())).toMatchObject({ state: 'done', files: 10 })
    expect(await inventory(fresh)).toEqual(await inventory(opened.directoryOf(home)))
    await opened.archiver.close()
  })

  it('every time fails in the end, and leaves the data', async () => {
    await using directory = await temporaryDirectory()
    const opened = await openProcessArchiver(directory.path)
    await fill(opened, 100)
    for (let time = 0; time < 3; time += 1) {
      await killInTheMiddle(opened, copyJob(), async () => (await unfinished(opened)).length > 0)
    }
    const failed = { state: 'failed', error: 'ArchivingFailed', message: expect.stringContaining('3 times') }
    expect(await opened.archiver.run(copyJob())).toEqual(failed)
    await opened.archiver.close()
    // Another host finds it written down.
    const another = await openProcessArchiver(directory.path)
    expect(await another.archiver.run(copyJob())).toEqual(failed)
    expect(await readdir(another.directoryOf(home))).toHaveLength(5)
  })
})

it('a worker ends when the process that started it is killed', async () => {
  await using directory = await temporaryDirectory()
  const opened = await openProcessArchiver(directory.path)
  await fill(opened, 200)
  const program = `
    import { openProcessArchiver } from '${new URL('open-process-archiver.ts', import.meta.url).href}'
    import { copyJob } from '${new URL('scene.ts', import.meta.url).href}'
    const { archiver } = await openProcessArchiver(${JSON.stringify(directory.path)})
    await archiver.run(copyJob())
    console.log(archiver.workers()[0].pid)`
  const parent = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const printed = await new Promise<Buffer>((resolve) => parent.stdout.once('data', resolve))
  const pid = Number(printed.toString())
  const isThere = (): boolean => {
    try {
      return process.kill(pid, 0)
    } catch {
      return false
    }
  }
  expect(isThere()).toBe(true)
  parent.kill('SIGKILL')
  await waitFor(async () => !isThere())
})

it('a process that restores into a released directory lets go of it', async () => {
  await using directory = await temporaryDirectory()
  const opened = await openProcessArchiver(directory.path)
  await fill(opened, 100)
  await toItsEnd(opened.archiver, copyJob())
  const fresh = opened.directoryOf(freshHome)
  await opened.archiver.run(restoreJob())
  await waitFor(async () => (await readdir(fresh)).length > 1)
  expect(await toItsEnd(opened.archiver, releaseJob(freshHome))).toMatchObject({ state: 'done' })
  expect(opened.archiver.workers()).toEqual([])
  expect(await readdir(fresh)).toEqual([])
  await opened.archiver.close()
})

it('a copy that was given up is ended by the next one of the same data, and is not begun again', async () => {
  await using directory = await temporaryDirectory()
  const opened = await openProcessArchiver(directory.path)
  await fill(opened, 60)
  const other = { ...copyJob('other'), home: freshHome }
  for (const job of [copyJob('given-up'), other]) await opened.archiver.run(job)
  for (const { pid } of opened.archiver.workers()) process.kill(pid ?? 0, 'SIGSTOP')
  await opened.archiver.run(copyJob('next'))
  expect(opened.archiver.workers().map(({ jobId }) => jobId)).toEqual(['other', 'next'])
  // Its state machine may still look at it.
  expect(await opened.archiver.run(copyJob('given-up'))).toMatchObject({ state: 'failed' })
  expect(await toItsEnd(opened.archiver, copyJob('next'))).toMatchObject({ state: 'done' })
  await opened.archiver.close()
})

it('a copy that was given up while it waited for its turn does not end the next one', async () => {
  await using directory = await temporaryDirectory()
  const opened = await openProcessArchiver(directory.path)
  const others = [3, 4].map((generation) => ({ ...copyJob(`other-${generation}`), home: { ...home, generation } }))
  for (const job of others) await opened.archiver.run(job)
  const stopped = opened.archiver.workers()
  for (const { pid } of stopped) process.kill(pid ?? 0, 'SIGSTOP')
  for (const id of ['given-up', 'next']) expect(await opened.archiver.run(copyJob(id))).toEqual({ state: 'running' })
  expect(opened.archiver.workers()).toEqual(stopped)
  expect(await opened.archiver.run(copyJob('given-up'))).toMatchObject({ state: 'failed' })
  for (const { pid } of stopped) process.kill(pid ?? 0, 'SIGCONT')
  expect(await toItsEnd(opened.archiver, copyJob('next'))).toMatchObject({ state: 'done' })
  await opened.archiver.close()
})

it('a restore that is given up while its room is measured is not begun', async () => {
  await using directory = await temporaryDirectory()
  const [measured, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const opened = await openProcessArchiver(directory.path, undefined, {
    beforeOpen: async (key) => {
      if (!key.endsWith('.manifest.jsonl')) return
      measured.resolve()
      await gate.promise
    },
  })
  const first = opened.archiver.run(restoreJob('given-up'))
  await measured.promise
  expect(await opened.archiver.run(releaseJob(freshHome))).toEqual({ state: 'running' })
  gate.resolve()
  await expect(first).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
  expect(await opened.archiver.run(restoreJob('given-up'))).toMatchObject({ state: 'failed' })
  expect(await toItsEnd(opened.archiver, releaseJob(freshHome))).toMatchObject({ state: 'done' })
  await opened.archiver.close()
})

it('two copies are made at a time, also where more are asked for at once', async () => {
  await using directory = await temporaryDirectory()
  const opened = await openProcessArchiver(directory.path)
  const copies = [1, 3, 4].map((generation) => ({ ...copyJob(`copy-${generation}`), home: { ...home, generation } }))
  await Promise.all(copies.map(opened.archiver.run))
  expect(opened.archiver.workers()).toHaveLength(2)
  await opened.archiver.close()
})

it('two copies are made at a time, and a restore does not wait for them', async () => {
  await using directory = await temporaryDirectory()
  const opened = await openProcessArchiver(directory.path)
  await fill(opened, 60)
  const copyOf = (id: string, generation: number) => ({ ...copyJob(id), home: { ...home, generation } })
  const three = [copyOf('one', 1), copyOf('two', 3), copyOf('three', 4)]
  for (const job of three) expect(await opened.archiver.run(job)).toEqual({ state: 'running' })
  for (const { pid } of opened.archiver.workers()) process.kill(pid ?? 0, 'SIGSTOP')
  expect(opened.archiver.workers().map(({ jobId }) => jobId)).toEqual(['one', 'two'])
  await opened.archiver.run(restoreJob())
  expect(opened.archiver.workers().map(({ jobId }) => jobId)).toEqual(['one', 'two', 'restore'])
  await opened.archiver.close()
  await expect(opened.archiver.run(copyOf('three', 4))).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
})

const isRoot = canTest(process.getuid?.() === 0, 'whose restored files are is not tested: only root can give them away')

it.runIf(isRoot)('what is restored belongs to the sites’ user', async () => {
  await using directory = await temporaryDirectory()
  const opened = await openProcessArchiver(directory.path)
  await mkdir(join(opened.directoryOf(home), 'notes'))
  await writeFile(join(opened.directoryOf(home), 'notes', 'run'), 'x', { mode: 0o4755 })
  await toItsEnd(opened.archiver, copyJob())
  await toItsEnd(opened.archiver, restoreJob())
  for (const path of ['notes', 'notes/run']) {
    expect(await stat(join(opened.directoryOf(freshHome), path))).toMatchObject(siteUser(freshHome.siteId))
  }
})

it.runIf(canTestOnLinux('the memory of a worker'))(
  'a worker needs less than 128 MB, whatever it copies',
  { timeout: 900_000 },
  async () => {
    await using directory = await temporaryDirectory()
    const opened = await openProcessArchiver(directory.path)
    // Each of the two is more than the limit. A worker's priority is low: beside other tests each second of its takes thirty.
    await fill(opened, 140)
    const sparse = join(opened.directoryOf(home), 'sparse')
    await writeFile(sparse, '')
    await truncate(sparse, 140 * megabyte)
    for (let count = 0; count < 1000; count += 1)
      await writeFile(join(opened.directoryOf(home), `${count}`), `${count}`)
    for (const job of [copyJob(), verifyJob(), restoreJob(), awaitedJob('plain'), verifyJob('packed')]) {
      expect(await toItsEnd(opened.archiver, job)).toMatchObject({ state: 'done', files: 1008 })
    }
    await opened.archiver.close()
    const peaks = opened.lines.map(({ peakMebibytes }) => Number(peakMebibytes) * 1.048_576)
    expect(peaks).toHaveLength(5)
    expect(Math.max(...peaks)).toBeLessThan(128)
  },
)

describe.runIf(hasSmallDisks())('a disk that is full', () => {
  it('fails a copy, of which nothing stays but the data', async () => {
    await using directory = await temporaryDirectory()
    await using disk = await mountDisk()
    const opened = await openProcessArchiver(directory.path, join(disk.path, 'archives'))
    await fill(opened, 60)
    const before = await inventory(opened.directoryOf(home))
    expect(await toItsEnd(opened.archiver, copyJob())).toEqual({
      state: 'failed',
      error: 'ArchivingFailed',
      message: expect.stringContaining('ENOSPC'),
    })
    expect(await toItsEnd(opened.archiver, verifyJob())).toMatchObject({ state: 'failed', error: 'ArchiveDamaged' })
    expect(await inventory(opened.directoryOf(home))).toEqual(before)
    expect((await readdir(opened.archiveDirectory)).filter((name) => !name.includes('outcome'))).toEqual([])
  })

  it('fails a copy even where its outcome finds no room', async () => {
    await using directory = await temporaryDirectory()
    await using disk = await mountDisk()
    const opened = await openProcessArchiver(directory.path, join(disk.path, 'archives'))
    await fill(opened, 20)
    await disk.fill()
    expect(await toItsEnd(opened.archiver, copyJob())).toMatchObject({ state: 'failed', error: 'ArchivingFailed' })
    expect(opened.lines.filter(({ event }) => event === 'archiving-worker-lost')).toHaveLength(3)
  })

  it('fails a restore, which leaves nothing, and the archive as it was', async () => {
    await using disk = await mountDisk()
    await using directory = await temporaryDirectory()
    const opened = await openProcessArchiver(disk.path, join(directory.path, 'archives'))
    await writeFile(join(opened.directoryOf(home), 'random'), randomBytes(30 * megabyte))
    await toItsEnd(opened.archiver, copyJob())
    expect(await toItsEnd(opened.archiver, restoreJob())).toMatchObject({ state: 'failed', error: 'ArchivingFailed' })
    expect(await readdir(opened.directoryOf(freshHome))).toEqual([])
    expect(await toItsEnd(opened.archiver, verifyJob())).toMatchObject({ state: 'done' })
  })
})

it('a request for an unknown job is answered so', async () => {
  await using directory = await temporaryDirectory()
  const opened = await openProcessArchiver(directory.path)
  await expect(
    opened.archiver.run({ kind: 'verify', id: '../x', siteId, cell: 'local', archiveId: 'arc_x' }),
  ).rejects.toThrow()
  expect(opened.archiver.workers()).toEqual([])
})
