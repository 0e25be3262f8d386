import { describe, expect, it } from 'vitest'
import { endOperation } from '../../../core/site/change-site.ts'
import type { ChangeContext } from '../../../core/site/lifecycle.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { ownBlueprint } from '../../../lambdas/deployments/deployment.ts'
import { beginCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { upgradeOf } from '../../../lambdas/releases/site-progress.ts'
import { assignVersion, beginPlanChange } from '../../../lambdas/releases/swap/begin-swap.ts'
import { noUsage } from '../../../lambdas/reports/usage/usage.ts'
import { welcome } from '../../support/provisioning.ts'
import { sampleRollout } from '../../support/sample-rollout.ts'
import { rolloutScene } from './rollout-scene.ts'

const compatible = { backwardCompatible: true }

describe('a roll-out', () => {
  it('gives all sites the version, in waves, a few at once', async () => {
    const scene = await rolloutScene(30)
    await scene.start()
    const waves: number[] = []
    let max = 0
    do {
      await scene.work()
      const before = (await scene.rollout()).wave
      const upgraded = await scene.upgraded()
      await scene.tick()
      max = Math.max(max, (await scene.rollout()).chosen.length)
      if ((await scene.rollout()).wave > before) waves.push(upgraded)
    } while (scene.queue.length > 0)
    expect(waves).toEqual([1, 2, 8])
    expect(max).toBe(4)
    expect(await scene.upgraded()).toBe(30)
    expect(await scene.rollout()).toMatchObject({ state: 'finished', total: 30, done: 30, skipped: 0, failed: [] })
    expect(scene.events.map(({ type }) => type)).toEqual([
      'RolloutStarted',
      'RolloutWaveFinished',
      'RolloutWaveFinished',
      'RolloutWaveFinished',
      'RolloutFinished',
    ])
    expect(scene.outside.violations).toEqual([])
  })

  it('ends although any one of its writes and starts fails', { timeout: 600_000 }, async () => {
    const sites = 2
    const well = await rolloutScene(sites)
    well.failCall(0)
    await well.start()
    await well.settle()
    for (let call = 2; call <= well.calls(); call += 1) {
      const scene = await rolloutScene(sites)
      scene.failCall(call)
      await scene.start()
      for (let run = 0; run < 20 && (await scene.rollout()).state !== 'finished'; run += 1) {
        await scene.tick().catch(() => undefined)
        await scene.work().catch(() => undefined)
        await scene.heal()
        await scene.work().catch(() => undefined)
      }
      expect([call, (await scene.rollout()).state, await scene.upgraded()]).toEqual([call, 'finished', sites])
    }
  })

  it('has one winner of two operators, and is not started twice by one', async () => {
    const scene = await rolloutScene(1)
    const starts = ['ada', 'bob'].map((name) => scene.start({ actor: scene.operator(name) }))
    const results = await Promise.allSettled(starts)
    expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const won = await scene.rollout()
    expect(await scene.start({ actor: won.startedBy })).toEqual(won)
    const others = [{ isSecurity: true }, { waves: [] }, { failureBudget: 7 }].map((one) => ({
      ...one,
      actor: won.startedBy,
    }))
    for (const other of others) await expect(scene.start(other)).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
    await expect(scene.start({ to: 1 })).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
    await expect(scene.start({ to: 3 })).rejects.toMatchObject({ kind: 'NotFound' })
    const own = ownBlueprint('site_01jq3v5k8m0000000000000001')
    await expect(scene.start({ blueprint: own })).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
  })

  it('begins no site while the brake is on', async () => {
    const scene = await rolloutScene(2)
    scene.brake.on = true
    await scene.start()
    await scene.settle()
    expect(await scene.upgraded()).toBe(0)
    scene.brake.on = false
    await scene.settle()
    expect(await scene.upgraded()).toBe(2)
  })

  it('shares the number of sites that move at once with other roll-outs', async () => {
    const scene = await rolloutScene(10)
    await scene.store.blueprints.publish({ ...welcome(2), name: 'shop' })
    const bakingUntil = '2100-01-01T00:00:00.000Z'
    await scene.ports.rollouts.write(sampleRollout({ blueprint: 'shop', total: 0, bakingUntil }))
    await scene.start({ waves: [] })
    await scene.tick()
    expect((await scene.rollout()).chosen).toHaveLength(2)
  })

  const size = { cpu: 1, memoryMiB: 512, processes: 64 }
  const others = {
    'is copied': beginCopy,
    'is resized': (site: ActiveSite, context: ChangeContext) =>
      beginPlanChange(site, { from: size, to: size }, context),
  }
  it.each(Object.entries(others))(
    'waits for a site that %s, leaves it after a quarter of an hour, and comes back',
    async (_, begin) => {
      const scene = await rolloutScene(2)
      const [busy] = scene.opened
      if (busy === undefined) throw new Error('there is no site')
      await scene.commit(begin(await scene.get(busy, 'active'), scene.context()))
      await scene.start({ waves: [] })
      for (let run = 0; run < 3; run += 1) await scene.settle()
      const waiting = await scene.rollout()
      expect(waiting).toMatchObject({ state: 'running', done: 1, chosen: [{ siteId: busy }] })
      scene.passMilliseconds(6 * 60_000)
      await scene.settle()
      scene.passMilliseconds(7 * 60_000)
      await scene.settle()
      scene.passMilliseconds(4 * 60_000)
      await scene.settle()
      const later = await scene.rollout()
      expect(later).toMatchObject({ state: 'running', failed: [] })
      expect(later.chosen).not.toEqual(waiting.chosen)
      await scene.commit(endOperation(await scene.get(busy, 'active'), 'done', scene.context()))
      for (let run = 0; run < 3; run += 1) await scene.settle()
      expect(await scene.rollout()).toMatchObject({ state: 'finished', done: 2, failed: [], skipped: 0 })
    },
  )

  it('skips a site that is deleted while it waits', async () => {
    const scene = await rolloutScene(2)
    const [gone] = scene.opened
    if (gone === undefined) throw new Error('there is no site')
    await scene.commit(beginCopy(await scene.get(gone, 'active'), scene.context()))
    await scene.start({ waves: [] })
    await scene.settle()
    await scene.commit(suspendSite(await scene.get(gone, 'active'), { because: 'owner-deletion' }, scene.context()))
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'finished', done: 1, skipped: 1, failed: [] })
  })

  it('passes over what is suspended, and later sites too', async () => {
    const scene = await rolloutScene(3)
    await scene.start({ waves: [] })
    await scene.tick()
    const [first] = scene.opened
    if (first === undefined) throw new Error('there is no site')
    await scene.commit(suspendSite(await scene.get(first, 'active'), { because: 'operator' }, scene.context()))
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'finished', done: 2, skipped: 1 })
    expect((await scene.get(first, 'suspended')).blueprint.version).toBe(1)
  })
})

