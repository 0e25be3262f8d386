import { describe, expect, it, vi } from 'vitest'
import type { DomainEvent } from '../../../core/events/event.ts'
import { eventSource } from '../../../core/events/event-names.ts'
import { matchesPattern } from '../../../core/events/event-pattern.ts'
import type { SiteId } from '../../../core/ids.ts'
import { plusDays } from '../../../core/instant.ts'
import type { MailMessage } from '../../../core/ports/delivery.ts'
import type { Archive } from '../../../core/site/archive.ts'
import { environmentSlot } from '../../../core/site/environment.ts'
import { type ChangeContext, siteChange } from '../../../core/site/lifecycle.ts'
import { homeOf } from '../../../core/site/location.ts'
import { nextDestructiveStep, nextLifeStep } from '../../../core/site/next-step.ts'
import type { Relocation } from '../../../core/site/relocation.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { ownBlueprint } from '../../../lambdas/deployments/deployment.ts'
import { archiveDueSite, copyData, releaseData, verifyCopy } from '../../../lambdas/endings/archive-site.ts'
import { beginCopy } from '../../../lambdas/endings/copy/take-copy.ts'
import { finishOperation, suspendSite } from '../../../lambdas/endings/end-site.ts'
import { beginRestore, openRestored, restoreData, startRestored } from '../../../lambdas/endings/restore-site.ts'
import { resumeSite } from '../../../lambdas/endings/resume-site.ts'
import { followProduction } from '../../../lambdas/environments/change-environment.ts'
import { mailSales } from '../../../lambdas/leads/functions.ts'
import { leadPolicySchema } from '../../../lambdas/leads/lead-facts.ts'
import { actOnRollout, type RolloutAct } from '../../../lambdas/releases/act-on-rollout.ts'
import { isBehind } from '../../../lambdas/releases/follow-rollouts.ts'
import {
  type DrainRequest,
  declareLost,
  drainCell,
  relocateSite,
  withoutExpired,
} from '../../../lambdas/releases/leave-cell.ts'
import { releaseCopyOf, restoreReleaseCopy } from '../../../lambdas/releases/restore-copy.ts'
import { beginSwap } from '../../../lambdas/releases/swap/begin-swap.ts'
import { failSwap } from '../../../lambdas/releases/swap/fail-swap.ts'
import { makeWay } from '../../../lambdas/releases/swap/swap-site.ts'
import { restoreCopy } from '../../../lambdas/releases/swap/upgrade-data.ts'
import { beginSwitchBack } from '../../../lambdas/relocations/begin-relocation.ts'
import { mailRelocation } from '../../../lambdas/relocations/mail-staff.ts'
import { readPlaces } from '../../../lambdas/sites/cells/place-sites.ts'
import { finish, request as requestBuild } from '../../adapters/dynamodb/made-changes.ts'
import { attemptAt } from '../../support/reclaim-scene.ts'
import { rolloutScene } from './rollout-scene.ts'

const copyOf = ({ id, blueprint }: ActiveSite): Archive => {
  const archiveId = `arc_${id.slice(5)}` as const
  return { id: archiveId, at: '2026-02-01T12:00:00.000Z', kind: 'owner', bytes: 1, files: 1, blueprint }
}

/** The operation is replaced by a copy, as if that had begun first. */
const beginAgain = ({ operation: _, ...site }: ActiveSite, context: ChangeContext) => beginCopy(site, context)

const agreed: Relocation = {
  revision: 1,
  state: 'accepted',
  target: { plan: 'enterprise' },
  window: { from: '2026-04-01T12:00:00.000Z', until: '2026-04-01T16:00:00.000Z', timeZone: 'Europe/Berlin' },
  confirmDays: 14,
  draftedBy: 'op-1',
}

/** The mails of sales about an event. */
const salesMailsOf = async (event: DomainEvent): Promise<readonly MailMessage[]> => {
  const mails: MailMessage[] = []
  const heard = { source: eventSource, 'detail-type': event.type, detail: event }
  const isHeard = mailSales.triggers.some((one) => 'events' in one && matchesPattern(heard, one.events))
  const ports = {
    ...{ leads: { get: async () => undefined }, leadPolicy: leadPolicySchema.parse({ contact: 'sales@example.com' }) },
    ...{ brand: 'Sitewright', contact: 'hello@example.com', consoleUrl: 'http://localhost:4000' },
    mailer: { send: async (mail: MailMessage) => void mails.push(mail) },
  }
  if (isHeard) await mailRelocation(ports as never, event)
  return mails
}

const privately = { access: 'owner', urlChange: 'hook', handOver: { hook: { path: '/owner' } } } as const

