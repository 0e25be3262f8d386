import { describe, expect, it } from 'vitest'
import { isErrorOfKind } from '../../../../core/errors.ts'
import { isPaused } from '../../../../core/site/site-facts.ts'
import { suspendSite } from '../../../../lambdas/endings/end-site.ts'
import { holdRequests, type SwappingSite } from '../../../../lambdas/releases/swap/swap-changes.ts'
import { moveSite } from '../../../../lambdas/releases/swap/swap-site.ts'
import { maxEnds } from '../../../../lambdas/sites/evidence/diagnose.ts'
import { healOperations, retryOperation } from '../../../../lambdas/sites/heal-work.ts'
import { heldFor } from '../../../../router/find-upstream.ts'
import { planScene } from './plan-scene.ts'

const begun = async (mode: 'exclusive' | 'shared') => {
  const scene = await planScene(mode)
  await scene.changePlan('growth')
  await scene.follow('trial')
  scene.calls.length = 0
  return scene
}

const kindOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing',
    (error: unknown) => (error instanceof Error ? error.name : 'something else'),
  )

describe('data that is open in one place at a time', () => {
  it('has visitors held while one is swapped for the other', async () => {
    const scene = await begun('exclusive')
    await scene.makeWay()
    expect(isPaused(await scene.now())).toBe(false)
    scene.whileStarting(async () => {
      const paused = await scene.now()
      expect(paused).not.toHaveProperty('endpoint')
      expect([isPaused(paused), heldFor(paused)]).toEqual([true, 'size'])
      expect(scene.running()).toEqual([scene.sizeOf('trial')])
    })
    await scene.move()
    expect(scene.running()).toEqual([scene.sizeOf('growth')])
    const moved = await scene.now()
    expect(moved).toMatchObject({ size: scene.sizeOf('growth'), endpoint: { host: '127.0.0.1' } })
    expect([isPaused(moved), heldFor(moved)]).toEqual([false, undefined])
    await scene.leave()
    expect(await scene.now()).not.toHaveProperty('operation')
    expect(await scene.now()).not.toHaveProperty('upgradedFrom')
    expect(scene.calls).toEqual(['start 2048'])
  })

  it('is left alone until what was asked before has been answered, for so long', async () => {
    const scene = await begun('exclusive')
    scene.openRequests.push(3, 1, 0, 1, 0, 0)
    await scene.makeWay()
    await scene.move()
    expect(scene.openRequests).toEqual([])
    const endless = await begun('exclusive')
    endless.openRequests.push(...Array<number>(1000).fill(1))
    const before = endless.ports.monotonic()
    await endless.makeWay()
    await endless.move()
    expect(endless.ports.monotonic() - before).toBeLessThan(8000)
  })

  it('is still left alone where the task died while requests were in progress, for the rest of the time', async () => {
    const scene = await begun('exclusive')
    await scene.makeWay()
    await scene.commit(holdRequests((await scene.now()) as SwappingSite, { ...scene.context(), ...scene.ports }))
    scene.openRequests.push(2, 0, 0)
    await scene.move()
    expect(scene.openRequests).toEqual([])
    const late = await begun('exclusive')
    await late.makeWay()
    await late.commit(holdRequests((await late.now()) as SwappingSite, { ...late.context(), ...late.ports }))
    late.waitFor(5000)
    late.openRequests.push(2)
    await late.move()
    expect(late.openRequests).toEqual([2])
  })

  it('waits for a while where no router can be asked', async () => {
    const scene = await begun('exclusive')
    scene.openRequests.push(undefined)
    await scene.makeWay()
    await scene.move()
    expect(scene.paused.slice(-2)).toEqual([1000, 2000])
  })

  it('moves once although a reply was lost', async () => {
    const scene = await begun('exclusive')
    const attempt = await scene.attempt()
    await scene.makeWay()
    await scene.makeWay()
    await scene.move()
    const { version } = await scene.now()
    await scene.makeWay()
    await scene.move()
    expect(await scene.attempt()).toEqual(attempt)
    expect((await scene.now()).version).toBe(version)
  })
})

