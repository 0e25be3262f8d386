import { expect, it } from 'vitest'
import type { ArchiveJob, ArchiveJobState } from '../../core/ports/archives.ts'
import { createLocalJobWaits, type LocalArchiver } from '../../local/job-waits.ts'
import { createWorkflows } from '../../local/workflows.ts'
import { recordingLog } from '../support/fixed-ports.ts'
import { newSiteId } from '../support/probe-launch.ts'
import { waitFor } from '../support/wait-for.ts'

const siteId = newSiteId()
const attempt = { siteId, operationId: 'restore-site', fence: 1 }
const job: ArchiveJob = { kind: 'verify', id: 'a', siteId, cell: 'local', archiveId: 'arc_01jq3v5k8m0000000000000001' }
const noted = { attempt, token: 'a-token', jobs: [job], notedAt: '2026-03-01T12:00:00.000Z' }
const never = { pause: () => new Promise<void>(() => undefined), pollMilliseconds: 1 }

const archiverThat = (...states: readonly (ArchiveJobState['state'] | Error)[]) => {
  const checks = [...states]
  const moves: PromiseWithResolvers<void>[] = []
  const archiver: LocalArchiver = {
    run: async () => {
      const state = checks.shift() ?? 'done'
      if (state instanceof Error) throw state
      if (state === 'failed') return { state, error: 'ArchivingFailed', message: 'as told' }
      return state === 'done' ? { state, bytes: 1, files: 1 } : { state }
    },
    moved: () => {
      moves.push(Promise.withResolvers<void>())
      return moves.at(-1)!.promise
    },
  }
  return { archiver, moves }
}

it('waits for the worker of a job, and for the one that follows a worker that was cut off', async () => {
  const { archiver, moves } = archiverThat('running', 'running', 'done')
  const waits = createLocalJobWaits(archiver, never)
  await waits.ports.jobWaits.note(noted)
  let isOver = false
  const ended = waits.ended('a-token').then(() => {
    isOver = true
  })
  await waitFor(async () => moves.length === 1)
  moves[0]!.resolve()
  await waitFor(async () => moves.length === 2)
  expect(isOver).toBe(false)
  moves[1]!.resolve()
  await ended
})

it('waits for a job that fails as for one that is done', async () => {
  const waits = createLocalJobWaits(archiverThat('failed').archiver, never)
  await waits.ports.jobWaits.note(noted)
  await waits.ended('a-token')
})

it('does not wait with a token that was not noted', async () => {
  await createLocalJobWaits(archiverThat('running').archiver, never).ended('another')
})

it('fails where the archiver cannot be asked', async () => {
  const waits = createLocalJobWaits(archiverThat(new Error('closed')).archiver, never)
  await waits.ports.jobWaits.note(noted)
  await expect(waits.ended('a-token')).rejects.toThrow('closed')
})

it('a state that waits gives each call of its function a token of its own, and the next state goes without one', async () => {
  const inputs: [string, unknown][] = []
  const gates = new Map<string, PromiseWithResolvers<void>>()
  const workflows = await createWorkflows({
    tasks: new Map([
      [
        'restore-site',
        new Map(
          ['RestoreData', 'StartRestored', 'OpenRestored', 'FailOperation'].map((state) => [
            state,
            async (call: unknown) => void inputs.push([state, (call as { input: unknown }).input]),
          ]),
        ),
      ],
    ]),
    untilCompleted: (token) => {
      gates.set(token, Promise.withResolvers<void>())
      return gates.get(token)!.promise
    },
    atOnce: 2,
    log: recordingLog(),
    secondMilliseconds: 1,
  })
  await workflows.start('restore-site', 'one', attempt)
  await workflows.start('restore-site', 'two', attempt)
  await waitFor(async () => gates.size === 2)
  expect(inputs).toEqual([...gates.keys()].map((taskToken) => ['RestoreData', { ...attempt, taskToken }]))
  const [first, second] = [...gates.values()]
  first!.resolve()
  await waitFor(async () => (await workflows.status('restore-site', 'one')) === 'succeeded')
  expect(inputs.slice(2)).toEqual(['RestoreData', 'StartRestored', 'OpenRestored'].map((state) => [state, attempt]))
  // Cut off, it is called again.
  second!.reject(Object.assign(new Error('no outcome'), { name: 'ArchiveNotReady' }))
  await waitFor(async () => inputs.length === 6)
  expect(inputs[5]).toMatchObject(['RestoreData', { taskToken: expect.any(String) }])
  // Who completes the former call late does not complete this one.
  expect(new Set(inputs.flatMap(([, input]) => (input as { taskToken?: string }).taskToken ?? [])).size).toBe(3)
  // A waiting job does not block closing.
  await workflows.close()
})
