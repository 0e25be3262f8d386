import { describe, expect, it } from 'vitest'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import type { SiteId } from '../../../core/ids.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../../core/instant.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import { type ChangeContext, siteChange } from '../../../core/site/lifecycle.ts'
import type { Target } from '../../../core/site/operation.ts'
import { type ActiveSite, isKept, isLive, type LiveSite } from '../../../core/site/site.ts'
import type { Configuration } from '../../../lambdas/configuration/configuration.ts'
import { archiveOf } from '../../../lambdas/endings/archive-site.ts'
import { relocateSite } from '../../../lambdas/releases/leave-cell.ts'
import { abortSwap, endAbortedSwap } from '../../../lambdas/releases/swap/fail-swap.ts'
import { requireImages } from '../../../lambdas/releases/swap/require-images.ts'
import { holdRequests, moveOver, noteCopy, type SwappingSite } from '../../../lambdas/releases/swap/swap-changes.ts'
import { advanceRelocations } from '../../../lambdas/relocations/advance-relocations.ts'
import { beginSwitchBack } from '../../../lambdas/relocations/begin-relocation.ts'
import { noteForecast } from '../../../lambdas/relocations/note-rehearsal.ts'
import { acceptRelocation, draftRelocation } from '../../../lambdas/relocations/relocation-changes.ts'
import { beginSleep, fallAsleep } from '../../../lambdas/sleep/sleep-site.ts'
import { plans, welcome } from '../../support/provisioning.ts'
import { samplePolicies } from '../../support/sample-policy.ts'
import { billing } from '../billing/subscriptions.ts'
import { day, deadlineScene, hour, minute } from '../trials/deadline-scene.ts'

const target = { plan: 'growth', blueprint: { name: 'lms-acme', version: 3 }, cell: 'fast' }
const published = new Set(['lms-acme 3'])
const endpoint = { host: '127.0.0.1', port: 42_000 }
const size = { cpu: 1, memoryMiB: 2048, processes: 512 }