const intoFast = { target: { cell: 'fast' }, copies: true, runs: false } as const

/** Sites in the cell `fast` that leave it for `local`. */
const cellScene = async (sites: number, facts: (index: number) => Partial<ActiveSite> = () => ({}), release = {}) => {
  const scene = await rolloutScene(0, release)
  scene.ports.cells.push('fast')
  const inFast: SiteId[] = []
  for (let index = 0; index < sites; index += 1) {
    inFast.push((await scene.open({ cell: 'fast', ...facts(index) })).id)
  }
  const request = (operatorId: string): DrainRequest & { readonly operatorId: string } => ({
    cell: 'fast',
    reason: 'Its disk is old.',
    actor: scene.operator(operatorId),
    operatorId,
    causationId: 'req_test',
    waves: [],
  })
  const record = async () => {
    const found = await scene.ports.rollouts.readOfCell('fast')
    if (found === undefined) throw new Error('there is no roll-out')
    return found
  }
  const declare = (operatorId: string) => declareLost(scene.ports, request(operatorId))
  const archiveAt = (index: number) => plusDays(scene.now(), -1 - index)
  const archiveEarly = async (): Promise<void> => {
    for (const id of inFast) {
      const site = await scene.ports.sites.get(id)
      if (site?.status !== 'suspended' || site.operation?.kind !== 'archive') continue
      const attempt = attemptAt(site)
      await copyData(scene.ports, attempt)
      await verifyCopy(scene.ports, attempt)
      await archiveDueSite(scene.ports, attempt)
      await releaseData(scene.ports, attempt)
      await finishOperation(scene.ports, attempt)
    }
  }
  return {
    ...scene,
    inFast,
    record,
    drain: (more: Partial<DrainRequest> = {}) => drainCell(scene.ports, { ...request('ada'), ...more }),
    declare,
    /** Declares the cell lost, as two administrators do. */
    lose: async () => {
      await declare('ada')
      await declare('bob')
    },
    /** Suspends a site of the cell, until nothing of it runs. */
    suspend: async (id: SiteId) => {
      await scene.commit(suspendSite(await scene.get(id, 'active'), { because: 'operator' }, scene.context()))
      await finishOperation(scene.ports, attemptAt(await scene.get(id, 'suspended')))
      await scene.ports.runtime.remove({ siteId: id, cell: 'fast' })
    },
    actOnCell: (act: RolloutAct) => actOnRollout(scene.ports, { ...request('ada'), blueprint: 'cell:fast', act }),
    end: async () => {
      do {
        await scene.settle()
        await archiveEarly()
        await scene.tick()
      } while (scene.queue.length > 0)
    },
    /** Gives the first sites archives of different ages. */
    rememberArchives: async (count: number) => {
      for (const [index, id] of inFast.slice(0, count).entries()) {
        const site = await scene.get(id, 'active')
        const archive = { ...copyOf(site), at: archiveAt(index) }
        await scene.outside.archiver.run({
          kind: 'copy',
          id: `copy-${id}`,
          siteId: id,
          home: homeOf(site),
          archiveId: archive.id,
          blueprint: site.blueprint,
          at: archive.at,
        })
        const after = { ...site, version: site.version + 1, archives: [archive] }
        const details = { archiveId: archive.id }
        await scene.commit(siteChange({ transition: 'recordCopy', before: site, after, details }, scene.context()))
      }
    },
    archiveAt,
    /** Puts a site into the pool of a cell. */
    pool: async (cell: string): Promise<SiteId> => {
      const requested = requestBuild({ cell })
      await scene.commit(requested)
      await scene.commit(finish(requested.after))
      return requested.after.id
    },
    cells: () => Promise.all(inFast.map(async (id) => (await scene.ports.sites.get(id))?.cell)),
  }
}

type Scene = Awaited<ReturnType<typeof cellScene>>

const actOn = (scene: Scene, siteId: SiteId) => ({ siteId, actor: scene.operator('ada'), causationId: 'req_test' })

