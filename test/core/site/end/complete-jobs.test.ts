import { expect, it } from 'vitest'
import { plusMilliseconds } from '../../../../core/instant.ts'
import type { ArchiveJob } from '../../../../core/ports/archives.ts'
import type { JobWait } from '../../../../core/ports/job-waits.ts'
import { completeJobs } from '../../../../core/site/end/complete-jobs.ts'
import { recordingLog } from '../../../support/fixed-ports.ts'
import { newSiteId } from '../../../support/probe-launch.ts'

const notedAt = '2026-03-01T12:00:00.000Z'
const siteId = newSiteId()
const job = (id: string): ArchiveJob => ({ kind: 'verify', id, siteId, archiveId: 'arc_01jq3v5k8m0000000000000001' })
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
    log: recordingLog(),
  })
  const error = await work.catch((thrown: unknown) => thrown)
  return { done, error }
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

it('continues after a wait that it cannot read, and fails in the end', async () => {
  const { done, error } = await complete([wait('silent', 'a'), wait('fine', 'b')], { a: 'silent', b: 'ended' })
  expect(done).toEqual(['succeed fine', 'remove fine'])
  expect(error).toBeInstanceOf(AggregateError)
})

it('keeps the wait of a token that could not be completed', async () => {
  const { done, error } = await complete([wait('kept', 'a')], { a: 'ended' }, { tokensFail: true })
  expect([done, error]).toEqual([[], expect.any(AggregateError)])
})
