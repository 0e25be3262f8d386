import { beforeEach, describe, expect, it } from 'vitest'
import { plusDays } from '../../../core/instant.ts'
import { placeOf } from '../../../core/site/location.ts'
import type { ActiveSite, ArchivedSite, KeptSite, SuspendedSite } from '../../../core/site/site.ts'
import { resumeByRecord } from '../../../lambdas/billing/change-billing.ts'
import { changePlan, holdSite } from '../../../lambdas/endings/act-on-site.ts'
import { archiveDueSite, beginArchiving, copyData, verifyCopy } from '../../../lambdas/endings/archive-site.ts'
import { requestDeletion } from '../../../lambdas/endings/delete-site.ts'
import { beginSuspension, stopSite, suspendDueSite, suspendSite } from '../../../lambdas/endings/end-site.ts'
import { beginPurge, confirmPurge, purgeDueSite } from '../../../lambdas/endings/purge-site.ts'
import { attemptAt, reclaimScene } from '../../support/reclaim-scene.ts'
import { billing } from '../billing/subscriptions.ts'

type Scene = Awaited<ReturnType<typeof reclaimScene>>
let scene: Scene
beforeEach(async () => {
  scene = await reclaimScene()
})

const longAgo = '2026-02-01T12:00:00.000Z'
const ended = billing({ state: 'ended', endedSince: longAgo, paidThrough: longAgo })
const superseded = expect.objectContaining({ kind: 'OperationSuperseded' })

/** A site at each of the three gates, its step due, and the task that asks there. */
const atGate = {
  suspend: async (facts: Partial<ActiveSite> = {}) => {
    const site = await scene.open(facts)
    scene.pass(15)
    const begun = (await scene.commit(beginSuspension(site, scene.context()))) as ActiveSite
    return { site: begun, pass: () => suspendDueSite(scene.ports, attemptAt(begun)), opens: 'suspended' as const }
  },
  archive: async (because: 'trial-ended' | 'moved' = 'trial-ended') => {
    const site = await scene.open()
    scene.pass(15)
    const { operation: _, ...stopped } = suspendSite(site, { because }, scene.context()).after
    await scene.commit({ ...suspendSite(site, { because }, scene.context()), after: stopped })
    await scene.ports.runtime.remove(placeOf(site))
    scene.pass(22)
    const begun = (await scene.commit(beginArchiving(stopped, scene.context()))) as SuspendedSite
    await copyData(scene.ports, attemptAt(begun))
    await verifyCopy(scene.ports, attemptAt(begun))
    return { site: begun, pass: () => archiveDueSite(scene.ports, attemptAt(begun)), opens: 'archived' as const }
  },
  purge: async () => {
    const archiving = await atGate.archive()
    await archiving.pass()
    const { operation: _, ...archived } = await scene.get(archiving.site.id, 'archived')
    const rested: ArchivedSite = { ...archived, warned: [14, 3] }
    scene.pass(91)
    const begun = beginPurge(rested, scene.context())
    await scene.commit({ ...begun, before: await scene.get(rested.id, 'archived') })
    const site = await scene.get(rested.id, 'archived')
    return { site, pass: () => purgeDueSite(scene.ports, attemptAt(site)), opens: 'purged' as const }
  },
}
const gates = ['suspend', 'archive', 'purge'] as const

const expectStaysAs = async ({ id, status }: KeptSite): Promise<void> => {
  const site = await scene.get(id, status)
  expect(site.operation).toBeUndefined()
  expect(scene.outside.violations).toEqual([])
}

describe.each(gates)('the gate before %s', (gate) => {
  it('opens if the step is due, unpaid and the brake is off', async () => {
    const { site, pass, opens } = await atGate[gate]()
    await pass()
    expect((await scene.ports.sites.get(site.id))?.status).toBe(opens)
    expect(scene.outside.violations).toEqual([])
  })

  it.each(['paid', 'unknown'] as const)('stays shut where the answer about money is: %s', async (answer) => {
    const { site, pass } = await atGate[gate]()
    scene.money.answer = answer
    await expect(pass()).rejects.toEqual(superseded)
    await expectStaysAs(site)
    const { reprievedUntil } = await scene.get(site.id, site.status)
    expect(reprievedUntil).toBe(plusDays(scene.now(), answer === 'paid' ? 1 : 0.25))
  })

  it('stays shut while the brake is on, and asks again as soon as it is off', async () => {
    const { site, pass } = await atGate[gate]()
    scene.brake.on = true
    await expect(pass()).rejects.toEqual(superseded)
    await expectStaysAs(site)
    expect((await scene.get(site.id, site.status)).reprievedUntil).toBeUndefined()
  })

  it('stays closed if the step is no longer due', async () => {
    const { site, pass } = await atGate[gate]()
    scene.pass(-120)
    await expect(pass()).rejects.toEqual(superseded)
    await expectStaysAs(site)
  })

  it('lets a payment win that lands between the question and the write', async () => {
    const { site, pass } = await atGate[gate]()
    scene.meanwhile(async () => {
      const now = await scene.get(site.id, site.status)
      await scene.store.sites.commit(changePlan(now, { plan: 'starter', reason: 'signed' }, scene.context()))
    })
    await expect(pass()).rejects.toEqual(expect.objectContaining({ kind: 'VersionConflict' }))
    // The task is repeated, as the state machine does it.
    await expect(pass()).rejects.toEqual(superseded)
    expect(await scene.get(site.id, site.status)).toMatchObject({ plan: 'starter' })
    expect((await scene.get(site.id, site.status)).operation).toBeUndefined()
  })

  it('is shut for a zombie whose attempt is over', async () => {
    const { site, pass } = await atGate[gate]()
    scene.money.answer = 'paid'
    await expect(pass()).rejects.toEqual(superseded)
    scene.money.answer = 'unpaid'
    scene.pass(30)
    await expect(pass()).rejects.toEqual(superseded)
    await expectStaysAs(site)
  })

  it('may be passed twice, the first time without an answer', async () => {
    const { site, pass, opens } = await atGate[gate]()
    await pass()
    await pass()
    expect((await scene.ports.sites.get(site.id))?.status).toBe(opens)
  })
})

