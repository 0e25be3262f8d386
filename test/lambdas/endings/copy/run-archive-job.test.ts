import { expect, it } from 'vitest'
import { type ErrorKind, SitewrightError } from '../../../../core/errors.ts'
import { plusMilliseconds } from '../../../../core/instant.ts'
import type { ArchiveJob, ArchiveJobState, Archiver } from '../../../../core/ports/archives.ts'
import {
  awaitJobs,
  completeJobs,
  completeJobsOfTask,
  type JobWait,
  requireAllDone,
} from '../../../../lambdas/endings/copy/run-archive-job.ts'
import { recordingLog } from '../../../support/fixed-ports.ts'
import { newSiteId } from '../../../support/probe-launch.ts'

const siteId = newSiteId()
const attempt = { siteId, operationId: 'purge-site', fence: 2 }
const jobs = ['a', 'b'].map(
  (id): ArchiveJob => ({ kind: 'verify', id, siteId, cell: 'local', archiveId: 'arc_01jq3v5k8m0000000000000001' }),
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
  expect(order).toEqual(['note a', 'run a', 'note a b', 'run b', 'note a b'])
  expect(noted.at(-1)).toEqual({ attempt, token: 'a-token', jobs, notedAt: '2026-03-01T12:00:00.000Z' })
})

it('is not completed by jobs that had ended before, until it has started the others', async () => {
  const { noted } = await call([done, running], 'a-token')
  const states = { a: 'ended', b: 'running' } as const
  for (const one of noted) expect((await complete([one], states, { seconds: 180 })).done).toEqual([])
  // Its function has died: it is called again.
  expect((await complete(noted.slice(0, 1), states, { seconds: 181 })).done).toContain('succeed a-token')
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

const notedAt = '2026-03-01T12:00:00.000Z'
const job = (id: string): ArchiveJob => ({
  kind: 'verify',
  id,
  siteId,
  cell: 'local',
  archiveId: 'arc_01jq3v5k8m0000000000000001',
})
const wait = (token: string, ...jobs: readonly string[]): JobWait => ({
  attempt: { siteId, operationId: token, fence: 1 },
  token,
  jobs: jobs.map(job),
  notedAt,
})

type State = 'running' | 'ended' | 'lost' | 'silent'

/** Checks the waits after so many seconds, and returns the results of their tokens. */
const complete = async (
  waits: readonly JobWait[],
  states: Readonly<Record<string, State>>,
  { seconds = 3600, tokensFail = false } = {},
) => {
  const done: string[] = []
  const log = recordingLog()
  const note = (what: string) => async (token: string) => {
    if (tokensFail) throw new Error('Step Functions is away')
    done.push(`${what} ${token}`)
  }
  const work = completeJobs({
    jobWaits: {
      list: async function* () {
        yield* waits
      },
      remove: async ({ token }) => void done.push(`remove ${token}`),
    },
    jobWatch: {
      stateOf: async ({ id }) => {
        const state = states[id] ?? 'lost'
        if (state === 'silent') throw new Error('ECS is away')
        return state
      },
    },
    taskTokens: { succeed: note('succeed'), sendBack: note('send back') },
    clocks: { domain: () => notedAt, wall: () => plusMilliseconds(notedAt, seconds * 1000) },
    jobStartMilliseconds: 180_000,
    log,
  })
  const error = await work.catch((thrown: unknown) => thrown)
  return { done, error, log }
}

it('completes a token once all its jobs have ended, and then removes the wait', async () => {
  const states = { a: 'ended', b: 'ended', c: 'running' } as const
  const { done } = await complete([wait('both', 'a', 'b'), wait('one', 'a', 'c')], states)
  expect(done).toEqual(['succeed both', 'remove both'])
})

it('completes a token that has no job to wait for', async () => {
  expect((await complete([wait('none')], {})).done).toEqual(['succeed none', 'remove none'])
})

it('sends a task back whose job was cut off, but not while another of its jobs runs', async () => {
  const states = { a: 'ended', b: 'lost', c: 'running' } as const
  const { done } = await complete([wait('cut', 'a', 'b'), wait('busy', 'b', 'c')], states)
  expect(done).toEqual(['send back cut', 'remove cut'])
})

it('takes a job for cut off only after its task had time to start', async () => {
  expect((await complete([wait('new', 'a')], { a: 'lost' }, { seconds: 180 })).done).toEqual([])
  expect((await complete([wait('new', 'a')], { a: 'lost' }, { seconds: 181 })).done).toHaveLength(2)
})

it('continues after a wait that it cannot read, logs it, and fails in the end', async () => {
  const { done, error, log } = await complete([wait('silent', 'a'), wait('fine', 'b')], { a: 'silent', b: 'ended' })
  expect(done).toEqual(['succeed fine', 'remove fine'])
  expect(error).toBeInstanceOf(AggregateError)
  expect(log.lines).toMatchObject([{ level: 'warn', fields: { event: 'job-wait-left', siteId } }])
})

it('keeps the wait of a token that could not be completed', async () => {
  const { done, error } = await complete([wait('kept', 'a')], { a: 'ended' }, { tokensFail: true })
  expect([done, error]).toEqual([[], expect.any(AggregateError)])
})

it('looks at the waits of the site whose task has stopped, and at none when another task stops', async () => {
  const asked: unknown[] = []
  const ports = {
    jobWaits: {
      list: async function* (...which: readonly unknown[]) {
        asked.push(...which)
        yield wait('a-token', 'a')
      },
      remove: async () => undefined,
    },
    jobWatch: { stateOf: async () => 'ended' as const },
    taskTokens: { succeed: async (token: string) => void asked.push(token), sendBack: async () => undefined },
    clocks: { domain: () => notedAt, wall: () => notedAt },
    jobStartMilliseconds: 0,
    log: recordingLog(),
    siteOfArchiverTask: (detail: unknown) => (detail === 'of the archiver' ? siteId : undefined),
  }
  await completeJobsOfTask(ports, 'of the archiver')
  await completeJobsOfTask(ports, 'of a site')
  expect(asked).toEqual([siteId, 'a-token'])
})
