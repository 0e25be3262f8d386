import { expect, it } from 'vitest'
import type { CheckProbe } from '../../../../core/ports/probes.ts'
import type { Launch, OneOff, OneOffState } from '../../../../core/ports/runtime.ts'
import { failSwap } from '../../../../lambdas/releases/swap/fail-swap.ts'
import { makeWay, moveSite } from '../../../../lambdas/releases/swap/swap-site.ts'
import type { FailureEvidence } from '../../../../lambdas/sites/evidence/evidence.ts'
import { runCommand } from '../../../../lambdas/sites/run/run-command.ts'
import { rolloutScene } from '../rollout-scene.ts'

const command = ['shop', 'migrate']

/** A site that is upgraded to a version with a command; `states` are the runtime's answers, the last one for ever. */
const scene = (...states: readonly OneOffState[]) =>
  sceneOf({ command, commandSeconds: 30, checks: [{ path: '/version', contains: 'two' }] }, states)

const sceneOf = async (release: Parameters<typeof rolloutScene>[1], states: readonly OneOffState[]) => {
  const given = await rolloutScene(1, release)
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
  let migrates = false
  const isMigrating = () => migrates && kept.length === 0
  const ports = {
    ...given.ports,
    probe: {
      ...given.ports.probe,
      isHealthy: async () => !isMigrating(),
      ask: async () => (isMigrating() ? ({ failure: 'refused' } as const) : { status: 200 }),
      meets: async () => meets,
    },
    runtime: {
      ...given.ports.runtime,
      runOnce,
      observe: async () => ({
        containers: [{ name: 'web', isRunning: true, ends: 0, lines: [] }],
        ...{ port: 20_001, listeners: [] },
      }),
    },
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
    migrateForEver: () => {
      migrates = true
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
  [{}, 'was ended before it was done: it may take 30 seconds'],
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
  const detail = `The release command of version 2 ${words}.`
  expect(kept).toMatchObject([{ during: 'upgrade', error: 'LaunchFailed', blueprint: { version: 2 }, detail }])
})

it('is not named as what failed by an attempt that fails before it runs', async () => {
  const { makeWay, run, fail, kept, breakRuns } = await scene({ state: 'ended', exitCode: 1, lines: [] })
  await makeWay()
  await expect(run()).rejects.toThrow('ended with exit code 1')
  // As after an outage of the host.
  await makeWay()
  breakRuns()
  await fail('LaunchFailed')
  expect(kept).toMatchObject([{ detail: expect.not.stringContaining('release command') }])
})

const passed = { state: 'ended', exitCode: 0, lines: [] } as const
const checks = [{ command: ['shop', 'verify'], seconds: 30 }, { path: '/version' }, { command: ['shop', 'count'] }]

it('of a check runs after the version was healthy, before it starts again and visitors reach it', async () => {
  const { makeWay, run, runs, record, passMilliseconds } = await sceneOf({ checks }, [{ state: 'running' }, passed])
  const waits = () => expect(run()).rejects.toThrow(expect.objectContaining({ name: 'SiteNotReady' }))
  await makeWay()
  await waits()
  expect([runs.length, (await record()).operation]).toMatchObject([0, { checking: 0 }])
  await waits()
  // The second start has all its time after the commands.
  passMilliseconds(90_000)
  await run()
  expect(await record()).toMatchObject({ blueprint: { version: 2 }, operation: { checking: 2 } })
  expect(runs.map(({ command: [, what], seconds }) => [what, seconds])).toEqual([
    ['verify', 30],
    ['verify', 30],
    ['count', 60],
  ])
  expect(runs.map(({ key }) => key === runs[0]?.key)).toEqual([true, true, false])
})

it('of a check keeps the former version if it fails, and is the cause', async () => {
  const failed = { state: 'ended', exitCode: 3, lines: [] } as const
  const { makeWay, run, fail, record, kept } = await sceneOf({ checks }, [passed, failed])
  await makeWay()
  await expect(run()).rejects.toThrow(expect.objectContaining({ name: 'SiteNotReady' }))
  const message = 'The command of a check of version 2 ended with exit code 3.'
  await expect(run()).rejects.toMatchObject({ name: 'LaunchFailed', message })
  expect(await fail('LaunchFailed')).toEqual({ isOwners: false })
  const detail = "It was healthy, but the check by the command 'shop' failed."
  expect(kept).toMatchObject([{ cause: 'check', detail }])
  expect(await record()).toMatchObject({ blueprint: { version: 1 }, failedUpgrade: { to: 2, cause: 'check' } })
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
  expect(kept).toMatchObject([{ during: 'upgrade', cause: 'check', detail, healthAnswer: { status: 200 } }])
})

it('says in its evidence that images could not be loaded', async () => {
  const { fail, kept } = await scene({ state: 'running' })
  await fail('BlueprintUnavailable')
  const detail = 'Its images could not be loaded, so the version was not started.'
  expect(kept).toMatchObject([{ during: 'upgrade', cause: 'unknown', detail }])
})

it('goes back from a version that migrates for longer than its start time, and says that it was slow', async () => {
  const { makeWay, run, fail, record, kept, migrateForEver, passMilliseconds } = await sceneOf({}, [])
  migrateForEver()
  await makeWay()
  await expect(run()).rejects.toMatchObject({ name: 'SiteNotReady' })
  passMilliseconds(61_000)
  await expect(run()).rejects.toMatchObject({ name: 'LaunchFailed' })
  await fail('LaunchFailed')
  expect(kept).toMatchObject([{ during: 'upgrade', cause: 'slow', blueprint: { version: 2 } }])
  expect(await record()).toMatchObject({ blueprint: { version: 1 }, failedUpgrade: { to: 2, cause: 'slow' } })
})

it('does not open a version that strangers could set up, where the gate is open because of a hand-over', async () => {
  const given = await rolloutScene(1, {})
  const [id] = given.opened
  if (id === undefined) throw new Error('there is no site')
  const { ownership } = await given.get(id, 'active')
  const site = {
    ...(await given.get(id, 'active')),
    access: 'claimed',
    handOver: { status: 'done', at: given.now() },
  } as const
  const get = async () => ({ ...(await given.get(id, 'active')), access: site.access, handOver: site.handOver })
  const asked: object[] = []
  const meets: CheckProbe['meets'] = async (_, { strangersAt, publicPages }) => {
    asked.push({ strangersAt, publicPages })
    return strangersAt === undefined
  }
  await given.start()
  await given.tick()
  const attempt = given.queue[0]?.attempt
  if (attempt === undefined) throw new Error('no upgrade begins')
  const kept: FailureEvidence[] = []
  const ports = {
    ...given.ports,
    sites: { ...given.ports.sites, get },
    blueprints: {
      ...given.ports.blueprints,
      get: async (name: string, version: number) => {
        const blueprint = await given.ports.blueprints.get(name, version)
        const gate = { access: 'claimed', handOver: { hook: { path: '/owner' } }, publicPages: ['/register'] } as const
        return blueprint && { ...blueprint, ...gate }
      },
    },
    probe: { ...given.ports.probe, ask: async () => ({ status: 200 }), meets },
    evidence: { keep: async (one: FailureEvidence) => void kept.push(one) },
  }
  await makeWay(ports, attempt)
  await expect(moveSite(ports, attempt)).rejects.toMatchObject({ message: expect.stringContaining('by strangers') })
  expect(asked).toEqual([{ strangersAt: ownership.hostname, publicPages: ['/register'] }])
  await failSwap(ports, attempt, 'LaunchFailed')
  expect(kept).toMatchObject([{ cause: 'open' }])
  expect(await given.get(id, 'active')).toMatchObject({ blueprint: { version: 1 }, failedUpgrade: { cause: 'open' } })
})

it('says in its evidence that a version was not started because its data could not be copied', async () => {
  const { makeWay, fail, kept } = await scene({ state: 'running' })
  await makeWay()
  await fail('ArchivingFailed')
  expect(kept).toMatchObject([{ error: 'ArchivingFailed', detail: expect.stringContaining('was not started') }])
})