describe('a drain', () => {
  it('moves the sites of a cell with their data, in waves, and takes nothing new', async () => {
    const scene = await cellScene(6)
    await scene.sleep(scene.inFast[3]!)
    await scene.drain({ waves: [{ sites: 1 }] })
    const take = await readPlaces(scene.ports)
    expect(await Promise.all([take(), take()])).toEqual(['local', 'local'])
    await scene.tick()
    expect((await scene.record()).chosen).toHaveLength(1)
    await scene.end()
    expect(await scene.cells()).toEqual(Array(6).fill('local'))
    expect(await scene.record()).toMatchObject({ state: 'finished', total: 6, done: 6, failed: [], held: [] })
    expect((await scene.ports.cellCounts.read()).find(({ cell }) => cell === 'fast')?.closed).toBe('empty')
    expect(scene.outside.violations).toEqual([])
  })

  it.each([
    ['a drain', (scene: Scene) => scene.drain()],
    [
      'a relocation by hand',
      (scene: Scene) => relocateSite(scene.ports, actOn(scene, scene.inFast[0]!), { cell: 'local', reason: 'A test.' }),
    ],
  ])('keeps the copy from before the last upgrade: %s', async (_, leave) => {
    const scene = await cellScene(1, () => ({}), { migrates: true })
    const [id] = scene.inFast as [SiteId]
    await scene.start()
    for (let run = 0; run < 5; run += 1) await scene.settle()
    const before = releaseCopyOf(await scene.get(id, 'active'))
    expect(before).toMatchObject({ kind: 'release', blueprint: { version: 1 } })
    await leave(scene)
    await scene.end()
    const moved = await scene.get(id, 'active')
    expect(moved).toMatchObject({ cell: 'local', blueprint: { version: 2 } })
    expect(moved.archives).toMatchObject([{ kind: 'reclaim', blueprint: { version: 2 } }, before])
    await restoreReleaseCopy(scene.ports, actOn(scene, id), { archiveId: before?.id ?? '', reason: 'It lost pages.' })
    await scene.end()
    expect(await scene.get(id, 'active')).toMatchObject({ cell: 'local', blueprint: { version: 1 } })
  })

  it('archives suspended sites early, with the date of their purge', async () => {
    const scene = await cellScene(1)
    const [id] = scene.inFast as [SiteId]
    await scene.suspend(id)
    const policy = scene.ports.policies.find(1)
    const due = nextDestructiveStep(await scene.get(id, 'suspended'), policy)
    await scene.drain()
    await scene.end()
    const archived = await scene.get(id, 'archived')
    expect(nextDestructiveStep(archived, policy)).toEqual({
      step: 'purge',
      dueAt: plusDays(due?.dueAt ?? '', policy.retentionDays),
    })
    expect((await scene.record()).state).toBe('finished')
  })

  it('archives an environment that is suspended with its site, which brings it back and reminds of its end', async () => {
    const scene = await cellScene(0)
    const plan = 'enterprise'
    const production = await scene.open({ plan })
    const environmentOf = { siteId: production.id, name: 'qa', hours: 48, until: plusDays(scene.now(), 2) }
    const ownership = { ...production.ownership, slug: 'x--qa', hostname: 'x--qa.localhost' }
    const placed = { ...ownership, trialOf: environmentSlot(production.id, 1) }
    const { id } = await scene.open({ cell: 'fast', plan, environmentOf, ownership: placed, access: 'owner' })
    scene.inFast.push(id)
    await scene.suspend(production.id)
    await followProduction(scene.ports, production.id, 'an-event')
    await finishOperation(scene.ports, attemptAt(await scene.get(id, 'suspended')))
    await scene.ports.runtime.remove({ siteId: id, cell: 'fast' })
    await scene.drain()
    await scene.end()
    scene.pass(30)
    expect(nextLifeStep(await scene.get(id, 'archived'), scene.ports.policies.find(1))).toBeUndefined()
    const { trialEndsAt, ...suspended } = await scene.get(production.id, 'suspended')
    const facts = { trialEndsAt, extensionsUsed: 0 }
    const policy = scene.ports.policies.find(1)
    await scene.commit(resumeSite({ ...suspended, trialEndsAt }, facts, policy, scene.context()))
    await followProduction(scene.ports, production.id, 'an-event')
    await followProduction(scene.ports, production.id, 'an-event')
    const attempt = attemptAt(await scene.get(id, 'archived'))
    await restoreData(scene.ports, attempt)
    await startRestored(scene.ports, attempt)
    await openRestored(scene.ports, attempt)
    const back = await scene.get(id, 'active')
    expect(back).toMatchObject({ cell: 'local', environmentOf: { until: plusDays(scene.now(), 2) }, ownership: placed })
    expect(back.access).toBe('owner')
    expect(back.environmentOf).not.toHaveProperty('follows')
    expect(nextLifeStep(back, policy)).toMatchObject({ step: 'remind', dueAt: plusDays(scene.now(), 1) })
    expect(scene.outside.violations).toEqual([])
  })

  it('retires the sites of the pool, which are not copied', async () => {
    const scene = await cellScene(1)
    const pooled = await scene.pool('fast')
    await scene.drain()
    await scene.end()
    await scene.get(pooled, 'purged')
    expect(scene.outside.archiveKeys().filter((key) => key.startsWith(pooled))).toEqual([])
    expect(await scene.record()).toMatchObject({ state: 'finished', done: 2, failed: [] })
    expect(scene.started.filter((start) => start.startsWith(pooled))).toEqual([])
  })

  it('leaves sites whose relocation is agreed on', async () => {
    const scene = await cellScene(2, (index) => (index === 0 ? { relocation: agreed } : {}))
    await scene.drain()
    await scene.end()
    expect(await scene.cells()).toEqual(['fast', 'local'])
    expect(await scene.record()).toMatchObject({
      state: 'finished',
      done: 1,
      held: [{ siteId: scene.inFast[0], because: 'relocation' }],
    })
    expect((await scene.ports.cellCounts.read()).find(({ cell }) => cell === 'fast')?.closed).toBe('closed')
  })

  it('brings a site where nobody chose its cell, so that a restore does not return it there', async () => {
    const scene = await cellScene(1)
    const [id] = scene.inFast as [SiteId]
    const relocate = (cell: string) =>
      relocateSite(
        scene.ports,
        { siteId: id, actor: scene.operator('ada'), causationId: 'req_test' },
        { cell, reason: 'x' },
      )
    for (const cell of ['local', 'fast']) {
      await relocate(cell)
      await scene.settle()
      expect(await scene.get(id, 'active')).toMatchObject({ cell, isCellNamed: true })
    }
    await scene.drain()
    await scene.end()
    const drained = await scene.get(id, 'active')
    expect([drained.cell, drained.isCellNamed]).toEqual(['local', undefined])
  })

  it('goes on while a restore or a relocation is on its way into the cell', async () => {
    const scene = await cellScene(1)
    const [id] = scene.inFast as [SiteId]
    await scene.rememberArchives(1)
    await scene.suspend(id)
    await scene.drain()
    await scene.end()
    await scene.actOnCell('abort')
    scene.ports.capacities[1]!.sites = 5000
    await scene.commit(beginRestore(await scene.get(id, 'archived'), {}, scene.context()))
    const restore = attemptAt(await scene.get(id, 'archived'))
    await restoreData(scene.ports, restore)
    const moving = await scene.open({})
    await relocateSite(scene.ports, actOn(scene, moving.id), { cell: 'fast', reason: 'x' })
    const relocation = scene.queue.splice(0)
    await scene.drain()
    await scene.end()
    await scene.end()
    expect((await scene.record()).state).toBe('running')
    await startRestored(scene.ports, restore)
    await openRestored(scene.ports, restore)
    scene.queue.push(...relocation)
    for (let pass = 0; pass < 4; pass += 1) await scene.end()
    expect((await scene.record()).state).toBe('finished')
    expect([(await scene.get(id, 'active')).cell, (await scene.get(moving.id, 'active')).cell]).toEqual([
      'local',
      'local',
    ])
  })

  it('holds a site once whose agreed relocation goes into the cell', async () => {
    const scene = await cellScene(0)
    const site = await scene.open({ relocation: { ...agreed, target: { cell: 'fast' } } })
    await scene.commit(beginSwap(site, { ...intoFast, relocates: true }, scene.context()))
    await scene.drain()
    for (let run = 0; run < 3; run += 1) await scene.tick()
    expect(await scene.record()).toMatchObject({
      state: 'finished',
      held: [{ siteId: site.id, because: 'relocation' }],
    })
  })

  it('waits while no other cell has room, and is refused where there is no other', async () => {
    const scene = await cellScene(1)
    await scene.drain()
    scene.ports.capacities[0]!.sites = 0
    await scene.end()
    expect(await scene.cells()).toEqual(['fast'])
    expect((await scene.record()).state).toBe('running')
    scene.ports.capacities[0]!.sites = 1000
    await scene.end()
    expect(await scene.cells()).toEqual(['local'])
    const { drainCell: again } = await import('../../../lambdas/releases/leave-cell.ts')
    const request = { cell: 'local', reason: 'x', actor: scene.operator('ada'), causationId: 'req_test' }
    await expect(again(scene.ports, request)).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
  })

  it('leaves a site whose data no other disk can take, and tries it again if an operator says so', async () => {
    const scene = await cellScene(3)
    await scene.rememberArchives(1)
    const local = { name: 'local', sites: 1000, bytes: 0 }
    scene.ports.capacities.splice(0, 1, local)
    await scene.drain({ waves: [{ sites: 1 }] })
    await scene.end()
    expect(await scene.cells()).toEqual(['fast', 'local', 'local'])
    const held = [{ siteId: scene.inFast[0], because: 'no-room' }]
    expect(await scene.record()).toMatchObject({ state: 'finished', done: 2, failed: [], held })
    local.bytes = 1
    await scene.actOnCell('retry')
    await scene.end()
    expect(await scene.cells()).toEqual(['local', 'local', 'local'])
  })

  it('halts beyond its budget with the sites where they were, and an abort opens the cell', async () => {
    const scene = await cellScene(3)
    for (const id of scene.inFast) scene.broken.add(id)
    await scene.drain({ failureBudget: 1 })
    await scene.end()
    expect(await scene.cells()).toEqual(['fast', 'fast', 'fast'])
    const halted = await scene.record()
    expect(halted.state).toBe('halted')
    expect(halted.failed.length).toBeGreaterThan(1)
    await scene.actOnCell('abort')
    expect((await scene.ports.cellCounts.read()).find(({ cell }) => cell === 'fast')?.closed).toBeUndefined()
    expect(scene.outside.violations).toEqual([])
  })

  it('keeps what has moved where it is after an abort half-way', async () => {
    const scene = await cellScene(4)
    await scene.drain({ waves: [{ sites: 2 }] })
    await scene.tick()
    await scene.actOnCell('abort')
    await scene.end()
    expect((await scene.cells()).toSorted()).toEqual(['fast', 'fast', 'local', 'local'])
  })
})

