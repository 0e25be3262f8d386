import { lstat, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  type ArchiveJob,
  type ArchiveJobState,
  type Archiver,
  type ArchiveStore,
  archiveKeys,
  jobOutcomeKey,
} from '../../../core/ports/archives.ts'
import type { DataHome } from '../../../core/site/location.ts'
import { collect } from '../archives/contract.ts'
import { archiveId, copyJob, freshHome, home, releaseJob, restoreJob, siteId, verifyJob } from './scene.ts'

export interface OpenedArchiver {
  readonly archiver: Archiver
  readonly archives: ArchiveStore
  /** Where a data directory is, for the test to fill and look into. */
  readonly directoryOf: (home: DataHome) => string
  readonly close: () => Promise<void>
}

/** Asks until a job is no longer running. */
export const toItsEnd = async (archiver: Archiver, job: ArchiveJob): Promise<ArchiveJobState> => {
  for (;;) {
    const state = await archiver.run(job)
    if (state.state !== 'running') return state
    await pause(20)
  }
}

/** What every archiver does, whatever does the work. */
export const archiverContract = (name: string, open: () => Promise<OpenedArchiver>): void => {
  describe(`${name}, as every archiver`, () => {
    let opened: OpenedArchiver
    beforeEach(async () => {
      opened = await open()
      for (const one of [home, freshHome]) await mkdir(opened.directoryOf(one), { recursive: true })
      await mkdir(join(opened.directoryOf(home), 'notes'))
      await writeFile(join(opened.directoryOf(home), 'notes', 'one'), 'what was noted')
    })
    afterEach(() => opened.close())

    const run = (job: ArchiveJob): Promise<ArchiveJobState> => toItsEnd(opened.archiver, job)

    it('copies, verifies, restores and releases', async () => {
      const { archives, directoryOf } = opened
      const copied = await run(copyJob())
      const dataBytes = 'what was noted'.length
      expect(copied).toEqual({ state: 'done', bytes: expect.any(Number), files: 1, dataBytes })
      const keys = archiveKeys(siteId, archiveId)
      const stored = await collect(archives.list(keys.content))
      expect(copied).toMatchObject({ bytes: stored[0]?.bytes })
      expect(await run(verifyJob())).toEqual(copied)
      expect(await run(restoreJob())).toEqual(copied)
      expect(await readdir(join(directoryOf(freshHome), 'notes'))).toEqual(['one'])
      expect(await run(releaseJob())).toMatchObject({ state: 'done', files: 1 })
      expect(await readdir(directoryOf(home)).catch(() => [])).toEqual([])
    })

    it('tells the outcome of a job again, and does it no second time', async () => {
      const copied = await run(copyJob())
      await writeFile(join(opened.directoryOf(home), 'later'), 'not in the copy')
      expect(await opened.archiver.run(copyJob())).toEqual(copied)
      expect(await run(verifyJob())).toMatchObject({ files: 1 })
    })

    it('knows an outcome that another one has left', async () => {
      await opened.archives.put(
        jobOutcomeKey(copyJob()),
        (async function* () {
          yield Buffer.from('{"state":"done","bytes":7,"files":3}')
        })(),
      )
      expect(await opened.archiver.run(copyJob())).toEqual({ state: 'done', bytes: 7, files: 3 })
    })

    it('says that an archive is damaged which is not there, and restores nothing of it', async () => {
      expect(await run(verifyJob())).toMatchObject({ state: 'failed', error: 'ArchiveDamaged' })
      expect(await run(restoreJob())).toMatchObject({ state: 'failed', error: 'ArchiveDamaged' })
      expect(await readdir(opened.directoryOf(freshHome))).toEqual([])
    })

    it('restores over nothing that is there', async () => {
      await run(copyJob())
      await writeFile(join(opened.directoryOf(freshHome), 'kept'), 'as it was')
      expect(await run(restoreJob())).toMatchObject({ state: 'failed', error: 'ArchivingFailed' })
      expect(await readdir(opened.directoryOf(freshHome))).toEqual(['kept'])
    })

    it('measures what a directory takes', async () => {
      const measured = await run({ kind: 'measure', id: 'measure', siteId, home })
      const { blocks } = await lstat(join(opened.directoryOf(home), 'notes', 'one'))
      expect(measured).toMatchObject({ state: 'done', files: 1 })
      expect(measured.state === 'done' && measured.bytes).toBeGreaterThanOrEqual(blocks * 512)
    })
  })
}