const scene = async (days = 4) => {
  const stage = await deadlineScene({ unpurged: 300 })
  // The test turns the clock by days.
  stage.scene.isTurned = true
  const { sites, clocks, randomness } = stage.ports
  const context: ChangeContext = { actor: { kind: 'system' }, causationId: 'test', clocks, randomness }
  const world = {
    isBrakeOn: false,
    sitesOfFast: 0,
    /** Others take the last place between the two calls. */
    isTaken: false,
    closed: undefined as 'draining' | 'lost' | undefined,
    isFastThere: true,
    published: new Set(published),
    configured: 2,
    blueprint: {} as Partial<Blueprint>,
  }
  const ports = {
    ...stage.ports,
    plans,
    copiesAtOnce: 2,
    rollouts: { read: async () => undefined },
    // The test plays the workflow itself.
    workflows: { start: async () => undefined, status: async () => 'unknown' as const },
    brake: { isOn: async () => world.isBrakeOn },
    blueprints: {
      get: async (name: string, version: number) =>
        world.published.has(`${name} ${version}`) || name === 'welcome'
          ? { ...welcome(version), ...world.blueprint, name }
          : undefined,
    },
    configurations: {
      read: async (siteId: SiteId, version: number) =>
        version === world.configured ? ({ siteId, version, variables: {}, secrets: {} } as Configuration) : undefined,
    },
    get capacities() {
      return [{ name: 'main', sites: 10 }, ...(world.isFastThere ? [{ name: 'fast', sites: 1 }] : [])]
    },
    cellCounts: {
      read: async () => [{ cell: 'fast', sites: world.sitesOfFast, ready: {}, closed: world.closed }],
      add: async (_cell: string, max: number) => {
        if (world.isTaken || world.sitesOfFast >= max) return false
        world.sitesOfFast += 1
        return true
      },
    },
  }
  let { id } = await stage.open()
  const site = async (): Promise<LiveSite> => {
    const found = await sites.get(id)
    if (!isLive(found)) throw new Error(`it is ${found?.status}`)
    return found
  }
  type Change = Parameters<typeof sites.commit>[0]
  const commit = async (change: Change | undefined): Promise<void> => {
    if (change === undefined || !(await sites.commit(change)).done) throw new Error('nothing was changed')
  }
  const window = {
    from: plusDays(stage.scene.now, days),
    until: plusDays(stage.scene.now, days + 0.25),
    timeZone: 'UTC',
  }
  const accept = async (seconds = 600, wanted: Target = target): Promise<void> => {
    await commit(draftRelocation(await site(), { target: wanted, window, confirmDays: 14 }, 'staff-7', context))
    const drafted = await site()
    await commit(noteForecast(drafted, { ...drafted, target: wanted, seconds, at: stage.scene.now }, context))
    const { revision = 0 } = (await site()).relocation ?? {}
    const acceptance = { revision, personId: 'prsn_01jq3v5k8m0000000000000000' as const }
    await commit(acceptRelocation(await site(), acceptance, samplePolicies.find(1), context))
  }
  const swapping = async (): Promise<SwappingSite> => {
    const found = await site()
    if (found.status !== 'active' || found.operation?.kind !== 'upgrade') throw new Error('no switch is under way')
    return { ...found, operation: found.operation }
  }
  return {
    stage,
    /** The site that the rest of the test is about. */
    use: (other: SiteId) => {
      id = other
    },
    ports,
    world,
    window,
    site,
    accept,
    commit,
    context,
    advance: () => advanceRelocations(ports, 'tick'),
    at: async (instant: Instant) => {
      stage.scene.now = instant
      await advanceRelocations(ports, 'tick')
      return site()
    },
    swapping,
    kept: async () => {
      const found = await sites.get(id)
      return isKept(found) ? found : undefined
    },
    /** What the workflow does where all goes well. */
    succeed: async (): Promise<ActiveSite> => {
      const { operation } = await swapping()
      if (operation.kind !== 'upgrade') throw new Error('it is an upgrade')
      await commit(noteCopy({ ...(await swapping()), operation }, { bytes: 1, files: 1 }, context))
      const copied = await swapping()
      if (copied.operation.kind !== 'upgrade') throw new Error('it is an upgrade')
      const archive = archiveOf({ ...copied, operation: copied.operation }, { bytes: 1, files: 1 }, stage.scene.now)
      await commit(moveOver(copied, { endpoint, launch: { blueprint: {}, size }, archive }, context))
      await commit(endOperation(await swapping(), 'done', context))
      const after = await site()
      if (after.status !== 'active') throw new Error('it runs')
      return after
    },
    fail: async (because = 'LaunchFailed'): Promise<void> => {
      await commit(abortSwap(await swapping(), { because, notBefore: stage.scene.now }, context))
      await commit(endAbortedSwap(await swapping(), { endpoint, size }, context))
    },
  }
}