describe('data that allows two at once', () => {
  it('is never without one that answers, and visitors go over to the next one', async () => {
    const scene = await begun('shared')
    const { endpoint } = scene.site
    const before = (await scene.now()).endpoint
    await scene.makeWay()
    expect((await scene.now()).endpoint).toEqual(before)
    await scene.move()
    expect(scene.running()).toEqual([scene.sizeOf('trial'), scene.sizeOf('growth')])
    const moved = await scene.now()
    expect(moved.endpoint).not.toEqual(endpoint)
    scene.openRequests.push(2, 0, 0)
    await scene.leave()
    expect(scene.openRequests).toEqual([])
    expect(scene.running()).toEqual([scene.sizeOf('growth')])
    expect((await scene.now()).endpoint).toEqual(moved.endpoint)
    expect(scene.calls).toEqual(['startBeside 2048', 'start 2048'])
  })

  it('continues with the one before where the next one does not answer', async () => {
    const scene = await begun('shared')
    scene.sick.push(scene.sizeOf('growth'))
    await scene.makeWay()
    expect(await kindOf(scene.move())).toBe('SiteNotReady')
    const { endpoint } = await scene.now()
    await scene.fail('LaunchFailed')
    expect(scene.running()).toEqual([scene.sizeOf('trial')])
    expect(await scene.now()).toMatchObject({
      endpoint: { port: scene.site.endpoint?.port },
      size: scene.sizeOf('trial'),
    })
    expect(endpoint).toBeDefined()
  })
})

