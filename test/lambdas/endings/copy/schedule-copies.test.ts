import { beforeEach, describe, expect, it } from 'vitest'
import { createSiteStore } from '../../../../adapters/dynamodb/site-store.ts'
import { plusDays, plusMilliseconds } from '../../../../core/instant.ts'
import { planCatalogue } from '../../../../core/plan/plan-catalogue.ts'
import type { SiteUnder } from '../../../../core/site/change-site.ts'
import { dueEntry } from '../../../../core/site/next-step.ts'
import type { ActiveSite } from '../../../../core/site/site.ts'
import { copyData, verifyCopy } from '../../../../lambdas/endings/archive-site.ts'
import { skipCopy, takeScheduledCopies } from '../../../../lambdas/endings/copy/begin-copies.ts'
import {
  beginCopy,
  pauseSite,
  recordOwnerCopy,
  startPaused,
  unpauseSite,
} from '../../../../lambdas/endings/copy/take-copy.ts'
import { stopSite } from '../../../../lambdas/endings/end-site.ts'
import { failOperation } from '../../../../lambdas/endings/fail-operation.ts'
import { beginSleep, fallAsleep } from '../../../../lambdas/sleep/sleep-site.ts'
import { changeBrake } from '../../../../lambdas/trials/brake.ts'
import { createBrakeStore } from '../../../../lambdas/trials/store.ts'
import config from '../../../../sitewright.config.ts'
import { placed } from '../../../adapters/dynamodb/made-changes.ts'
import { attemptAt, reclaimScene } from '../../../support/reclaim-scene.ts'
import { samplePolicies } from '../../../support/sample-policy.ts'
import { billing } from '../../billing/subscriptions.ts'

const hours = 1 / 24
const nightly = { everyHours: 24, hour: 3, keep: 2 }
const planId = 'enterprise'
const plans = planCatalogue(config.plans.map((plan) => (plan.id === planId ? { ...plan, copies: nightly } : plan)))

/** Sites under a plan with a schedule, from noon on; `uses` is when each was used last. */
const copyScene = async () => {
  const scene = await reclaimScene()
  const due = (site: Parameters<typeof dueEntry>[0]) =>
    dueEntry(site, samplePolicies.find(site.policyVersion), site.plan === planId ? nightly : undefined)
  const indexed = createSiteStore({ client: scene.store.document, tables: scene.store.tables, outbox: true, due })
  const sites = { ...indexed, get: scene.ports.sites.get }
  const uses = new Map<string, string>()
  const brakes = createBrakeStore({ client: scene.store.document, tables: scene.store.tables })
  const started: string[] = []
  const ports = {
    ...scene.ports,
    sites,
    plans,
    startsAtOnce: 2,
    usage: { lastUse: async (id: string) => uses.get(id) },
    brakes,
    clockIsTurned: () => false,
    workflows: { start: async (machine: string) => void started.push(machine), status: async () => 'unknown' as const },
  }
  const read = async (id: ActiveSite['id']) => scene.get(id, 'active')
  const open = async (facts: Partial<ActiveSite> = {}) => {
    const site = await scene.open({ plan: planId, ...facts })
    const since = { ...site, version: site.version + 1, ownership: { ...site.ownership, since: scene.now() } }
    const renamed = skipCopy(site, 'unused', scene.context())
    await sites.commit({ ...renamed, after: since })
    uses.set(site.id, scene.now())
    return read(site.id)
  }
  const run = async (site: ActiveSite) => {
    const attempt = attemptAt((await scene.ports.sites.get(site.id)) ?? site)
    const steps = [pauseSite, stopSite, copyData, startPaused, unpauseSite, verifyCopy, recordOwnerCopy]
    for (const step of steps) await step({ ...ports, pause: async () => undefined }, attempt)
    return read(site.id)
  }
  return {
    ...scene,
    ports,
    sites,
    uses,
    started,
    open,
    read,
    run,
    use: (site: ActiveSite) => uses.set(site.id, scene.now()),
    trip: (because: 'clock' | 'operator') =>
      changeBrake(brakes, scene.now(), (state) => ({
        next: { ...state, tripped: { at: scene.now(), because, detail: 'a test' } },
      })),
    brake: async () => (await brakes.read())?.tripped?.because,
    sweep: () => takeScheduledCopies(ports, 'sweep'),
    operationOf: async ({ id }: ActiveSite) => (await read(id)).operation,
  }
}