describe('the loss of a cell', () => {
  it('takes two administrators', async () => {
    const scene = await cellScene(0)
    expect((await scene.declare('ada')).state).toBe('requested')
    await expect(scene.declare('ada')).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
    expect((await scene.ports.cellCounts.read()).every(({ closed }) => closed === undefined)).toBe(true)
    const confirmed = await scene.declare('bob')
    expect(confirmed).toMatchObject({ state: 'running', kind: 'loss' })
    expect(await scene.declare('cyd')).toMatchObject({ version: confirmed.version })
  })

  it('is no longer requested after a day', async () => {
    const scene = await cellScene(1)
    const requested = await scene.declare('ada')
    const [before, after] = [0, 1].map((days) => withoutExpired(requested, plusDays(scene.ports.clocks.wall(), days)))
    expect(before).toEqual(requested)
    expect([after?.state, after?.lossRequest]).toEqual(['aborted', undefined])
    await scene.actOnCell('abort')
    await scene.drain()
    const drained = await scene.declare('ada')
    const draining = withoutExpired(drained, plusDays(scene.ports.clocks.wall(), 1))
    expect([draining.state, draining.lossRequest]).toEqual(['running', undefined])
  })

  it('that one administrator requests does not open a cell that was drained', async () => {
    const scene = await cellScene(2, (index) => (index === 0 ? { relocation: agreed } : {}))
    const closed = async () => (await scene.ports.cellCounts.read()).find(({ cell }) => cell === 'fast')?.closed
    await scene.drain()
    await scene.end()
    const finished = await scene.record()
    expect([finished.state, await closed()]).toEqual(['finished', 'closed'])
    const requested = await scene.declare('ada')
    expect(requested).toMatchObject({ state: 'finished', kind: 'drain', held: finished.held, done: finished.done })
    expect([await closed(), requested.lossRequest?.operatorId]).toEqual(['closed', 'ada'])
    await expect(scene.declare('ada')).rejects.toMatchObject({ kind: 'TransitionNotAllowed' })
    expect(withoutExpired(requested, plusDays(scene.ports.clocks.wall(), 1))).not.toHaveProperty('lossRequest')
    expect(await scene.declare('bob')).toMatchObject({ state: 'running', kind: 'loss', held: [] })
    expect(await closed()).toBe('lost')
  })

  it('restores sites in the order of what they pay, lists the age of their archives, and holds those without one', async () => {
    const plans = ['trial', 'starter', 'enterprise', 'growth', 'trial']
    const scene = await cellScene(5, (index) => ({ plan: plans[index]! }))
    await scene.rememberArchives(4)
    const order: string[] = []
    await scene.lose()
    scene.ports.startsAtOnce = 1
    for (let run = 0; run < 20 && (await scene.record()).state !== 'finished'; run += 1) {
      await scene.tick()
      const [next] = (await scene.record()).chosen
      if (next !== undefined) order.push(plans[scene.inFast.indexOf(next.siteId as SiteId)]!)
      await scene.work()
    }
    expect(order).toEqual(['enterprise', 'growth', 'starter', 'trial'])
    const { held, restored } = await scene.record()
    expect(held).toEqual([{ siteId: scene.inFast[4], because: 'no-archive' }])
    expect(restored.map(({ archiveAt }) => archiveAt)).toEqual([2, 3, 1, 0].map((index) => scene.archiveAt(index)))
    expect(await scene.cells()).toEqual(['local', 'local', 'local', 'local', 'fast'])
  })

  it('waits for no operation in the cell: a copy and a drain that were under way are abandoned', async () => {
    const scene = await cellScene(2)
    await scene.rememberArchives(2)
    const [copied, drained] = scene.inFast as [SiteId, SiteId]
    await scene.drain()
    await scene.tick()
    scene.queue.splice(0)
    await scene.commit(beginAgain(await scene.get(copied, 'active'), scene.context()))
    expect((await scene.get(drained, 'active')).operation?.kind).toBe('upgrade')
    await scene.declare('ada')
    expect((await scene.record()).kind).toBe('drain')
    await scene.declare('bob')
    await scene.end()
    expect(await scene.cells()).toEqual(['local', 'local'])
    expect((await scene.record()).restored).toHaveLength(2)
  })

  it('restores none from an archive that a clock dated ahead, while there is another', async () => {
    const scene = await cellScene(2)
    await scene.rememberArchives(2)
    for (const id of scene.inFast) {
      const site = await scene.get(id, 'active')
      const [archive] = site.archives as [Archive]
      const ahead = { ...archive, id: scene.ports.randomness.id('arc'), at: '2036-02-01T03:00:00.000Z' }
      const after = { ...site, version: site.version + 1, archives: [archive, ahead] }
      const details = { archiveId: archive.id }
      await scene.commit(siteChange({ transition: 'recordCopy', before: site, after, details }, scene.context()))
    }
    const [suspended, live] = scene.inFast as [SiteId, SiteId]
    await scene.suspend(suspended)
    await scene.lose()
    await scene.end()
    expect((await scene.get(suspended, 'archived')).archives[0]?.at).toBe(scene.archiveAt(0))
    expect((await scene.get(live, 'active')).archives[0]?.at).toBe(scene.archiveAt(1))
  })

  it('makes suspended sites archived ones with their newest archive, and keeps the date of their purge', async () => {
    const scene = await cellScene(2)
    await scene.rememberArchives(1)
    const [kept, unsaved] = scene.inFast as [SiteId, SiteId]
    for (const id of scene.inFast) {
      await scene.suspend(id)
    }
    const policy = scene.ports.policies.find(1)
    const due = nextDestructiveStep(await scene.get(kept, 'suspended'), policy)
    await scene.lose()
    await scene.end()
    const archived = await scene.get(kept, 'archived')
    expect(archived.archives.map(({ at }) => at)).toEqual([scene.archiveAt(0)])
    expect(nextDestructiveStep(archived, policy)?.dueAt).toBe(plusDays(due?.dueAt ?? '', policy.retentionDays))
    // Its data may come back with the disk.
    expect((await scene.get(unsaved, 'suspended')).cell).toBe('fast')
    expect((await scene.record()).held).toEqual([{ siteId: unsaved, because: 'no-archive' }])
  })

  it('holds sites for software of their own whose only archive is of the product before it', async () => {
    const scene = await cellScene(2)
    await scene.rememberArchives(2)
    for (const id of scene.inFast) {
      const before = await scene.get(id, 'active')
      const after = { ...before, version: before.version + 1, blueprint: { name: ownBlueprint(id), version: 1 } }
      const details = { archiveId: before.archives[0]!.id }
      await scene.commit(siteChange({ transition: 'recordCopy', before, after, details }, scene.context()))
    }
    await scene.suspend(scene.inFast[1]!)
    await scene.lose()
    await scene.end()
    expect((await scene.record()).held).toEqual(scene.inFast.map((siteId) => ({ siteId, because: 'no-archive' })))
    expect(await scene.cells()).toEqual(['fast', 'fast'])
  })

  it('restores the data of a suspended site with the version of its archive, which a roll-out then upgrades', async () => {
    const scene = await cellScene(1)
    await scene.rememberArchives(1)
    const [id] = scene.inFast as [SiteId]
    await scene.start()
    await scene.end()
    expect(await scene.get(id, 'active')).toMatchObject({ blueprint: { version: 2 }, upgradedFrom: 1 })
    await scene.suspend(id)
    await scene.lose()
    await scene.end()
    const lost = await scene.get(id, 'archived')
    expect(lost.blueprint).toEqual(lost.archives[0]?.blueprint)
    await scene.commit(beginRestore(lost, {}, scene.context()))
    const attempt = attemptAt(await scene.get(id, 'archived'))
    await restoreData(scene.ports, attempt)
    await startRestored(scene.ports, attempt)
    await openRestored(scene.ports, attempt)
    expect(scene.started.at(-1)).toContain(`${id} 1 on`)
    expect(isBehind(await scene.get(id, 'active'), { to: 2 })).toBe(true)
  })

  it('opens a suspended site as the version of its archive says, and tells its product the URL', async () => {
    const scene = await cellScene(1)
    await scene.rememberArchives(1)
    const [id] = scene.inFast as [SiteId]
    await scene.suspend(id)
    await scene.lose()
    await scene.end()
    const { blueprints } = scene.ports
    const former = async (...of: Parameters<typeof blueprints.get>) => {
      const found = await blueprints.get(...of)
      return found && { ...found, ...privately }
    }
    await scene.commit(beginRestore(await scene.get(id, 'archived'), {}, scene.context()))
    const attempt = attemptAt(await scene.get(id, 'archived'))
    await restoreData(scene.ports, attempt)
    await startRestored(scene.ports, attempt)
    await openRestored({ ...scene.ports, blueprints: { ...blueprints, get: former } }, attempt)
    expect(await scene.get(id, 'active')).toMatchObject({ access: 'owner', urlDue: 'hook' })
  })

  it('that comes during a restore into it leaves the site where it was', async () => {
    const scene = await cellScene(1)
    await scene.drain()
    await scene.end()
    const [id] = scene.inFast as [SiteId]
    await scene.actOnCell('abort')
    const back = beginSwap(await scene.get(id, 'active'), intoFast, scene.context())
    await scene.commit(back)
    await makeWay(scene.ports, attemptAt(back.after))
    await scene.ports.runtime.remove({ siteId: id, cell: 'local' })
    await copyData(scene.ports, attemptAt(back.after))
    scene.outside.loseDisk('fast')
    await expect(restoreCopy(scene.ports, attemptAt(back.after))).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
    await scene.lose()
    await failSwap(scene.ports, attemptAt(back.after), 'RuntimeUnavailable')
    await scene.end()
    const site = await scene.get(id, 'active')
    expect([site.cell, site.operation, site.endpoint]).toEqual(['local', undefined, expect.anything()])
    expect(await scene.record()).toMatchObject({ state: 'finished', done: 0, failed: [] })
    expect(scene.outside.violations).toEqual([])
  })

  it('that comes after the copy of a drain restores that copy where the site could not start', async () => {
    const scene = await cellScene(1)
    const [id] = scene.inFast as [SiteId]
    await scene.drain()
    await scene.tick()
    scene.queue.splice(0)
    const attempt = attemptAt(await scene.get(id, 'active'))
    await makeWay(scene.ports, attempt)
    await scene.ports.runtime.remove({ siteId: id, cell: 'fast' })
    await copyData(scene.ports, attempt)
    await restoreCopy(scene.ports, attempt)
    const { operation } = await scene.get(id, 'active')
    if (operation?.kind !== 'upgrade' || operation.copy?.done === undefined) throw new Error('it is copied')
    scene.outside.loseDisk('fast')
    await scene.lose()
    await scene.tick()
    // It leaves by itself, for as long as the switch may come about.
    expect((await scene.get(id, 'active')).operation?.id).toBe(operation.id)
    await expect(failSwap(scene.ports, attempt, 'LaunchFailed')).rejects.toMatchObject({ kind: 'RuntimeUnavailable' })
    await scene.end()
    const site = await scene.get(id, 'active')
    expect([site.cell, site.operation, site.endpoint]).toEqual(['local', undefined, expect.anything()])
    expect(site.archives).toMatchObject([{ id: operation.copy.archiveId }])
    expect(await scene.record()).toMatchObject({ state: 'finished', done: 1, failed: [], held: [] })
    expect(scene.outside.violations).toEqual([])
  })

  it('that comes before the confirmation of a relocation keeps the way back', async () => {
    const scene = await cellScene(1)
    const [id] = scene.inFast as [SiteId]
    await scene.rememberArchives(1)
    const site = await scene.get(id, 'active')
    const [archive] = site.archives
    if (archive === undefined) throw new Error('it has an archive')
    const { plan, blueprint } = site
    const before = { ...archive, id: `arc_${'0'.repeat(26)}` as const, at: plusDays(archive.at, -1) }
    const switched = {
      at: scene.now(),
      archiveId: before.id,
      back: { plan, blueprint, cell: 'local', configuration: 0 },
    }
    const relocation: Relocation = { ...agreed, state: 'switched', switched }
    const after = { ...site, version: site.version + 1, relocation, archives: [archive, before] }
    await scene.commit(
      siteChange(
        { transition: 'recordCopy', before: site, after, details: { archiveId: archive.id } },
        scene.context(),
      ),
    )
    const commits = vi.spyOn(scene.ports.sites, 'commit')
    await scene.lose()
    await scene.end()
    const rescued = await scene.get(id, 'active')
    expect(rescued).toMatchObject({ cell: 'local', relocation: { state: 'switched', switched } })
    const events = commits.mock.calls.map(([{ event }]) => event)
    expect(await Promise.all(events.map(salesMailsOf))).toEqual(events.map(() => []))
    expect(rescued.operation).toBeUndefined()
    await scene.commit(beginSwitchBack(rescued, 'It lost pages.', scene.context()))
    expect((await scene.get(id, 'active')).operation).toMatchObject({ copy: { restores: before.id } })
  })

  it.each(['active', 'paid', 'suspended'] as const)(
    'takes the relocation of a site back that has only the archive from before it: %s',
    async (status) => {
      const scene = await cellScene(1)
      const [id] = scene.inFast as [SiteId]
      await scene.rememberArchives(1)
      const site = await scene.get(id, 'active')
      const [archive] = site.archives
      if (archive === undefined) throw new Error('it has an archive')
      const { plan, blueprint, trialEndsAt: _, ...others } = site
      const back = { plan, blueprint, cell: 'local', configuration: 0 }
      const relocation: Relocation = {
        ...{ ...agreed, state: 'switched' },
        switched: { at: scene.now(), archiveId: archive.id, back },
      }
      const after = {
        ...{ ...others, version: site.version + 1, relocation, trialEndsAt: scene.now() },
        ...{ plan: 'enterprise', configuration: 5, blueprint: { name: 'acme', version: 7 } },
      }
      await scene.commit(siteChange({ transition: 'changePlan', before: site, after }, scene.context()))
      if (status === 'suspended') await scene.suspend(id)
      await scene.lose()
      if (status === 'paid') {
        await scene.tick()
        const rescued = await scene.get(id, 'active')
        expect(rescued.operation).toMatchObject({ kind: 'upgrade', copy: { isLost: true } })
        const switched = { at: scene.now(), archiveId: archive.id, back: { ...back, plan: 'starter' } }
        const noted = { ...rescued, version: rescued.version + 1, relocation: { ...relocation, switched } }
        await scene.commit(siteChange({ transition: 'noteBilling', before: rescued, after: noted }, scene.context()))
      }
      const commits = vi.spyOn(scene.ports.sites, 'commit')
      await scene.end()
      const returned = await scene.get(id, status === 'suspended' ? 'archived' : 'active')
      expect(returned).toMatchObject({ plan: status === 'paid' ? 'starter' : plan, blueprint })
      expect([returned.configuration, returned.relocation]).toEqual([undefined, undefined])
      const events = commits.mock.calls.map(([{ event }]) => event)
      const type = status === 'suspended' ? 'SiteArchived' : 'SitePlanChanged'
      const event = events.find((one) => one.type === type)
      expect(event?.data).toMatchObject({ relocation: 'returned', isLost: true })
      expect(event && (await salesMailsOf(event))).toMatchObject([
        { to: 'sales@example.com', subject: expect.stringContaining('The loss of a cell has ended a relocation') },
      ])
      if (status === 'active') expect(returned.trialEndsAt).toBe(plusDays(scene.now(), 7))
    },
  )

  it('starts nothing in the cell where a restore fails, and counts it', async () => {
    const scene = await cellScene(1)
    await scene.rememberArchives(1)
    scene.broken.add(scene.inFast[0]!)
    const answers = await scene.get(scene.inFast[0]!, 'active')
    // It was down before, and answered again.
    const after = {
      ...answers,
      version: answers.version + 1,
      down: { since: answers.createdAt, isTold: true as const },
    }
    await scene.commit(siteChange({ transition: 'noteDown', before: answers, after }, scene.context()))
    await scene.lose()
    const before = scene.started.length
    await scene.end()
    const site = await scene.get(scene.inFast[0]!, 'active')
    expect(site).toMatchObject({ cell: 'fast', failedMove: { from: 'fast', because: 'LaunchFailed' } })
    expect([site.operation, site.endpoint]).toEqual([undefined, undefined])
    expect(site.down).toEqual({ since: scene.ports.clocks.wall() })
    expect(scene.started.slice(before)).toEqual([])
    expect((await scene.record()).failed).toHaveLength(1)
  })
})