describe.each(['exclusive', 'shared'] as const)('a change of size that fails, %s', (mode) => {
  it('has so long as a start may take', async () => {
    const scene = await begun(mode)
    scene.sick.push(scene.sizeOf('growth'))
    await scene.makeWay()
    expect(await kindOf(scene.move())).toBe('SiteNotReady')
    scene.waitFor(61_000)
    expect(await kindOf(scene.move())).toBe('LaunchFailed')
  })

  it('stops at the third end of its program, and not at those of the former one', async () => {
    const scene = await begun(mode)
    scene.sick.push(scene.sizeOf('growth'))
    await scene.makeWay()
    scene.ended.push({ size: scene.sizeOf('trial'), ends: maxEnds })
    expect(await kindOf(scene.move())).toBe('SiteNotReady')
    scene.ended[0] = { size: scene.sizeOf('growth'), ends: maxEnds - 1 }
    expect(await kindOf(scene.move())).toBe('SiteNotReady')
    scene.ended[0] = { size: scene.sizeOf('growth'), ends: maxEnds }
    expect(await kindOf(scene.move())).toBe('LaunchFailed')
    // It may have waited for its database.
    scene.sick.length = 0
    await scene.move()
    expect((await scene.now()).size).toEqual(scene.sizeOf('growth'))
  })

  it('has no room for a minute at most, and is retried until then', async () => {
    const scene = await begun(mode)
    scene.unavailable.push(scene.sizeOf('growth'))
    await scene.makeWay()
    const attempt = await scene.attempt()
    const move = () => moveSite({ ...scene.ports, placementSeconds: 180 }, attempt)
    scene.waitFor(50_000)
    expect(await kindOf(move())).toBe('RuntimeUnavailable')
    scene.waitFor(11_000)
    expect(await kindOf(move())).toBe('LaunchFailed')
  })

  it('restarts its time with another attempt', async () => {
    const scene = await begun(mode)
    await scene.makeWay()
    scene.waitFor(600_000)
    await scene.commit(retryOperation(await scene.now(), scene.context()))
    await scene.makeWay()
    await scene.move()
    expect((await scene.now()).size).toEqual(scene.sizeOf('growth'))
  })

  it('goes back to the size of before, which runs, and is reported', async () => {
    const scene = await begun(mode)
    scene.refused.push(scene.sizeOf('growth'))
    await scene.makeWay()
    expect(await kindOf(scene.move())).toBe('LaunchFailed')
    await scene.fail('LaunchFailed')
    const site = await scene.now()
    expect(scene.running()).toEqual([scene.sizeOf('trial')])
    expect(site).toMatchObject({ size: scene.sizeOf('trial'), plan: 'growth', endpoint: { host: '127.0.0.1' } })
    expect(site).not.toHaveProperty('operation')
    expect(site).not.toHaveProperty('reprievedUntil')
    // No roll-out counts it.
    expect(site).not.toHaveProperty('failedUpgrade')
    expect(site).not.toHaveProperty('upgradedFrom')
    expect(scene.log.lines).toContainEqual(
      expect.objectContaining({ level: 'error', fields: expect.objectContaining({ operation: 'upgrade' }) }),
    )
  })

  it('is aborted once, however often that is tried', async () => {
    const scene = await begun(mode)
    const attempt = await scene.attempt()
    await scene.makeWay()
    scene.sick.push(scene.sizeOf('trial'))
    expect(await kindOf(scene.fail('LaunchFailed'))).toBe('SiteNotReady')
    const aborted = await scene.now()
    scene.sick.length = 0
    const { failSwap } = await import('../../../../lambdas/releases/swap/fail-swap.ts')
    await failSwap(scene.ports, attempt, 'LaunchFailed')
    expect((await scene.now()).version).toBe(aborted.version + 1)
    expect(scene.log.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
  })

  it('cannot be advanced by a late task of the aborted attempt', async () => {
    const scene = await begun(mode)
    await scene.makeWay()
    const attempt = await scene.attempt()
    const { moveSite } = await import('../../../../lambdas/releases/swap/swap-site.ts')
    scene.sick.push(scene.sizeOf('trial'))
    await kindOf(scene.fail('LaunchFailed'))
    expect(await kindOf(moveSite(scene.ports, attempt))).toBe('OperationSuperseded')
  })

  it('is past giving up once the site answers with its new size', async () => {
    const scene = await begun(mode)
    await scene.makeWay()
    await scene.move()
    expect(await kindOf(scene.fail('RuntimeUnavailable'))).toBe('Unavailable')
    expect((await scene.now()).size).toEqual(scene.sizeOf('growth'))
  })

  it('is ended by a sweep where its last task is lost', async () => {
    const scene = await begun(mode)
    await scene.makeWay()
    scene.sick.push(scene.sizeOf('trial'))
    await kindOf(scene.fail('LaunchFailed'))
    scene.waitFor(60_000)
    // Its workflow may still put things right.
    const aborted = await scene.attempt()
    const status = async (_: string, name: string) =>
      name === `${aborted.operationId}-${aborted.fence - 1}` ? 'running' : 'unknown'
    await healOperations({ ...scene.ports, workflows: { ...scene.ports.workflows, status } }, 'evt_2')
    expect(await scene.attempt()).toEqual(aborted)
    await healOperations(scene.ports, 'evt_2')
    const site = await scene.now()
    expect(site).not.toHaveProperty('operation')
    expect(site.planNotBefore).toBeDefined()
  })
})

describe('a site that is suspended while it is given another size', () => {
  it.each(['exclusive', 'shared'] as const)('is stopped, and nothing starts it again: %s', async (mode) => {
    const scene = await begun(mode)
    await scene.makeWay()
    scene.whileStarting(async () => {
      scene.whileStarting(async () => undefined)
      await scene.commit(suspendSite(await scene.now(), { because: 'operator' }, scene.context()))
    })
    const error: unknown = await scene.move().catch((thrown: unknown) => thrown)
    expect(isErrorOfKind(error, 'OperationSuperseded')).toBe(true)
    expect(scene.running()).toEqual([])
    expect(await scene.get(scene.site.id, 'suspended')).toMatchObject({ operation: { kind: 'suspend' } })
  })
})
