import { expect, it } from 'vitest'
import type { FailureEvidence } from '../../../../core/evidence/evidence.ts'
import type { Launch, OneOff, OneOffState } from '../../../../core/ports/runtime.ts'
import { failSwap } from '../../../../core/site/resize/fail-resize.ts'
import { makeWay, moveSite } from '../../../../core/site/resize/resize-site.ts'
import { runCommand } from '../../../../core/site/run/run-command.ts'
import { rolloutScene } from '../../release/rollout-scene.ts'

const command = ['shop', 'migrate']

/** A site that is upgraded to a version with a command; `states` are the runtime's answers, the last one for ever. */
const scene = async (...states: readonly OneOffState[]) => {
  const checks = [{ path: '/version', contains: 'two' }]
  const given = await rolloutScene(1, { command, commandSeconds: 30, checks })
  let meets = true
  let runsFail = false
  await given.start()
  await given.tick()
  const [upgrade] = given.queue
  if (upgrade === undefined) throw new Error('no upgrade begins')
  const { attempt } = upgrade
  const runs: (OneOff & { readonly launch: Launch })[] = []
  const runOnce = async (launch: Launch, run: OneOff): Promise<OneOffState> => {
    runs.push({ ...run, launch })
    if (runsFail) throw new Error('the engine is busy')
    return states[Math.min(runs.length, states.length) - 1] ?? { state: 'running' }
  }
  const kept: FailureEvidence[] = []
  const ports = {
    ...given.ports,
    probe: { ...given.ports.probe, ask: async () => ({ status: 200 }), meets: async () => meets },
    runtime: { ...given.ports.runtime, runOnce },
    evidence: { keep: async (one: FailureEvidence) => void kept.push(one) },
  }
  return {
    ...given,
    attempt,
    runs,
    kept,
    makeWay: () => makeWay(ports, attempt),
    run: () => moveSite(ports, attempt),
    breakRuns: () => {
      runsFail = true
    },
    breakChecks: () => {
      meets = false
    },
    fail: (error: string) => failSwap(ports, attempt, error),
    record: () => given.get(attempt.siteId, 'active'),
  }
}

it('runs once with the new version before it starts, while requests are held', async () => {
  const { makeWay, run, runs, record, passMilliseconds } = await scene(
    { state: 'running' },
    { state: 'ended', exitCode: 0, lines: [] },
  )
  await makeWay()
  await expect(run()).rejects.toThrow(expect.objectContaining({ name: 'SiteNotReady' }))
  const held = await record()
  expect([held.endpoint, held.blueprint.version]).toEqual([undefined, 1])
  // The start has all its time after the command.
  passMilliseconds(40_000)
  await run()
  expect(await record()).toMatchObject({ blueprint: { version: 2 }, operation: { command: 'done' } })
  expect(runs).toMatchObject([{ command, seconds: 30, environment: {}, launch: { blueprint: { version: 2 } } }, {}])
  expect(new Set(runs.map(({ key }) => key)).size).toBe(1)
})

it.each([
  [{ exitCode: 1 }, 'ended with exit code 1'],
  [{}, 'was ended before it was done'],
])('fails the upgrade if it %j, and the former version is back', async (end, words) => {
  const { makeWay, run, fail, record, kept } = await scene({ state: 'ended', ...end, lines: [] })
  await makeWay()
  const failure = { name: 'LaunchFailed', message: expect.stringContaining(words) }
  await expect(run()).rejects.toThrow(expect.objectContaining(failure))
  await fail('LaunchFailed')
  const { operation, blueprint, failedUpgrade, endpoint } = await record()
  expect([operation, blueprint.version]).toEqual([undefined, 1])
  expect(endpoint).toBeDefined()
  expect(failedUpgrade).toMatchObject({ to: 2, because: 'LaunchFailed' })
  expect(kept).toMatchObject([{ during: 'upgrade', error: 'LaunchFailed', blueprint: { version: 2 } }])
})

it('is not ended because its site could not be read', async () => {
  const { makeWay, run, runs, attempt } = await scene({ state: 'running' })
  await makeWay()
  await expect(run()).rejects.toThrow(expect.objectContaining({ name: 'SiteNotReady' }))
  const [first] = runs
  if (first === undefined) throw new Error('no command ran')
  const get = () => Promise.reject(new Error('the store is busy'))
  const asked: OneOff[] = []
  const runOnce = async (_: Launch, one: OneOff): Promise<OneOffState> => {
    asked.push(one)
    return { state: 'running' }
  }
  const again = runCommand({ sites: { get }, runtime: { runOnce } }, attempt, first.launch, first)
  await expect(again).rejects.toThrow('the store is busy')
  expect(asked.map(({ seconds }) => seconds)).toEqual([30])
})

it('is ended before the former version starts if the upgrade fails while it runs', async () => {
  const { makeWay, run, runs, fail, record } = await scene({ state: 'running' })
  await makeWay()
  await expect(run()).rejects.toThrow(expect.objectContaining({ name: 'SiteNotReady' }))
  await fail('Unavailable')
  expect(runs.map(({ seconds }) => seconds)).toEqual([30, 0])
  expect(new Set(runs.map(({ key }) => key)).size).toBe(1)
  const { operation, blueprint } = await record()
  expect([operation, blueprint.version]).toEqual([undefined, 1])
})

it('keeps no former version down although it cannot be ended', async () => {
  const { makeWay, run, fail, record, breakRuns } = await scene({ state: 'running' })
  await makeWay()
  await expect(run()).rejects.toThrow(expect.objectContaining({ name: 'SiteNotReady' }))
  breakRuns()
  await fail('Unavailable')
  const { operation, blueprint, endpoint } = await record()
  expect([operation, blueprint.version, endpoint === undefined]).toEqual([undefined, 1, false])
})

it('says in its evidence which check a healthy version does not meet, or that it was not started', async () => {
  const { makeWay, run, fail, kept, breakChecks } = await scene({ state: 'ended', exitCode: 0, lines: [] })
  await makeWay()
  breakChecks()
  await expect(run()).rejects.toThrow(expect.objectContaining({ name: 'SiteNotReady' }))
  await fail('LaunchFailed')
  const detail = 'It is healthy, but /version does not answer with 200 and the text that its blueprint names.'
  expect(kept).toMatchObject([{ during: 'upgrade', cause: 'unknown', detail, healthAnswer: { status: 200 } }])
})

it('says in its evidence that a version was not started because its data could not be copied', async () => {
  const { makeWay, fail, kept } = await scene({ state: 'running' })
  await makeWay()
  await fail('ArchivingFailed')
  expect(kept).toMatchObject([{ error: 'ArchivingFailed', detail: expect.stringContaining('was not started') }])
})