let scene: Awaited<ReturnType<typeof copyScene>>
beforeEach(async () => {
  scene = await copyScene()
})

describe('a scheduled copy', () => {
  it('begins at its hour, is the same operation as that of an owner, and is kept as one of the schedule', async () => {
    const site = await scene.open()
    scene.pass(14 * hours)
    await scene.sweep()
    expect(await scene.operationOf(site)).toBeUndefined()
    scene.pass(1 * hours)
    await scene.sweep()
    expect(await scene.operationOf(site)).toMatchObject({ kind: 'copy', scheduled: { keep: 2 } })
    expect(scene.started).toEqual(['copy-site'])
    const copied = await scene.run(site)
    expect(copied.archives).toMatchObject([{ kind: 'schedule' }])
    const now = scene.now()
    expect(copied.copying).toEqual({ checkedAt: now, begunAt: now, copiedAt: now })
    expect(scene.outside.violations).toEqual([])
  })

  it("replaces the oldest of its kind, and no owner's", async () => {
    const site = await scene.open()
    scene.pass(1 * hours)
    const own = beginCopy(await scene.read(site.id), scene.context())
    await scene.sites.commit(own)
    await scene.run(site)
    const first: string[] = []
    scene.pass(14 * hours)
    for (let night = 0; night < 4; night += 1) {
      scene.use(site)
      await scene.sweep()
      first.push((await scene.run(site)).archives[0]?.id ?? '')
      scene.pass(1)
    }
    const { archives } = await scene.read(site.id)
    expect(archives.map(({ kind }) => kind)).toEqual(['schedule', 'schedule', 'owner'])
    expect(archives.map(({ id }) => id)).toEqual([first[3], first[2], archives.at(-1)?.id])
    expect(scene.outside.archiveKeys()).toHaveLength(6)
  })

  it('is skipped once for a site that nobody used since the last one', async () => {
    const site = await scene.open()
    scene.pass(15 * hours)
    await scene.sweep()
    const { version } = await scene.run(site)
    scene.pass(1)
    await scene.sweep()
    await scene.sweep()
    const after = await scene.read(site.id)
    expect(after).toMatchObject({ version: version + 1, copying: { checkedAt: scene.now() } })
    expect(after.operation).toBeUndefined()
  })

  it('is skipped until the next day for a site in use whose hour has passed', async () => {
    const site = await scene.open()
    scene.pass(17 * hours)
    await scene.sweep()
    expect(await scene.operationOf(site)).toBeUndefined()
    scene.pass(22 * hours)
    await scene.sweep()
    expect(await scene.operationOf(site)).toMatchObject({ kind: 'copy' })
  })

  it('of a site that sleeps needs no hour, and is the last until it was awake', async () => {
    const site = await scene.open()
    await scene.sites.commit(beginSleep(site, scene.context()))
    const asleep = fallAsleep((await scene.read(site.id)) as ActiveSite & SiteUnder<'sleep'>, scene.context())
    const { operation: _, ...after } = asleep.after
    await scene.sites.commit({ ...asleep, after })
    await scene.ports.runtime.remove({ siteId: site.id, cell: 'local' })
    scene.pass(30 * hours)
    await scene.sweep()
    const begun = await scene.ports.sites.get(site.id)
    expect(begun).toMatchObject({ status: 'asleep', operation: { kind: 'copy' } })
    for (const step of [pauseSite, stopSite, copyData, startPaused, unpauseSite, verifyCopy, recordOwnerCopy]) {
      await step({ ...scene.ports, pause: async () => undefined }, attemptAt(begun as never))
    }
    expect(await scene.ports.sites.get(site.id)).toMatchObject({ copying: { isAsleep: true } })
    expect(await scene.sites.firstDue({ kind: 'copy' })).toBeUndefined()
  })

  it.each([
    ['a plan without a schedule', { plan: 'starter' }],
    ['a trial', { plan: 'trial' }],
  ])('is not taken of %s', async (_, facts) => {
    const site = await scene.open(facts)
    scene.pass(15 * hours)
    await scene.sweep()
    expect(await scene.operationOf(site)).toBeUndefined()
  })

  it('waits for another operation, and is due after it', async () => {
    const site = await scene.open()
    await scene.sites.commit(beginSleep(site, scene.context()))
    scene.pass(15 * hours)
    await scene.sweep()
    expect(await scene.operationOf(site)).toMatchObject({ kind: 'sleep' })
  })

  it('waits for a disk that is not mounted, and while the clock is in doubt, but not for the brake of operators', async () => {
    const site = await scene.open()
    scene.pass(15 * hours)
    await takeScheduledCopies({ ...scene.ports, cells: [] }, 'sweep')
    await scene.trip('clock')
    await scene.sweep()
    expect(await scene.operationOf(site)).toBeUndefined()
    await scene.trip('operator')
    await scene.sweep()
    expect(await scene.operationOf(site)).toMatchObject({ kind: 'copy' })
  })

  it('is neither taken nor skipped by a wrong clock, by which a site in use would end', async () => {
    const endsAt = plusDays(scene.now(), 30)
    const ended = billing({ plan: planId, state: 'ended', paidThrough: endsAt, endedSince: scene.now() })
    const site = await scene.open({ billing: ended, reminded: [1] })
    await scene.sweep()
    scene.pass(60)
    await scene.sweep()
    expect(await scene.brake()).toBe('clock')
    expect(await scene.read(site.id)).toEqual(site)
  })

  /** What is begun on the next two nights. */
  const twoNightsOf = async (site: ActiveSite) => {
    const nights: (string | undefined)[] = []
    for (let night = 0; night < 2; night += 1) {
      scene.pass(1)
      scene.use(site)
      await scene.sweep()
      nights.push((await scene.operationOf(site))?.kind)
      if (nights.at(-1) !== undefined) await scene.run(site)
      await scene.sweep()
      expect(await scene.operationOf(site)).toBeUndefined()
    }
    return nights
  }

  it('is taken again once a clock that was ahead is right, whatever was dated by it', async () => {
    const ahead = 3650
    const site = await scene.open()
    scene.pass(ahead + 15 * hours)
    await scene.sweep()
    scene.pass(1)
    scene.use(site)
    await scene.sweep()
    const copied = await scene.run(site)
    expect(copied.copying?.copiedAt).toBe(scene.now())
    scene.pass(-ahead)
    // Its hour of today has passed.
    await scene.sweep()
    expect(await twoNightsOf(site)).toEqual(['copy', 'copy'])
  })

  it('is taken of a site that was claimed while the clock was ahead', async () => {
    scene.pass(3650)
    const site = await scene.open()
    scene.pass(15 * hours - 3650)
    await scene.sweep()
    expect(await twoNightsOf(site)).toEqual(['copy', 'copy'])
  })

  it('does not wait for sites whose disk is not mounted, however many are due before it', async () => {
    const awake = await scene.open()
    const { endpoint: _, ...kept } = awake
    const sleeping = { ...kept, status: 'asleep' as const, asleepSince: scene.now(), cell: 'away' }
    let unused: ActiveSite['id'] | undefined
    for (let number = 0; number < 400; number += 1) {
      const change = placed({ id: scene.ports.randomness.id('site') })
      const copying = number === 0 && { copying: { copiedAt: scene.now(), checkedAt: scene.now() } }
      await scene.sites.commit({ ...change, after: { ...sleeping, ...copying, id: change.after.id, version: 1 } })
      if (number > 0) scene.uses.set(change.after.id, scene.now())
      else unused = change.after.id
    }
    scene.pass(36 * hours)
    const site = await scene.open()
    scene.pass(3 * hours)
    await scene.sweep()
    expect(await scene.operationOf(site)).toMatchObject({ kind: 'copy' })
    // That nobody used it can be said without the disk: what is due after the copy is due then.
    expect(await scene.sites.get(unused ?? site.id)).toMatchObject({ copying: { checkedAt: scene.now() } })
  })

  it('is one of a few at a time: the others begin once these have ended', async () => {
    const sites = [await scene.open(), await scene.open(), await scene.open()]
    scene.pass(15 * hours)
    await scene.sweep()
    await scene.sweep()
    const copying = async () => (await Promise.all(sites.map(scene.operationOf))).map((one) => one?.kind ?? 'none')
    expect((await copying()).toSorted()).toEqual(['copy', 'copy', 'none'])
    for (const site of sites) if ((await scene.operationOf(site)) !== undefined) await scene.run(site)
    await scene.sweep()
    expect((await copying()).toSorted()).toEqual(['copy', 'none', 'none'])
  })

  it.each([
    ['works', 0],
    ['fails, always of the same two', 2],
  ])('reaches all sites in turn where the hour has room for a few, and each %s', async (_, failing) => {
    const sites: ActiveSite[] = []
    for (let number = 0; number < 6; number += 1) sites.push(await scene.open())
    scene.pass(15 * hours)
    const turns = sites.map(() => 0)
    const end = async (index: number, { id }: ActiveSite) => {
      const site = await scene.read(id)
      if (site.operation === undefined) return
      turns[index] = (turns[index] ?? 0) + 1
      // The last ones.
      const fails = index >= sites.length - failing
      await (fails ? failOperation(scene.ports, attemptAt(site), 'ArchivingFailed') : scene.run(site))
    }
    for (let night = 0; night < 6; night += 1) {
      for (const site of sites) scene.use(site)
      await scene.sweep()
      scene.pass(2 * hours)
      for (const [index, site] of sites.entries()) await end(index, site)
      // The hour has passed for the others.
      await scene.sweep()
      scene.pass(22 * hours)
      expect(Math.max(...turns) - Math.min(...turns)).toBeLessThanOrEqual(1)
    }
    expect(turns).toEqual(sites.map(() => 2))
  })

  it('begins with the oldest, however many are due before it', async () => {
    const given = await scene.open()
    const ids = Array.from({ length: 402 }, () => scene.ports.randomness.id('site')).toSorted()
    const last = ids.at(-1) ?? given.id
    for (const id of ids) {
      const copied = { at: plusDays(scene.now(), id === last ? -9 : -1), kind: 'schedule' as const, bytes: 1, files: 1 }
      const archive = { id: scene.ports.randomness.id('arc'), ...copied, blueprint: given.blueprint }
      const after = { ...given, id, version: 1, archives: [archive] }
      await scene.sites.commit({ ...placed({ id }), after })
      scene.uses.set(id, scene.now())
    }
    scene.pass(15 * hours)
    await scene.sweep()
    const begun = await Promise.all([given.id, ...ids].map(scene.read))
    const under = begun.filter(({ operation }) => operation !== undefined).map(({ id }) => id)
    expect(under.toSorted()).toEqual([given.id, last].toSorted())
  })

  it('that fails is tried again a day later, although nobody used the site since', async () => {
    const site = await scene.open()
    scene.pass(15 * hours)
    await scene.sweep()
    const attempt = attemptAt(await scene.read(site.id))
    await pauseSite({ ...scene.ports, pause: async () => undefined }, attempt)
    await stopSite(scene.ports, attempt)
    await failOperation(scene.ports as never, attempt, 'ArchivingFailed')
    await scene.sweep()
    expect(await scene.operationOf(site)).toBeUndefined()
    scene.pass(1)
    await scene.sweep()
    expect(await scene.operationOf(site)).toMatchObject({ kind: 'copy' })
  })

  it('goes on with other sites where one cannot be read', async () => {
    const [one, other] = [await scene.open(), await scene.open()]
    scene.pass(15 * hours)
    const usage = {
      lastUse: async (id: string) => {
        if (id === one.id) throw new Error('no answer')
        return plusMilliseconds(scene.now(), 0)
      },
    }
    await expect(takeScheduledCopies({ ...scene.ports, usage }, 'sweep')).rejects.toThrow(one.id)
    expect(await scene.operationOf(other)).toMatchObject({ kind: 'copy' })
  })
})

it('follows a schedule that the plan gets later once its record is indexed again', async () => {
  const site = await scene.open()
  // As a version wrote it that knew no schedule.
  await scene.store.sites.reindex(site)
  scene.pass(15 * hours)
  await scene.sweep()
  expect(await scene.operationOf(site)).toBeUndefined()
  await scene.sites.reindex(site)
  await scene.sweep()
  expect(await scene.operationOf(site)).toMatchObject({ kind: 'copy' })
  await scene.store.sites.reindex(site)
  expect(await scene.sites.firstDue({ kind: 'operation' })).toBeDefined()
})