describe('an accepted relocation', () => {
  it('is announced a day before, and begins with its window', async () => {
    const { at, accept, window, stage } = await scene()
    await accept()
    expect((await at(plusMilliseconds(window.from, -day - minute))).relocation?.announced).toBeUndefined()
    expect((await at(plusDays(window.from, -1))).relocation?.announced).toBe(true)
    expect((await at(plusMilliseconds(window.from, -minute))).operation).toBeUndefined()
    expect((await at(window.from)).operation).toMatchObject({ kind: 'upgrade', target, relocates: true })
    expect(stage.eventsOf('RelocationAnnounced')).toHaveLength(1)
  })

  it('changes all its parts in one write, and keeps what was before', async () => {
    const { at, accept, window, stage, site, succeed } = await scene()
    await accept()
    await at(window.from)
    await at(window.from)
    const before = await site()
    const after = await succeed()
    expect(after).toMatchObject({ plan: 'growth', blueprint: target.blueprint, cell: 'fast', size })
    expect(after.generation).toBeGreaterThan(before.generation)
    expect(after.relocation).toMatchObject({
      state: 'switched',
      switched: { at: window.from, archiveId: after.archives[0]?.id, back: { plan: 'trial', cell: before.cell } },
    })
    expect(stage.eventsOf('SitePlanChanged').map(({ data }) => data)).toMatchObject([
      { previousPlan: 'trial', plan: 'growth', cell: 'fast', relocation: 'switched' },
    ])
  })

  it.each([
    ['higher', { blueprint: { name: 'welcome', version: 2 } }, true],
    ['the same', { blueprint: { name: 'welcome', version: 1 }, plan: 'growth' }, false],
    ['another', target, true],
  ] as const)('runs the command of a version as its rehearsal does: %s', async (_which, wanted, runs) => {
    const { at, accept, window, world } = await scene()
    const release = { migrates: true, backwardCompatible: false, checks: [], bakeSeconds: 0 }
    world.blueprint = { release: { ...release, command: ['migrate'] } }
    await accept(600, wanted)
    await at(plusDays(window.from, -1))
    const { operation } = await at(window.from)
    expect(operation?.kind === 'upgrade' && operation.command === 'due').toBe(runs)
  })

  it.each([
    [{ plan: 'growth' }, 'SitePlanChanged'],
    [{ cell: 'fast' }, 'SiteUpgraded'],
    [{ configuration: 2 }, 'SiteUpgraded'],
  ] as const)('may change one part alone: %j', async (part, type) => {
    const { at, accept, window, stage, site, succeed } = await scene()
    await accept(600, part)
    await at(plusDays(window.from, -1))
    await at(window.from)
    const before = await site()
    const after = await succeed()
    expect(after).toMatchObject({ ...part, blueprint: before.blueprint, relocation: { state: 'switched' } })
    expect(stage.eventsOf(type).map(({ data }) => data.relocation)).toEqual(['switched'])
    expect((await at(plusMilliseconds(window.from, minute))).operation).toBeUndefined()
    expect(stage.eventsOf('RelocationMissed')).toEqual([])
  })

  it('is not crossed by a relocation at once', async () => {
    const { accept, ports, site } = await scene()
    await accept()
    const { id: siteId } = await site()
    const act = { siteId, actor: { kind: 'system' as const }, causationId: 'test' }
    await expect(relocateSite(ports, act, { cell: 'fast', reason: 'A test.' })).rejects.toThrow('agreed on')
  })

  it('waits for the brake as long as the forecast fits, and is then missed', async () => {
    const { at, accept, window, world, stage } = await scene()
    await accept(3600)
    await at(plusDays(window.from, -1))
    world.isBrakeOn = true
    expect((await at(window.from)).relocation?.state).toBe('accepted')
    const latest = plusMilliseconds(window.until, -1.5 * hour)
    expect((await at(latest)).relocation?.state).toBe('accepted')
    world.isBrakeOn = false
    const missed = await at(plusMilliseconds(latest, 1))
    expect(missed).toMatchObject({ relocation: { state: 'draft', missed: { because: 'window-passed' } } })
    expect(missed.operation).toBeUndefined()
    expect(stage.eventsOf('RelocationMissed')).toHaveLength(1)
  })

  it('begins as late as the forecast allows', async () => {
    const { at, accept, window } = await scene()
    await accept(3600)
    await at(plusDays(window.from, -1))
    expect((await at(plusMilliseconds(window.until, -1.5 * hour))).operation?.kind).toBe('upgrade')
  })

  it('is neither announced nor missed by a wrong clock', async () => {
    const { at, accept, window, stage, site } = await scene()
    await accept()
    await at(plusDays(window.from, -2))
    stage.scene.isTurned = false
    await at(plusDays(window.until, 2))
    await at(plusMilliseconds(stage.scene.now, minute))
    expect(await stage.brake()).toBe('clock')
    expect((await site()).relocation).toMatchObject({ state: 'accepted' })
    expect([...stage.eventsOf('RelocationMissed'), ...stage.eventsOf('RelocationAnnounced')]).toEqual([])
  })

  it('is missed, not late, where the host was down', async () => {
    const { at, accept, window } = await scene()
    await accept()
    await at(plusDays(window.from, -1))
    expect((await at(plusDays(window.until, 2))).relocation).toMatchObject({ missed: { because: 'window-passed' } })
  })

  it('is missed where its switch begins after the window, and goes on once requests are held', async () => {
    const { at, accept, window, stage, ports, site, fail } = await scene()
    await accept()
    await at(plusDays(window.from, -1))
    const { id: siteId, operation } = await at(window.from)
    const attempt = { siteId, operationId: operation?.id ?? '', fence: operation?.fence ?? 0 }
    const required: string[] = []
    const images = { require: async ({ name }: Blueprint) => void required.push(name) }
    const blueprints = { ...ports.blueprints, status: async () => undefined }
    const begin = () => requireImages({ ...ports, blueprints, images }, attempt)
    await begin()
    stage.scene.now = plusMilliseconds(window.until, 1)
    await expect(begin()).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
    expect(required).toEqual(['lms-acme'])
    await fail('TransitionNotAllowed')
    await at(plusMilliseconds(window.until, minute))
    expect((await site()).relocation).toMatchObject({ state: 'draft', missed: { because: 'window-passed' } })

    const held = await scene()
    await held.accept()
    await held.at(plusDays(window.from, -1))
    await held.at(window.from)
    await held.commit(holdRequests(await held.swapping(), held.context))
    held.stage.scene.now = plusMilliseconds(window.until, 1)
    const { id, operation: begun } = await held.swapping()
    await requireImages(
      { ...held.ports, blueprints, images },
      { siteId: id, operationId: begun.id, fence: begun.fence },
    )
    expect(required).toHaveLength(2)
  })

  it('is missed by a site that slept too, although its requests are held from the beginning', async () => {
    const { at, accept, window, stage, ports, site, commit, context } = await scene()
    const awake = await site()
    if (awake.status !== 'active') throw new Error('it runs')
    await commit(beginSleep(awake, context))
    const falling = await site()
    if (falling.status !== 'active' || falling.operation?.kind !== 'sleep') throw new Error('it falls asleep')
    await commit(fallAsleep({ ...falling, operation: falling.operation }, context))
    await commit(endOperation(await site(), 'done', context))
    await accept()
    await at(plusDays(window.from, -1))
    const { id: siteId, status, operation } = await at(window.from)
    expect([status, operation]).toEqual(['active', expect.objectContaining({ atWake: true })])
    stage.scene.now = plusMilliseconds(window.until, 1)
    const blueprints = { ...ports.blueprints, status: async () => undefined }
    const attempt = { siteId, operationId: operation?.id ?? '', fence: operation?.fence ?? 0 }
    const late = requireImages({ ...ports, blueprints, images: { require: async () => undefined } }, attempt)
    await expect(late).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
  })

  it.each([
    ['cell-full', { sitesOfFast: 1 }, { sitesOfFast: 0 }],
    ['window-passed', { isTaken: true }, { isTaken: false }],
    ['cell-full', { closed: 'draining' }, { closed: undefined }],
    ['cell-full', { closed: 'lost' }, { closed: undefined }],
  ])('waits for room in its cell as long as it fits: %s, %o', async (because, full, free) => {
    for (const isFreed of [false, true]) {
      const { at, accept, window, world } = await scene()
      await accept(600)
      await at(plusDays(window.from, -1))
      Object.assign(world, full)
      expect(await at(window.from)).toMatchObject({ relocation: { state: 'accepted' } })
      expect((await at(plusMilliseconds(window.from, minute))).operation).toBeUndefined()
      if (isFreed) Object.assign(world, free)
      const late = await at(plusMilliseconds(isFreed ? window.from : window.until, isFreed ? 2 * minute : -minute))
      if (isFreed) expect(late.operation).toMatchObject({ kind: 'upgrade' })
      else expect(late.relocation).toMatchObject({ state: 'draft', missed: { because } })
    }
  })

  it.each([
    ['cell-unknown', { isFastThere: false }],
    ['blueprint-unknown', { published: new Set<string>() }],
    ['configuration-unknown', { configured: 1 }],
    ['configuration-incomplete', { blueprint: { variables: { THEME: { required: true } } } }],
    ['plan-not-of-blueprint', { blueprint: { plans: ['enterprise'] } }],
  ])('is missed at once, and visitors notice nothing: %s', async (because, change) => {
    const { at, accept, window, world } = await scene()
    await accept(600, { ...target, configuration: 2 })
    const before = await at(plusDays(window.from, -1))
    Object.assign(world, change)
    const site = await at(window.from)
    expect({ ...site, version: 0, relocation: 0 }).toEqual({ ...before, version: 0, relocation: 0 })
    expect(site.relocation).toMatchObject({ state: 'draft', missed: { because } })
    expect(site.operation).toBeUndefined()
  })

  it('waits where another one takes the last place of its cell', async () => {
    const { at, accept, window, stage, site, use, world } = await scene()
    const ids = [(await site()).id, (await stage.open()).id]
    for (const one of ids) {
      use(one)
      await accept()
    }
    await at(plusDays(window.from, -1))
    await at(window.from)
    expect(world.sitesOfFast).toBe(1)
    const begun: unknown[] = []
    for (const one of ids) {
      use(one)
      const { operation, relocation } = await site()
      expect(relocation?.state).toBe('accepted')
      begun.push(operation?.kind)
    }
    expect(begun.toSorted()).toEqual(['upgrade', undefined])
  })

  it('waits until the archiver has a place, and its site runs on where it no longer fits', async () => {
    const { at, accept, window, stage, site, use, fail } = await scene()
    const ids = [(await site()).id]
    while (ids.length < 5) ids.push((await stage.open()).id)
    for (const one of ids) {
      use(one)
      await accept(3600, { plan: 'growth' })
    }
    const switching: SiteId[] = []
    const waiting: SiteId[] = []
    const check = async () => {
      for (const list of [switching, waiting]) list.splice(0)
      for (const one of ids) {
        use(one)
        const { operation, relocation } = await site()
        if (relocation?.state === 'accepted') (operation?.kind === 'upgrade' ? switching : waiting).push(one)
      }
      return [switching.length, waiting.length]
    }
    await at(plusDays(window.from, -1))
    await at(window.from)
    expect(await check()).toEqual([2, 3])
    await at(plusMilliseconds(window.from, minute))
    expect(await check()).toEqual([2, 3])
    use(switching[0]!)
    await fail()
    await at(plusMilliseconds(window.from, 2 * minute))
    await at(plusMilliseconds(window.from, 3 * minute))
    expect(await check()).toEqual([2, 2])
    const late = plusMilliseconds(window.until, -hour)
    await at(late)
    use(waiting[0]!)
    const missed = await site()
    expect(missed).toMatchObject({ relocation: { state: 'draft', missed: { at: late, because: 'window-passed' } } })
    expect(missed.operation).toBeUndefined()
    expect(await check()).toEqual([2, 0])
  })

  it('is missed if the site has another version by then than the data that was rehearsed', async () => {
    const { at, accept, window, site, commit, context } = await scene()
    await accept()
    await at(plusDays(window.from, -1))
    const before = await site()
    const after = { ...before, version: before.version + 1, blueprint: { ...before.blueprint, version: 9 } }
    await commit(siteChange({ transition: 'announceRelocation', before, after }, context))
    const missed = await at(window.from)
    expect(missed.relocation).toMatchObject({ state: 'draft', missed: { because: 'rehearsed-before' } })
    expect(missed.operation).toBeUndefined()
  })

  it('is a draft again where the switch fails, and no roll-out hears of it', async () => {
    const { at, accept, window, fail, site, stage } = await scene()
    await accept()
    await at(plusDays(window.from, -1))
    const before = await at(window.from)
    await fail()
    const after = await at(plusMilliseconds(window.from, minute))
    expect(after).toMatchObject({ plan: before.plan, cell: before.cell, blueprint: before.blueprint })
    expect(after.relocation).toMatchObject({ state: 'draft', missed: { because: 'LaunchFailed' } })
    expect((await site()).failedUpgrade).toBeUndefined()
    expect(stage.eventsOf('RelocationMissed').map(({ data }) => data.because)).toEqual(['LaunchFailed'])
  })

  it('leaves a trial a week where the switch fails after the window, at which the trial would have ended', async () => {
    const { at, accept, window, fail, stage, kept } = await scene(16)
    await accept()
    await at(plusDays(window.from, -1))
    expect(await at(window.from)).toMatchObject({ operation: { kind: 'upgrade' }, trialEndsAt: window.until })
    stage.scene.now = plusMilliseconds(window.until, minute)
    await fail()
    await stage.sweep()
    await at(stage.scene.now)
    expect(await kept()).toMatchObject({
      ...{ status: 'active', trialEndsAt: plusDays(stage.scene.now, 7) },
      relocation: { state: 'draft', missed: { because: 'LaunchFailed' } },
    })
    expect(stage.eventsOf('RelocationMissed')).toHaveLength(1)
  })
})

