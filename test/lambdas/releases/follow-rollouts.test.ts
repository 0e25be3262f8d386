import { describe, expect, it } from 'vitest'
import type { SiteId } from '../../../core/ids.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { resumeSite } from '../../../lambdas/endings/resume-site.ts'
import { followRollouts, isBehind } from '../../../lambdas/releases/follow-rollouts.ts'
import { freshWalk } from '../../../lambdas/releases/rollout.ts'
import { beginUpgrade } from '../../../lambdas/releases/swap/begin-swap.ts'
import { inParts } from '../../../lambdas/sites/run/sweep-parts.ts'
import { samplePolicies } from '../../support/sample-policy.ts'
import { rolloutScene } from './rollout-scene.ts'

type Release = Parameters<typeof rolloutScene>[1]

/** A place whose first site is suspended. */
const away = async (sites: number, release: Release = {}) => {
  const scene = await rolloutScene(sites, release)
  const [id] = scene.opened
  if (id === undefined) throw new Error('there is no site')
  const resume = async (): Promise<void> => {
    const site = await scene.get(id, 'suspended')
    const { trialEndsAt, extensionsUsed } = site
    await scene.commit(resumeSite(site, { trialEndsAt, extensionsUsed }, samplePolicies.current, scene.context()))
  }
  /** What the sweep does that has read all active sites. */
  const sweep = async (): Promise<void> => {
    const active: ActiveSite[] = []
    for await (const site of scene.ports.sites.listByStatus('active')) active.push(site)
    await followRollouts(scene.ports, active, inParts({ atOnce: 4, log: scene.log }), 'sweep')
  }
  const suspend = async (): Promise<void> => {
    await scene.commit(suspendSite(await scene.get(id, 'active'), { because: 'operator' }, scene.context()))
    await scene.ports.runtime.remove({ siteId: id, cell: 'local' })
  }
  await suspend()
  return {
    ...scene,
    id,
    resume,
    suspend,
    sweep,
    version: async () => (await scene.get(id, 'active')).blueprint.version,
  }
}

const finish = async (scene: Awaited<ReturnType<typeof away>>, to = 2): Promise<void> => {
  await scene.start({ to, waves: [] })
  await scene.settle()
  expect(await scene.rollout()).toMatchObject({ to, state: 'finished' })
}

describe('a site whose disk is away during a roll-out', () => {
  it('neither gets the version nor counts as failed, and gets it when the disk is back', async () => {
    const scene = await away(2)
    const { id } = await scene.open({ cell: 'fast' })
    const asleep = (await scene.open({ cell: 'fast' })).id
    await scene.sleep(asleep)
    await finish(scene)
    expect(await scene.rollout()).toMatchObject({ total: 1, done: 1, failed: [] })
    expect((await scene.get(id, 'active')).blueprint.version).toBe(1)
    scene.ports.cells.push('fast')
    await scene.sweep()
    await scene.work()
    expect((await scene.get(id, 'active')).blueprint.version).toBe(2)
  })
})

describe('a site that is resumed after a roll-out has finished', () => {
  it.each([
    ['swapped', {}],
    ['copied', { migrates: true }],
    ['prepared by a command', { command: ['shop', 'migrate'] }],
  ])('gets its version, %s as in the roll-out', async (_, release) => {
    const scene = await away(2, release)
    await finish(scene)
    await scene.sweep()
    expect(scene.queue).toEqual([])
    await scene.resume()
    await scene.sweep()
    const { operation } = await scene.get(scene.id, 'active')
    expect(operation).toMatchObject({
      kind: 'upgrade',
      target: { blueprint: { version: 2 } },
      ...('command' in release && { command: 'due' }),
    })
    await scene.work()
    expect(await scene.get(scene.id, 'active')).toMatchObject({
      blueprint: { version: 2 },
      upgradedFrom: 1,
      generation: 'migrates' in release ? 2 : 1,
    })
    expect(scene.outside.violations).toEqual([])
  })

  it('keeps its version if the upgrade fails, and a retry of the roll-out upgrades it', async () => {
    const scene = await away(2)
    await finish(scene)
    await scene.resume()
    scene.broken.add(scene.id)
    await scene.sweep()
    await scene.work()
    scene.broken.clear()
    await scene.sweep()
    expect(scene.queue).toEqual([])
    expect((await scene.get(scene.id, 'active')).failedUpgrade).toMatchObject({ to: 2 })
    scene.passMilliseconds(1)
    await scene.act('retry')
    await scene.settle()
    expect(await scene.version()).toBe(2)
  })

  it('waits while the brake is on', async () => {
    const scene = await away(1)
    await finish(scene)
    await scene.resume()
    scene.brake.on = true
    await scene.sweep()
    expect(scene.queue).toEqual([])
    scene.brake.on = false
    await scene.sweep()
    expect(scene.queue).toHaveLength(1)
  })

  it('is begun by a later sweep if the site changes at the same time, or the start fails', async () => {
    const scene = await away(1)
    await finish(scene)
    await scene.resume()
    scene.meanwhile(scene.suspend)
    await scene.sweep()
    expect((await scene.get(scene.id, 'suspended')).operation?.kind).toBe('suspend')
    await scene.work()
    await scene.resume()
    scene.failCall(2)
    await scene.sweep()
    expect(scene.queue).toEqual([])
    await scene.heal()
    await scene.work()
    expect(await scene.version()).toBe(2)
  })

  it('is one of as many at once as a roll-out moves', async () => {
    const scene = await away(1)
    await finish(scene)
    const claimed: SiteId[] = []
    for (let index = 0; index < 6; index += 1) claimed.push((await scene.open()).id)
    await scene.sweep()
    await scene.sweep()
    expect(scene.queue).toHaveLength(4)
    await scene.work()
    await scene.sweep()
    expect(scene.queue).toHaveLength(2)
    await scene.work()
    for (const id of claimed) expect((await scene.get(id, 'active')).blueprint.version).toBe(2)
  })
})