describe('failures of a roll-out', () => {
  const failing = async (release: object = {}) => {
    const scene = await rolloutScene(20, release)
    await scene.start({ waves: [{ sites: 1 }, { sites: 12 }], failureBudget: 1 })
    await scene.tick()
    await scene.work()
    await scene.tick()
    for (const { attempt } of scene.queue.slice(0, 2)) scene.broken.add(attempt.siteId)
    await scene.settle()
    return scene
  }

  it('halt it beyond its budget, and what runs stays', async () => {
    const scene = await failing()
    const halted = await scene.rollout()
    expect(halted).toMatchObject({ state: 'halted', because: 'failures', failed: [{}, { because: 'LaunchFailed' }] })
    expect(scene.events.at(-1)).toMatchObject({ type: 'RolloutHalted', data: { failed: 2, because: 'failures' } })
    expect(await scene.upgraded()).toBe(halted.done)
    expect(scene.queue).toEqual([])
  })

  it('are tried again together with sites that came back since', async () => {
    const scene = await rolloutScene(2)
    await scene.start()
    await scene.settle()
    const { id } = await scene.open()
    await scene.settle()
    expect((await scene.get(id, 'active')).blueprint.version).toBe(1)
    await scene.act('retry')
    await scene.settle()
    expect((await scene.get(id, 'active')).blueprint.version).toBe(2)
    expect((await scene.rollout()).state).toBe('finished')
  })

  it('take no site back where they are tried again after the roll-out had finished', async () => {
    const scene = await rolloutScene(4, compatible)
    const [last] = scene.opened
    if (last === undefined) throw new Error('there is no site')
    scene.broken.add(last)
    await scene.start({ waves: [], failureBudget: 1 })
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'finished', done: 3 })
    scene.passMilliseconds(1)
    const { version } = await scene.act('retry')
    const accepted = await scene.rollout()
    await scene.ports.rollouts.write({ ...accepted, version: version + 1, failureBudget: 0 })
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'halted', because: 'failures', isRepeated: true })
    expect(await scene.upgraded()).toBe(3)
  })

  it('halt it within its budget where the first wave has nothing else', async () => {
    const scene = await rolloutScene(20)
    for (const id of scene.opened) scene.broken.add(id)
    await scene.start()
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'halted', because: 'failures', wave: 0, failed: [{}] })
    scene.broken.clear()
    await scene.act('resume')
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'finished', done: 19 })
  })

  it('are accepted by resuming, and tried again by a retry', async () => {
    const scene = await failing()
    await scene.act('resume')
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'finished', done: 18 })
    scene.broken.clear()
    scene.passMilliseconds(1)
    await scene.act('retry')
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'finished', failed: [] })
    expect(await scene.upgraded()).toBe(20)
  })

  it('halt it again although the record no longer lists all that were accepted', async () => {
    const scene = await rolloutScene(4)
    await scene.start({ waves: [{ sites: 4 }], failureBudget: 1 })
    await scene.tick()
    const chosen = await scene.rollout()
    const failed = scene.opened.flatMap((siteId) => Array(50).fill({ siteId, because: 'LaunchFailed' }))
    await scene.ports.rollouts.write({ ...chosen, version: chosen.version + 1, failed, accepted: failed.length })
    for (const siteId of scene.opened.slice(0, 2)) scene.broken.add(siteId)
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'halted', because: 'failures', accepted: 198 })
  })

  it('take every site back where the former version can use the data', async () => {
    const scene = await failing(compatible)
    expect(await scene.rollout()).toMatchObject({ state: 'went-back', because: 'failures' })
    expect(await scene.upgraded()).toBe(0)
    for (const id of scene.opened) expect((await scene.get(id, 'active')).operation).toBeUndefined()
    expect(scene.outside.violations).toEqual([])
  })
})