describe('a relocated site', () => {
  const relocated = async () => {
    const all = await scene()
    await all.accept()
    await all.at(plusDays(all.window.from, -1))
    await all.at(all.window.from)
    return { ...all, after: await all.succeed() }
  }

  it('is confirmed by itself, with no more of the relocation', async () => {
    const { at, window, kept, stage } = await relocated()
    await at(plusDays(window.from, 14))
    expect((await kept())?.relocation).toBeUndefined()
    expect(stage.eventsOf('RelocationConfirmed').map(({ data }) => data.side)).toEqual(['relocated'])
  })

  it('is not confirmed by a wrong clock, whichever sweep reads it first', async () => {
    const { at, window, kept, stage } = await relocated()
    await at(plusDays(window.from, 1))
    stage.scene.isTurned = false
    await at(plusDays(window.from, 60))
    expect(await stage.brake()).toBe('clock')
    stage.scene.now = plusMilliseconds(stage.scene.now, minute)
    await stage.sweep()
    await at(plusMilliseconds(stage.scene.now, minute))
    expect((await kept())?.relocation).toMatchObject({ state: 'switched' })
    expect(stage.eventsOf('RelocationConfirmed')).toEqual([])
  })

  it('is not confirmed under a contract while a change of the plan waits for the bank of its owner', async () => {
    const { at, window, kept, after, commit, context } = await relocated()
    const due = plusDays(window.from, 14)
    const pendingChange = { plan: 'starter', interval: 'month', expiresAt: plusMilliseconds(due, hour) } as const
    const contract = { number: '4711', firstDay: '2026-03-01', lastDay: '2027-03-01' }
    const { relocation } = after
    const waiting = { ...after, version: after.version + 1, billing: billing({ pendingChange }) }
    const bound: ActiveSite = { ...waiting, ...(relocation && { relocation: { ...relocation, contract } }) }
    await commit(siteChange({ transition: 'noteBilling', before: after, after: bound }, context))
    await at(due)
    expect((await kept())?.relocation).toMatchObject({ state: 'switched' })
    await at(plusMilliseconds(due, hour))
    expect(await kept()).toMatchObject({ contract })
  })

  it('goes back and forward, each time with the data of the other side', async () => {
    const { after, commit, context, site, succeed, stage } = await relocated()
    await commit(beginSwitchBack(await site(), 'A test.', context))
    expect((await site()).operation).toMatchObject({
      relocates: true,
      copy: { restores: after.relocation?.switched?.archiveId },
    })
    const back = await succeed()
    expect(back).toMatchObject({ plan: 'trial', relocation: { state: 'returned', switched: { back: target } } })
    expect(back.trialEndsAt >= plusDays(stage.scene.now, 7)).toBe(true)
    await commit(beginSwitchBack(await site(), 'A test.', context))
    expect(await succeed()).toMatchObject({ plan: 'growth', cell: 'fast', relocation: { state: 'switched' } })
    expect(stage.eventsOf('SitePlanChanged').map(({ data }) => data.relocation)).toEqual([
      'switched',
      'returned',
      'switched',
    ])
  })

  it('leaves its owner a week to pay where it goes back to a subscription that has ended', async () => {
    const { commit, context, site, succeed, stage } = await relocated()
    const switched = await site()
    const { relocation } = switched
    if (relocation?.switched === undefined) throw new Error('it was not switched')
    const back = { ...relocation.switched, back: { ...relocation.switched.back, plan: 'starter' } }
    const after = { ...switched, version: switched.version + 1, relocation: { ...relocation, switched: back } }
    await commit(siteChange({ transition: 'noteBilling', before: switched, after }, context))
    await commit(beginSwitchBack(await site(), 'A test.', context))
    const { plan, trialEndsAt } = await succeed()
    expect([plan, trialEndsAt >= plusDays(stage.scene.now, 7)]).toEqual(['starter', true])
  })

  it('stays as it went back, without a contract, where nobody answers', async () => {
    const { commit, context, site, succeed, advance, window, kept, stage } = await relocated()
    await commit(beginSwitchBack(await site(), 'A test.', context))
    await succeed()
    // Its trial goes on meanwhile.
    for (let days = 1; days <= 14; days += 1) {
      stage.scene.now = plusDays(window.from, days)
      await stage.sweep()
      await advance()
    }
    expect((await kept())?.contract).toBeUndefined()
    expect(stage.eventsOf('RelocationConfirmed').map(({ data }) => data.side)).toEqual(['returned'])
  })
})
