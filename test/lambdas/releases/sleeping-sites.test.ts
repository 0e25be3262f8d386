import { describe, expect, it, vi } from 'vitest'
import type { Actor } from '../../../core/events/actor.ts'
import { system } from '../../../core/events/event-names.ts'
import { plusDays } from '../../../core/instant.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import { siteChange } from '../../../core/site/lifecycle.ts'
import type { Relocation } from '../../../core/site/relocation.ts'
import type { AsleepSite } from '../../../core/site/site.ts'
import { noValues } from '../../../lambdas/configuration/configuration.ts'
import { beginCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { freshWalk } from '../../../lambdas/releases/rollout.ts'
import { beginSwap } from '../../../lambdas/releases/swap/begin-swap.ts'
import { healOperations } from '../../../lambdas/sites/heal-work.ts'
import { rolloutScene } from './rollout-scene.ts'

const compatible = { backwardCompatible: true }

/** Sites that all sleep but for the last ones. */
const asleepScene = async (asleep: number, awake = 0, release: object = {}) => {
  const scene = await rolloutScene(asleep + awake, release)
  for (const id of scene.opened.slice(0, asleep)) await scene.sleep(id)
  scene.started.length = 0
  const sleeping = async () => {
    const all = await Promise.all(scene.opened.map((id) => scene.ports.sites.get(id)))
    return all.filter((site) => site?.status === 'asleep')
  }
  const rollOutToAllButOne = async () => {
    await scene.start({ waves: [] })
    await scene.settle()
    const [left] = await sleeping()
    if (left === undefined) throw new Error('none is left')
    scene.started.length = 0
    return left
  }
  const visit = async (id: (typeof scene.opened)[number]) => {
    await scene.wake(id)
    await scene.work()
    await scene.work()
    return scene.get(id, 'active')
  }
  return { ...scene, sleeping, rollOutToAllButOne, visit }
}

/** A site that sleeps with version 2, to which a roll-out back to version 1 has assigned that one. */
const downScene = async () => {
  const scene = await asleepScene(0, 2, compatible)
  await scene.start({ waves: [] })
  await scene.settle()
  for (const id of scene.opened) await scene.sleep(id)
  await scene.start({ to: 1, waves: [] })
  await scene.settle()
  const [left] = await scene.sleeping()
  if (left?.status !== 'asleep') throw new Error('none is left')
  const carryOut = async (swap: Parameters<typeof beginSwap>[1], actor: Actor = system): Promise<void> => {
    const begun = beginSwap(left, swap, { ...scene.context(), actor })
    await scene.commit(begun)
    const { id: operationId, fence } = begun.after.operation ?? { id: '', fence: 0 }
    scene.queue.push({ machine: 'upgrade-site', attempt: { siteId: left.id, operationId, fence } })
    await scene.work()
  }
  return { scene, left, carryOut }
}

describe('a site that sleeps', () => {
  it('is woken in each wave, besides the sites of the wave, and the others are assigned the version', async () => {
    const scene = await asleepScene(10, 10)
    await scene.start({ waves: [{ sites: 1 }, { percent: 25 }] })
    const woken: number[] = []
    do {
      await scene.work()
      const { wave } = await scene.rollout()
      await scene.tick()
      const after = await scene.rollout()
      if (after.wave > wave) woken.push(after.woken?.sites ?? 0)
    } while (scene.queue.length > 0)
    expect(woken).toEqual([2, 4])
    const rollout = await scene.rollout()
    expect(rollout).toMatchObject({ state: 'finished', total: 20, done: 14, assigned: 6, woken: { sites: 4 } })
    const left = await scene.sleeping()
    expect(left).toHaveLength(6)
    for (const site of left) expect(site).toMatchObject({ blueprint: { version: 1 }, upgradeDue: { to: 2 } })
  })

  it('is found behind pages of others', async () => {
    const scene = await asleepScene(3)
    const { statusPage } = scene.ports.sites
    const sites = {
      ...scene.ports.sites,
      statusPage: ((status, options) => statusPage(status, { ...options, limit: 1 })) as typeof statusPage,
    }
    await scene.start({ waves: [] })
    await scene.advance({ ...scene.ports, sites, releases: { woken: { percent: 100, min: 3, max: 3 } } })
    await scene.work()
    expect(await scene.upgraded()).toBe(3)
  })

  it('confirms the version when it wakes, with the data that it has', async () => {
    const scene = await asleepScene(2)
    const left = await scene.rollOutToAllButOne()
    const site = await scene.visit(left.id)
    expect(site).toMatchObject({ blueprint: { version: 2 }, upgradedFrom: 1, size: scene.ports.plans.trial.size })
    expect(site).not.toHaveProperty('operation')
    expect(site).not.toHaveProperty('upgradeDue')
    expect(scene.started).toEqual([`${left.id} 2 on 1`])
    expect(scene.outside.violations).toEqual([])
  })

  it('wakes with a version that migrates on a copy, and with the former data if that fails', async () => {
    for (const isWell of [true, false]) {
      const scene = await asleepScene(2, 0, { migrates: true })
      const left = await scene.rollOutToAllButOne()
      if (!isWell) scene.ailing.add(2)
      const site = await scene.visit(left.id)
      expect(site).toMatchObject(
        isWell
          ? { blueprint: { version: 2 }, generation: 2, archives: [{ kind: 'release', blueprint: { version: 1 } }] }
          : { blueprint: { version: 1 }, generation: 1, failedUpgrade: { to: 2, atWake: true } },
      )
      expect(scene.started.at(-1)).toBe(isWell ? `${left.id} 2 on 2` : `${left.id} 1 on 1`)
      expect(scene.outside.violations).toEqual([])
    }
  })

  it('goes back by itself if it does not wake with the version, and the roll-out says so', async () => {
    const scene = await asleepScene(3)
    await scene.start({ waves: [], failureBudget: 1 })
    await scene.settle()
    expect(await scene.rollout()).toMatchObject({ state: 'finished', done: 1, assigned: 2 })
    const [first, second] = await scene.sleeping()
    if (first === undefined || second === undefined) throw new Error('none is left')
    scene.ailing.add(2)
    expect(await scene.visit(first.id)).toMatchObject({ blueprint: { version: 1 }, endpoint: {} })
    const noted = { siteId: first.id, because: 'LaunchFailed' }
    expect(await scene.rollout()).toMatchObject({ state: 'finished', done: 1, assigned: 1, failed: [noted] })
    await scene.visit(second.id)
    expect(await scene.rollout()).toMatchObject({ state: 'halted', because: 'failures', assigned: 0, heldBack: [2] })
    expect(scene.outside.violations).toEqual([])
  })

  it('does not wake with a version whose roll-out halted meanwhile', async () => {
    for (const release of [{}, compatible]) {
      const scene = await asleepScene(4, 0, release)
      await scene.start({ waves: [{ sites: 3 }], failureBudget: 0 })
      scene.ailing.add(2)
      await scene.tick()
      await scene.settle()
      expect((await scene.rollout()).state).toBe('backwardCompatible' in release ? 'went-back' : 'halted')
      scene.started.length = 0
      for (const { id } of await scene.sleeping()) {
        expect(await scene.visit(id)).toMatchObject({ blueprint: { version: 1 } })
      }
      expect(scene.started.filter((one) => one.includes(' 2 on'))).toEqual([])
      expect(scene.outside.violations).toEqual([])
    }
  })

  it('goes back if it wakes while the roll-out halts', async () => {
    const scene = await asleepScene(2, 2, { ...compatible, bakeSeconds: 60 })
    await scene.start({ waves: [{ sites: 4 }], failureBudget: 0 })
    await scene.tick()
    await scene.work()
    await scene.tick()
    const left = (await scene.sleeping()).at(-1)
    if (left === undefined) throw new Error('none is left')
    expect(left).toMatchObject({ upgradeDue: { to: 2 } })
    await scene.wake(left.id)
    // Its upgrade has begun when the roll-out halts.
    await scene.work()
    const failing = await scene.rollout()
    const failed = [{ siteId: scene.ports.randomness.id('site'), because: 'LaunchFailed' }]
    await scene.ports.rollouts.write({ ...failing, version: failing.version + 1, failed })
    await scene.settle()
    expect((await scene.rollout()).state).toBe('went-back')
    expect(await scene.upgraded()).toBe(0)
    expect(scene.outside.violations).toEqual([])
  })

  it('gets a former version without ever starting the one that it has', async () => {
    const scene = await asleepScene(0, 2, compatible)
    await scene.start({ waves: [] })
    await scene.settle()
    for (const id of scene.opened) await scene.sleep(id)
    scene.started.length = 0
    scene.ailing.add(2)
    await scene.start({ to: 1, waves: [] })
    await scene.settle()
    for (const { id } of await scene.sleeping()) await scene.visit(id)
    expect(await scene.versions()).toEqual([1, 1])
    expect(scene.started.toSorted()).toEqual(scene.opened.map((id) => `${id} 1 on 2`).toSorted())
    expect(scene.outside.violations).toEqual([])
  })

  it.each([
    ['finished', 1],
    ['paused', 2],
  ] as const)(
    'gets a former version with any other swap, unless its roll-out is withdrawn: %s',
    async (state, version) => {
      const { scene, left, carryOut } = await downScene()
      const rollout = await scene.rollout()
      await scene.ports.rollouts.write({ ...rollout, version: rollout.version + 1, state })
      scene.started.length = 0
      await carryOut({ target: { cell: 'fast' }, copies: true, runs: false })
      expect(await scene.get(left.id, 'active')).toMatchObject({ cell: 'fast', blueprint: { version } })
      expect(scene.started).toEqual([expect.stringContaining(`${left.id} ${version} on `)])
    },
  )

  it('gets a former version with other values in the name of whoever changed them', async () => {
    const { scene, left, carryOut } = await downScene()
    const actor = { kind: 'operator', operatorId: 'sue', role: 'sales' } as const
    const commit = vi.spyOn(scene.ports.sites, 'commit')
    const values = { ...noValues, version: 1, reason: 'Asked for', basedOn: 0, changed: [] }
    await scene.ports.configurations.add({ schemaVersion: 1, siteId: left.id, at: scene.now(), actor, ...values })
    await carryOut({ target: { configuration: 1 }, copies: false, runs: false }, actor)
    expect(await scene.get(left.id, 'active')).toMatchObject({ blueprint: { version: 1 }, configuration: 1 })
    const events = commit.mock.calls.map(([{ event }]) => event)
    expect(events.find(({ type }) => type === 'SiteUpgraded')).toMatchObject({ actor })
  })

  it.each([
    ['a move', { target: { cell: 'fast' }, copies: true, runs: false }],
    ['other values', { target: { configuration: 1 }, copies: false, runs: false }],
  ])('whose former version fails with %s is no failure of the roll-out, and a retry finds it', async (_, swap) => {
    const { scene, left, carryOut } = await downScene()
    scene.broken.add(left.id)
    await carryOut(swap)
    expect(await scene.get(left.id, 'active')).toMatchObject({ blueprint: { version: 2 }, failedUpgrade: { to: 1 } })
    expect((await scene.rollout()).failed).toEqual([])
    scene.broken.delete(left.id)
    scene.passMilliseconds(1000)
    await scene.act('retry')
    for (let run = 0; run < 3; run += 1) await scene.settle()
    expect((await scene.get(left.id, 'active')).blueprint.version).toBe(1)
  })

  it('wakes with the version after a copy of its data, and forgets it when it is suspended', async () => {
    const scene = await asleepScene(3)
    await scene.start({ waves: [] })
    await scene.settle()
    const [copied, suspended] = await scene.sleeping()
    if (copied?.status !== 'asleep' || suspended?.status !== 'asleep') throw new Error('none is left')
    await scene.commit(beginCopy(copied, scene.context()))
    expect(await scene.wake(copied.id)).toBe('after-copy')
    await scene.commit(endOperation(await scene.get(copied.id, 'asleep'), 'done', scene.context()))
    await healOperations(scene.ports, 'tick')
    await scene.work()
    await scene.work()
    expect(await scene.get(copied.id, 'active')).toMatchObject({ blueprint: { version: 2 } })
    await scene.commit(suspendSite(suspended, { because: 'operator' }, scene.context()))
    expect(await scene.get(suspended.id, 'suspended')).not.toHaveProperty('upgradeDue')
  })

  it('keeps its version with other values once its owner has accepted a relocation', async () => {
    const { scene, left } = await downScene()
    const swap = { target: { configuration: 1 }, copies: false, runs: false }
    const agreed = { ...left, relocation: { state: 'accepted' } } as typeof left
    const targets = [left, agreed].map((site) => beginSwap(site, swap, scene.context()).after.operation)
    expect(targets).toMatchObject([{ target: { blueprint: { version: 1 } } }, { target: { configuration: 1 } }])
    expect(targets[1]).not.toHaveProperty('target.blueprint')
  })

  it('wakes as it is once its owner has accepted a relocation', async () => {
    const scene = await asleepScene(3)
    await scene.start({ waves: [] })
    await scene.settle()
    const [before] = await scene.sleeping()
    if (before?.status !== 'asleep') throw new Error('none is left')
    const window = { from: plusDays(scene.now(), 5), until: plusDays(scene.now(), 6), timeZone: 'UTC' }
    const agreed = {
      revision: 1,
      state: 'accepted',
      target: { cell: 'fast' },
      window,
      confirmDays: 14,
      draftedBy: 'op_1',
    }
    const after: AsleepSite = { ...before, version: before.version + 1, relocation: agreed as Relocation }
    expect(after.upgradeDue).toEqual(expect.objectContaining({ to: 2 }))
    const details = { revision: 1 }
    await scene.commit(siteChange({ transition: 'draftRelocation', before, after, details }, scene.context()))
    expect(await scene.visit(before.id)).toMatchObject({ blueprint: { version: 1 } })
  })

  it('does not wake with a version whose roll-out was aborted, whichever roll-out follows', async () => {
    const scene = await asleepScene(3)
    await scene.start({ waves: [] })
    await scene.settle()
    await scene.publish(3, {})
    await scene.start({ to: 3, waves: [{ sites: 1 }, { sites: 2 }] })
    await scene.tick()
    await scene.work()
    const due = (await scene.sleeping()).filter(({ upgradeDue }) => upgradeDue?.to === 2)
    expect(due.length).toBeGreaterThan(0)
    for (const { id } of due) await scene.assign(id, 3)
    await scene.act('abort')
    await scene.publish(4, {})
    await scene.start({ to: 4, waves: [] })
    scene.started.length = 0
    for (const { id } of due) await scene.visit(id)
    expect(scene.started.filter((one) => one.includes(' 3 on'))).toEqual([])
  })

  it('wakes with the version of a roll-out that finished, while the next one has not reached it', async () => {
    const scene = await asleepScene(3)
    await scene.start({ waves: [] })
    await scene.settle()
    await scene.publish(3, {})
    const [left] = await scene.sleeping()
    if (left === undefined) throw new Error('none is left')
    await scene.start({ to: 3, waves: [{ sites: 1 }] })
    expect(await scene.visit(left.id)).toMatchObject({ blueprint: { version: 2 } })
  })

  it('goes back to the version that it had, also to one that new sites do not get', async () => {
    const scene = await asleepScene(0, 2, {})
    await scene.publish(3, compatible)
    await scene.start({ waves: [{ sites: 2 }], failureBudget: 0 })
    await scene.settle()
    // Operators judge version 2 to be bad, and publish another one.
    const finished = await scene.rollout()
    await scene.ports.rollouts.write({ ...finished, version: finished.version + 1, state: 'aborted', heldBack: [2] })
    await scene.start({ to: 3, waves: [], failureBudget: 0 })
    await scene.settle()
    expect(await scene.versions()).toEqual([3, 3])
    for (const id of scene.opened) await scene.sleep(id)
    const bad = await scene.rollout()
    const back = { state: 'going-back', walk: freshWalk, done: 0, heldBack: [2, 3] } as const
    await scene.ports.rollouts.write({ ...bad, ...back, version: bad.version + 1 })
    await scene.settle()
    scene.started.length = 0
    scene.ailing.add(3)
    for (const id of scene.opened) expect(await scene.visit(id)).toMatchObject({ blueprint: { version: 2 } })
    expect(scene.started.filter((one) => one.includes(' 3 on'))).toEqual([])
  })

  it('is not woken to get the version that it has', async () => {
    const scene = await asleepScene(3, 0, compatible)
    await scene.start({ waves: [] })
    await scene.settle()
    const left = await scene.sleeping()
    expect(left).toHaveLength(2)
    await scene.start({ to: 1, waves: [] })
    await scene.settle()
    for (const { id } of left) {
      const site = await scene.get(id, 'asleep')
      expect(site).not.toHaveProperty('upgradeDue')
      expect(site).not.toHaveProperty('operation')
    }
    expect(await scene.versions()).toEqual([1, 1, 1])
  })

  it('is upgraded once, however many wake it at once', async () => {
    const scene = await asleepScene(2)
    const left = await scene.rollOutToAllButOne()
    expect(await Promise.all([scene.wake(left.id), scene.wake(left.id)])).toContain('begun')
    scene.queue.push(...scene.queue)
    await scene.work()
    expect(await scene.wake(left.id)).toBe('not-asleep')
    await scene.work()
    expect(await scene.get(left.id, 'active')).toMatchObject({ blueprint: { version: 2 } })
    expect(scene.started).toEqual([`${left.id} 2 on 1`])
    expect(scene.outside.violations).toEqual([])
  })

  it('keeps its data and its former version if it is suspended while it wakes with another one', async () => {
    const scene = await asleepScene(2, 0, { migrates: true })
    const left = await scene.rollOutToAllButOne()
    await scene.wake(left.id)
    await scene.work()
    const waking = await scene.get(left.id, 'active')
    expect(waking.operation).toMatchObject({ kind: 'upgrade', atWake: true })
    await scene.commit(suspendSite(waking, { because: 'operator' }, scene.context()))
    await scene.work()
    expect(await scene.get(left.id, 'suspended')).toMatchObject({ blueprint: { version: 1 }, generation: 1 })
    expect((await scene.rollout()).failed).toEqual([])
    expect(scene.outside.violations).toEqual([])
  })

  it('wakes with the version that it has while the roll-out is paused, and gets the other one afterwards', async () => {
    const scene = await asleepScene(3, 0, { bakeSeconds: 60 })
    await scene.start({ waves: [{ sites: 1 }] })
    await scene.tick()
    await scene.work()
    await scene.tick()
    const [left] = (await scene.sleeping()).filter(({ upgradeDue }) => upgradeDue !== undefined)
    if (left === undefined) throw new Error('none is left')
    await scene.act('pause')
    expect(await scene.visit(left.id)).toMatchObject({ blueprint: { version: 1 } })
    await scene.act('resume')
    await scene.tick()
    scene.passMilliseconds(61_000)
    await scene.settle()
    expect(await scene.get(left.id, 'active')).toMatchObject({ blueprint: { version: 2 } })
    expect(scene.outside.violations).toEqual([])
  })

  it('counts for a roll-out that was paused while it woke', async () => {
    const scene = await asleepScene(3, 0, { bakeSeconds: 60 })
    await scene.start({ waves: [{ sites: 1 }], failureBudget: 0 })
    await scene.tick()
    await scene.work()
    await scene.tick()
    const [left] = (await scene.sleeping()).filter(({ upgradeDue }) => upgradeDue !== undefined)
    if (left === undefined) throw new Error('none is left')
    scene.ailing.add(2)
    await scene.wake(left.id)
    await scene.work()
    await scene.act('pause')
    await scene.work()
    expect(await scene.get(left.id, 'active')).toMatchObject({ blueprint: { version: 1 }, endpoint: {} })
    expect(await scene.rollout()).toMatchObject({ state: 'paused', failed: [{ siteId: left.id }] })
  })

  it('is not woken for a wave while memory is short', async () => {
    const scene = await asleepScene(2, 2)
    await scene.start({ waves: [{ sites: 1 }] })
    const full = { ...scene.ports, makeRoom: async () => false }
    for (let run = 0; run < 3; run += 1) {
      await scene.advance(full)
      await scene.work()
    }
    expect(await scene.sleeping()).toHaveLength(2)
    expect(await scene.rollout()).toMatchObject({ wave: 0, chosen: [{ wakes: true }] })
    await scene.settle()
    expect((await scene.rollout()).state).toBe('finished')
    expect((await scene.sleeping()).length).toBeLessThan(2)
  })

  it('does not open with a version that is healthy and has lost its data, and takes the roll-out back', async () => {
    const scene = await asleepScene(3, 1, compatible)
    await scene.start({ waves: [], failureBudget: 0 })
    await scene.settle()
    const [left] = await scene.sleeping()
    if (left === undefined) throw new Error('none is left')
    scene.emptied.add(2)
    const site = await scene.visit(left.id)
    expect(site).toMatchObject({ blueprint: { version: 1 }, failedUpgrade: { to: 2, cause: 'open', atWake: true } })
    expect(await scene.rollout()).toMatchObject({
      ...{ state: 'going-back', because: 'failures' },
      failed: [{ siteId: left.id, cause: 'open' }],
    })
    await scene.settle()
    expect(await scene.upgraded()).toBe(0)
    for (const { id } of await scene.sleeping())
      expect(await scene.visit(id)).toMatchObject({ blueprint: { version: 1 } })
    expect(scene.outside.violations).toEqual([])
  })

  it('goes back although a visitor wakes it meanwhile, and the broken version does not start', async () => {
    const scene = await asleepScene(0, 2, compatible)
    await scene.start({ waves: [] })
    await scene.settle()
    for (const id of scene.opened) await scene.sleep(id)
    const [woken, other] = scene.opened
    if (woken === undefined || other === undefined) throw new Error('there is no site')
    await scene.wake(woken)
    const rollout = await scene.rollout()
    const back = { state: 'going-back', walk: freshWalk, done: 0, heldBack: [2] } as const
    await scene.ports.rollouts.write({ ...rollout, ...back, version: rollout.version + 1 })
    await scene.tick()
    expect(await scene.get(woken, 'asleep')).toMatchObject({ operation: { kind: 'wake' } })
    expect(await scene.get(other, 'asleep')).toMatchObject({ upgradeDue: { to: 1 } })
    scene.wakesFail.add(woken)
    await scene.work()
    scene.started.length = 0
    await scene.settle()
    scene.wakesFail.clear()
    for (const id of scene.opened) expect(await scene.visit(id)).toMatchObject({ blueprint: { version: 1 } })
    expect(scene.started.filter((one) => one.includes(' 2 on'))).toEqual([])
    expect((await scene.rollout()).state).toBe('went-back')
    expect(scene.outside.violations).toEqual([])
  })
})