describe('a bake time', () => {
  const used = (errors: number, hour: string) => {
    const usage = { ...noUsage(), requests: 100, serverErrors: errors }
    return { start: hour, usage, lastUsedAt: hour }
  }

  const baking = async (release: object, errors: number) => {
    const scene = await rolloutScene(4, { bakeSeconds: 60, ...release })
    const [before, since] = ['2026-03-01T11:00:00.000Z', '2026-03-01T12:00:00.000Z'] as const
    scene.ports.usage.list = async (id, range: unknown = {}) => {
      const { from } = range as { from?: string }
      const list = scene.usage.get(id) ?? []
      return list.filter(({ start }) => (from === since ? start === since : start === before))
    }
    for (const id of scene.opened) scene.usage.set(id, [used(1, before)])
    await scene.start()
    await scene.settle()
    expect(await scene.upgraded()).toBe(1)
    for (const id of scene.opened) scene.usage.set(id, [used(1, before), used(errors, since)])
    await scene.settle()
    expect(await scene.upgraded()).toBe(1)
    scene.passMilliseconds(61_000)
    await scene.settle()
    return scene
  }

  it('lets the next wave begin where as few requests fail as before', async () => {
    const scene = await baking({}, 1)
    expect((await scene.rollout()).wave).toBeGreaterThan(0)
  })

  it('halts where more requests fail, and goes back by itself only where the data allows it', async () => {
    const halted = await baking({}, 30)
    expect(await halted.rollout()).toMatchObject({ state: 'halted', because: 'bake-time' })
    expect(await halted.upgraded()).toBe(1)
    const back = await baking(compatible, 30)
    expect(await back.rollout()).toMatchObject({ state: 'went-back', because: 'bake-time' })
    expect(await back.upgraded()).toBe(0)
  })
})

