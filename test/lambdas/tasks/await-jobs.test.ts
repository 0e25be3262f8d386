import { expect, it } from 'vitest'
import type { ErrorKind } from '../../../core/errors.ts'
import { SitewrightError } from '../../../core/errors.ts'
import type { ArchiveJob, ArchiveJobState, Archiver } from '../../../core/ports/archives.ts'
import type { JobWait } from '../../../core/ports/job-waits.ts'
import { requireAllDone } from '../../../core/site/copy/run-archive-job.ts'
import { awaitJobs } from '../../../lambdas/_runtime/await-jobs.ts'
import { newSiteId } from '../../support/probe-launch.ts'

const siteId = newSiteId()
const attempt = { siteId, operationId: 'purge-site', fence: 2 }
const jobs = ['a', 'b'].map(
  (id): ArchiveJob => ({ kind: 'verify', id, siteId, archiveId: 'arc_01jq3v5k8m0000000000000001' }),
)

/** A task over two jobs, called as a state machine calls it; what it notes and starts, in order. */
const call = async (states: readonly ArchiveJobState[], taskToken?: string, failNote = false) => {
  const order: string[] = []
  const noted: JobWait[] = []
  const now = '2026-03-01T12:00:00.000Z'
  const task = awaitJobs(async ({ archiver }: { readonly archiver: Archiver }) => {
    await requireAllDone(archiver, jobs)
    order.push('rest')
  })
  const ports = {
    archiver: {
      run: async ({ id }: ArchiveJob) => {
        order.push(`run ${id}`)
        return states[jobs.findIndex((job) => job.id === id)]!
      },
    },
    jobWaits: {
      note: async (wait: JobWait) => {
        if (failNote) throw new Error('the table is away')
        order.push(`note ${wait.jobs.map(({ id }) => id).join(' ')}`)
        noted.push(structuredClone(wait))
      },
    },
    clocks: { domain: () => now, wall: () => now },
  }
  const event = taskToken === undefined ? attempt : { ...attempt, taskToken }
  const error = await Promise.resolve(task(ports, event)).then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { order, noted, error }
}

const running = { state: 'running' } as const
const done = { state: 'done', bytes: 1, files: 1 } as const
const failed = (error: 'ArchiveDamaged' | 'ArchivingFailed') =>
  ({ state: 'failed', error, message: 'as told' }) as const

it('notes each job with the token before it is started, and returns while they run', async () => {
  const { order, noted, error } = await call([running, running], 'a-token')
  expect(error).toBeUndefined()
  expect(order).toEqual(['note a', 'run a', 'note a b', 'run b'])
  expect(noted.at(-1)).toEqual({ attempt, token: 'a-token', jobs, notedAt: '2026-03-01T12:00:00.000Z' })
})

it('starts nothing that it could not note', async () => {
  const { order, error } = await call([running, running], 'a-token', true)
  expect([order, error]).toEqual([[], expect.objectContaining({ message: 'the table is away' })])
})

it('does the rest at once where all was done before, without waiting', async () => {
  const { order, noted } = await call([done, done], 'a-token')
  expect(order.slice(-2)).toEqual(['rest', 'note '])
  expect(noted.at(-1)).toMatchObject({ token: 'a-token', jobs: [] })
})

it.each(['ArchiveDamaged', 'ArchivingFailed'] as const satisfies readonly ErrorKind[])(
  'fails with what a job failed with: %s',
  async (kind) => {
    expect((await call([done, failed(kind)], 'a-token')).error).toMatchObject({ name: kind })
    expect((await call([done, failed(kind)])).error).toMatchObject({ name: kind })
  },
)

it('does the rest without a token, notes nothing, and insists that all is done', async () => {
  const finished = await call([done, done])
  expect([finished.noted, finished.order]).toEqual([[], ['run a', 'run b', 'rest']])
  expect((await call([done, running])).error).toBeInstanceOf(SitewrightError)
  expect((await call([done, running])).error).toMatchObject({ name: 'ArchiveNotReady' })
})