it.each([
  ['trial-ended', {}],
  ['trial-ended', { billing: ended }],
  ['subscription-ended', { plan: 'growth', billing: ended }],
  ['payment-overdue', { plan: 'growth', billing: { ...ended, state: 'past-due', pastDueSince: longAgo } }],
  ['payment-overdue', { plan: 'growth', billing: { ...ended, pastDueSince: longAgo } }],
] as const)('a site at its end is suspended because of %s: %j', async (because, facts) => {
  const { site, pass } = await atGate.suspend(facts)
  await pass()
  expect(await scene.get(site.id, 'suspended')).toMatchObject({ suspendedBecause: because })
})

describe('a hold', () => {
  it.each(['archive', 'purge'] as const)('shuts the gate before %s', async (gate) => {
    const { site, pass } = await atGate[gate]()
    await scene.commit(holdSite(await scene.get(site.id, site.status), 'a dispute', scene.context()))
    await expect(pass()).rejects.toEqual(superseded)
    expect((await scene.ports.sites.get(site.id))?.status).toBe(site.status)
  })
})

describe('an owner’s own deletion', () => {
  const asked = async (after: number) => {
    const site = await scene.open()
    const { operation: _, ...after0 } = suspendSite(site, { because: 'owner-deletion' }, scene.context()).after
    const suspended: SuspendedSite = after0
    await scene.commit({ ...suspendSite(site, { because: 'owner-deletion' }, scene.context()), after: suspended })
    await scene.commit(requestDeletion(suspended, scene.context()))
    scene.pass(after)
    await scene.commit(beginPurge(await scene.get(site.id, 'suspended'), scene.context()))
    return scene.get(site.id, 'suspended')
  }

  it('goes through the gate although the site is paid for and the brake is on', async () => {
    scene.money.answer = 'paid'
    scene.brake.on = true
    const site = await asked(7)
    await purgeDueSite(scene.ports, attemptAt(site))
    expect((await scene.ports.sites.get(site.id))?.status).toBe('purged')
  })

  it('waits for its seven days', async () => {
    const site = await asked(6.9)
    await expect(purgeDueSite(scene.ports, attemptAt(site))).rejects.toEqual(superseded)
    await scene.get(site.id, 'suspended')
  })
})

it('a site that has moved is archived although it is paid for and the brake is on: the archive stays', async () => {
  const { site, pass } = await atGate.archive('moved')
  scene.money.answer = 'paid'
  scene.brake.on = true
  await pass()
  await scene.get(site.id, 'archived')
})

describe('two operators', () => {
  it.each([
    ['unpaid', 'purged'],
    ['paid', 'suspended'],
    ['unknown', 'suspended'],
  ] as const)('purge at once, but not what is paid for: %s makes it %s', async (answer, status) => {
    scene.money.answer = answer
    const site = await scene.open()
    const { operation: _, ...suspended } = suspendSite(site, { because: 'operator' }, scene.context()).after
    await scene.commit({ ...suspendSite(site, { because: 'operator' }, scene.context()), after: suspended })
    const confirmed = await scene.commit(confirmPurge(suspended, 'abuse', scene.context()))
    await purgeDueSite(scene.ports, attemptAt(confirmed)).catch(() => undefined)
    const after = await scene.ports.sites.get(site.id)
    expect(after?.status).toBe(status)
    expect(after).not.toHaveProperty('deletion')
  })

  it.each(['paid', 'unknown'] as const)('leave the deletion of its owner where the answer is: %s', async (answer) => {
    scene.money.answer = answer
    const site = await scene.open({ plan: 'growth', billing: billing() })
    const deletion = { requestedAt: scene.now(), by: 'owner' } as const
    const change = suspendSite(site, { because: 'owner-deletion', deletion }, scene.context())
    const { operation: _, ...suspended } = change.after
    await scene.commit({ ...change, after: suspended })
    scene.pass(1)
    const confirmed = await scene.commit(confirmPurge(suspended, 'as its owner asked', scene.context()))
    await expect(purgeDueSite(scene.ports, attemptAt(confirmed))).rejects.toEqual(superseded)
    const after = await scene.get(site.id, 'suspended')
    expect(after.deletion).toEqual(deletion)
    expect(resumeByRecord(after, after, scene.ports.policies.of(after), scene.context())).toBeUndefined()
  })
})

describe('stopping', () => {
  it('never touches a site that is to run', async () => {
    const { site } = await atGate.suspend()
    await expect(stopSite(scene.ports, attemptAt(site))).rejects.toEqual(superseded)
    expect(scene.outside.running.has(site.id)).toBe(true)
  })
})