describe('the versions that new sites do not get', () => {
  const heldBack = async (scene: Awaited<ReturnType<typeof rolloutScene>>) => (await scene.rollout()).heldBack

  it('are those whose roll-out halted, also after an abort, until an operator resumes or starts it', async () => {
    const scene = await rolloutScene(2)
    for (const id of scene.opened) scene.broken.add(id)
    await scene.start()
    await scene.settle()
    expect([(await scene.rollout()).state, await heldBack(scene)]).toEqual(['halted', [2]])
    await scene.act('resume')
    expect(await heldBack(scene)).toBeUndefined()
    scene.passMilliseconds(1)
    await scene.act('retry')
    await scene.settle()
    await scene.act('abort')
    expect(await heldBack(scene)).toEqual([2])
    await scene.start({ reason: 'It is better now.' })
    expect(await heldBack(scene)).toBeUndefined()
  })

  it('are those above a former version, also if the roll-out to it is aborted', async () => {
    const scene = await rolloutScene(1)
    await scene.publish(3, {})
    await scene.start({ to: 2, acceptIncompatibleData: true })
    expect(await heldBack(scene)).toEqual([3])
    await scene.act('abort')
    await scene.start({ to: 1, acceptIncompatibleData: true })
    expect(await heldBack(scene)).toEqual([3, 2])
    await scene.act('abort')
    await scene.start({ to: 3 })
    expect(await heldBack(scene)).toEqual([2])
  })

  it('are not those that had finished, if they are started again', async () => {
    const scene = await rolloutScene(2, compatible)
    await scene.start()
    await scene.settle()
    const { id } = await scene.open()
    scene.broken.add(id)
    await scene.start({ reason: 'One more', failureBudget: 0 })
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'halted', isRepeated: true })
    expect([await heldBack(scene), await scene.upgraded()]).toEqual([undefined, 2])
  })
})

describe('what sleeps', () => {
  it('is woken for a version that migrates, which starts on a copy in a directory of its own', async () => {
    const scene = await rolloutScene(1, { migrates: true })
    const [id] = scene.opened
    if (id === undefined) throw new Error('there is no site')
    await scene.sleep(id)
    await scene.start()
    await scene.settle()
    const site = await scene.get(id, 'active')
    expect(site).toMatchObject({ blueprint: { version: 2 }, generation: 2, archives: [{ kind: 'release' }] })
    expect(scene.outside.violations).toEqual([])
  })

  it('is woken for a version with a command, which does not run on the way back', async () => {
    const scene = await rolloutScene(1, { ...compatible, command: ['shop', 'migrate'] })
    const [id] = scene.opened
    if (id === undefined) throw new Error('there is no site')
    await scene.sleep(id)
    await scene.start()
    await scene.settle()
    expect((await scene.get(id, 'active')).blueprint.version).toBe(2)
    const there = await scene.rollout()
    const back = { rollout: { ...there, state: 'going-back' as const }, versions: await scene.versionsOf() }
    const begun = upgradeOf(await scene.get(id, 'active'), { siteId: id, at: scene.now() }, back, scene.context())
    expect(begun?.after).toMatchObject({ operation: { kind: 'upgrade', target: { blueprint: { version: 1 } } } })
    expect(begun?.after).not.toMatchObject({ operation: { command: 'due' } })
  })
})

describe('a roll-out over a version that was skipped', () => {
  it('starts the next one on a copy if the skipped one migrates, and wakes what sleeps for it', async () => {
    const scene = await rolloutScene(2, { migrates: true })
    await scene.publish(3, compatible)
    const [id] = scene.opened
    if (id === undefined) throw new Error('there is no site')
    await scene.sleep(id)
    await scene.start({ to: 3 })
    await scene.settle()
    for (const one of scene.opened) {
      const site = await scene.get(one, 'active')
      expect(site).toMatchObject({ blueprint: { version: 3 }, generation: 2, archives: [{ kind: 'release' }] })
    }
    expect(scene.outside.violations).toEqual([])
  })

  it('takes back only sites that came from a version that can use the data of all between', async () => {
    const scene = await rolloutScene(4)
    await scene.start({ waves: [{ sites: 2 }] })
    await scene.tick()
    await scene.work()
    await scene.act('abort')
    expect((await scene.versions()).toSorted()).toEqual([1, 1, 2, 2])
    const former = await scene.versions()
    await scene.publish(3, { ...compatible, bakeSeconds: 60 })
    scene.broken.add(scene.opened[0] ?? scene.ports.randomness.id('site'))
    await scene.start({ to: 3, waves: [{ sites: 4 }], failureBudget: 0 })
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'went-back', done: expect.any(Number) })
    const [broken, ...others] = former
    expect(await scene.versions()).toEqual([broken, ...others.map((version) => (version === 1 ? 3 : 2))])
  })
})