describe('a site that is resumed', () => {
  it('gets the version from a roll-out that still runs', async () => {
    const scene = await away(6)
    await scene.start()
    await scene.tick()
    await scene.resume()
    await scene.sweep()
    expect(scene.queue).toHaveLength(1)
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'finished', done: 6 })
    expect(await scene.version()).toBe(2)
  })

  it.each(['paused', 'halted', 'aborted'] as const)('gets nothing from a roll-out that is %s', async (state) => {
    const scene = await away(3)
    if (state === 'halted') for (const id of scene.opened) scene.broken.add(id)
    await scene.start({ failureBudget: 0 })
    await scene.tick()
    await scene.work()
    await scene.tick()
    if (state !== 'halted') await scene.act(state === 'paused' ? 'pause' : 'abort')
    await scene.settle()
    expect((await scene.rollout()).state).toBe(state)
    await scene.resume()
    await scene.sweep()
    expect(scene.queue).toEqual([])
  })

  it('gets the version of the last roll-out that finished, if the one after it was aborted', async () => {
    const scene = await away(2)
    await finish(scene)
    await scene.publish(3, {})
    await scene.start({ to: 3 })
    await scene.resume()
    await scene.sweep()
    expect(scene.queue).toEqual([])
    await scene.act('abort')
    await scene.sweep()
    await scene.work()
    expect(await scene.version()).toBe(2)
  })

  it('gets nothing if the same version was rolled out once more, and that was aborted', async () => {
    const scene = await away(2)
    await finish(scene)
    await scene.start()
    await scene.act('abort')
    await scene.resume()
    await scene.sweep()
    expect(scene.queue).toEqual([])
  })

  it('keeps a later version than that of the last roll-out', async () => {
    const scene = await away(2)
    await scene.publish(3, { backwardCompatible: true })
    await scene.resume()
    await finish(scene, 3)
    await scene.suspend()
    await finish(scene, 2)
    await scene.resume()
    await scene.sweep()
    expect(scene.queue).toEqual([])
    expect(await scene.version()).toBe(3)
  })

  it('keeps its version if it went back from that of the last roll-out', async () => {
    const scene = await away(1, { backwardCompatible: true })
    await scene.resume()
    await finish(scene)
    const [former] = await scene.versionsOf()
    if (former === undefined) throw new Error('there is no version')
    const back = beginUpgrade(
      await scene.get(scene.id, 'active'),
      { to: former.version, migrates: false },
      scene.context(),
    )
    await scene.commit(back)
    await scene.heal()
    await scene.work()
    const returned = await scene.get(scene.id, 'active')
    await scene.commit(suspendSite(returned, { because: 'operator' }, scene.context()))
    await scene.resume()
    await scene.sweep()
    expect(scene.queue).toEqual([])
    const site = await scene.get(scene.id, 'active')
    expect([isBehind(site, { to: 2 }), isBehind(site, { to: 3 })]).toEqual([false, true])
    const restored = { to: 2, because: 'DataRestored', at: site.trialEndsAt, restored: 'arc_1' } as const
    expect(isBehind({ ...site, failedUpgrade: restored }, { to: 3 })).toBe(false)
  })
})

describe('a site that is resumed after a roll-out went back', () => {
  const compatible = { backwardCompatible: true }

  /** Its first site had the version when it was suspended; the other went back. */
  const wentBack = async (release: Release, asleep = false) => {
    const scene = await away(2, release)
    await scene.resume()
    await finish(scene)
    if (!asleep) await scene.suspend()
    else await scene.sleep(scene.id)
    const rollout = await scene.rollout()
    const back = { state: 'going-back', walk: freshWalk, done: 0, heldBack: [2] } as const
    await scene.ports.rollouts.write({ ...rollout, ...back, version: rollout.version + 1 })
    await scene.settle()
    expect((await scene.rollout()).state).toBe('went-back')
    return scene
  }

  it('goes back too', async () => {
    const scene = await wentBack(compatible)
    await scene.resume()
    expect(await scene.version()).toBe(2)
    await scene.sweep()
    await scene.work()
    expect(await scene.version()).toBe(1)
    await scene.sweep()
    expect(scene.queue).toEqual([])
    expect(scene.outside.violations).toEqual([])
  })

  it('goes back too if it was to go back as it wakes', async () => {
    const scene = await wentBack(compatible, true)
    const asleep = await scene.get(scene.id, 'asleep')
    expect(asleep).toMatchObject({ upgradeDue: { to: 1 } })
    await scene.commit(suspendSite(asleep, { because: 'operator' }, scene.context()))
    await scene.resume()
    await scene.sweep()
    await scene.work()
    expect(await scene.version()).toBe(1)
  })

  it('keeps the version if the former one cannot use its data', async () => {
    const scene = await wentBack({})
    await scene.resume()
    await scene.sweep()
    expect(scene.queue).toEqual([])
    expect(await scene.version()).toBe(2)
  })
})