describe('a roll-out to a former version', () => {
  const upgraded = async (release: object) => {
    const scene = await rolloutScene(2, release)
    await scene.start()
    await scene.settle()
    expect(await scene.versions()).toEqual([2, 2])
    return scene
  }

  it('is refused where that cannot use the data of a later one, unless an operator accepts it', async () => {
    const scene = await upgraded({ migrates: true })
    await scene.publish(3, compatible)
    const refusal = { kind: 'TransitionNotAllowed', message: expect.stringContaining('are 2.') }
    await expect(scene.start({ to: 1 })).rejects.toMatchObject(refusal)
    expect((await scene.rollout()).to).toBe(2)
    await scene.start({ to: 1, acceptIncompatibleData: true, waves: [] })
    await scene.settle()
    expect(await scene.versions()).toEqual([1, 1])
  })

  it('starts it on a copy of the data, also at a site that sleeps, and without a command', async () => {
    const scene = await upgraded(compatible)
    const [id] = scene.opened
    if (id === undefined) throw new Error('there is no site')
    await scene.sleep(id)
    await scene.start({ to: 1, waves: [] })
    await scene.settle()
    for (const one of scene.opened) {
      const site = await scene.get(one, 'active')
      expect(site).toMatchObject({ blueprint: { version: 1 }, generation: 2, archives: [{ kind: 'release' }] })
    }
    expect(scene.outside.violations).toEqual([])
  })

  it('stays where it is when it halts', async () => {
    const scene = await rolloutScene(2, compatible)
    await scene.publish(3, compatible)
    await scene.start({ to: 3 })
    await scene.settle()
    await scene.start({ to: 2, waves: [{ sites: 1 }], failureBudget: 0 })
    await scene.tick()
    await scene.work()
    for (const id of scene.opened) scene.broken.add(id)
    await scene.settle()
    expect((await scene.rollout()).state).toBe('halted')
    expect((await scene.versions()).toSorted()).toEqual([2, 3])
  })

  it('is none for sites with a version that was published since', async () => {
    const scene = await rolloutScene(2)
    await scene.start({ waves: [{ sites: 1 }] })
    await scene.publish(3, {})
    const [id] = scene.opened
    if (id === undefined) throw new Error('there is no site')
    const newest = (await scene.versionsOf()).at(-1)
    if (newest === undefined) throw new Error('there is no version')
    await scene.sleep(id)
    await scene.commit(
      assignVersion(await scene.get(id, 'asleep'), { to: 3, migrates: false, runs: false }, scene.context()),
    )
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'finished', total: 1 })
    expect(await scene.versions()).toEqual([1, 2])
    expect(await scene.get(id, 'asleep')).toMatchObject({ upgradeDue: { to: 3 } })
  })
})

describe('an operator', () => {
  it('pauses, resumes and aborts it; what is in progress ends by itself', async () => {
    const scene = await rolloutScene(10)
    await scene.start()
    await scene.tick()
    await scene.act('pause')
    await scene.settle()
    expect([await scene.upgraded(), (await scene.rollout()).state]).toEqual([1, 'paused'])
    await scene.act('resume')
    await scene.tick()
    expect((await scene.rollout()).chosen).not.toEqual([])
    await scene.act('abort')
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'aborted', chosen: [] })
    expect(await scene.upgraded()).toBeLessThan(10)
    await expect(scene.act('pause')).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
    const { version } = await scene.rollout()
    expect((await scene.start({ isSecurity: true })).version).toBe(version + 1)
    await scene.settle()
    expect(await scene.upgraded()).toBe(10)
  })
})
