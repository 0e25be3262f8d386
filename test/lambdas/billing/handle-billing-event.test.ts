import { describe, expect, it } from 'vitest'
import { plusDays, plusMilliseconds } from '../../../core/instant.ts'
import type { LogEvent } from '../../../core/log-events.ts'
import type { PriceChoice } from '../../../core/ports/payments.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import { type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import type { ActiveSite, ArchivedSite, KeptSite, PurgedSite, SuspendedSite } from '../../../core/site/site.ts'
import { resumeByRecord } from '../../../lambdas/billing/change-billing.ts'
import { convergeSite, handleBillingEvent } from '../../../lambdas/billing/converge-site.ts'
import { reconcileBilling } from '../../../lambdas/billing/reconciliation/reconcile-billing.ts'
import { beginArchiving } from '../../../lambdas/endings/archive-site.ts'
import { revokeDeletion, withoutDeletion } from '../../../lambdas/endings/delete-site.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { confirmPurge, requestPurge } from '../../../lambdas/endings/purge-site.ts'
import { beginRestore } from '../../../lambdas/endings/restore-site.ts'
import { changeContract } from '../../../lambdas/relocations/relocation-changes.ts'
import { archiveNumbered } from '../../core/site/kept-sites.ts'
import { ownersActs, passTime } from '../../support/billing/billing-life.ts'
import { type BillingScene, billingScene } from '../../support/billing/billing-scene.ts'
import type { Fault } from '../../support/billing/payments-model.ts'
import { dataOf } from '../../support/event-data.ts'
import { siteSamples } from '../../support/site-samples.ts'

const starter = { plan: 'starter', interval: 'month', currency: 'EUR' } as const
const growth = { ...starter, plan: 'growth' } as const
const unavailable = expect.objectContaining({ kind: 'Unavailable' })

const sceneOf = (fault?: (call: string) => Fault) => {
  const scene = billingScene(fault && { fault })
  const { id, customerId } = scene.open()
  const going = { scene, id, between: async () => undefined }
  const { model } = scene
  const buy = (price: PriceChoice | undefined = starter, payer = customerId): string => {
    const subscription = model.create({ customerId: payer, siteId: id, price })
    model.collect(subscription)
    return subscription
  }
  const tell = async (payer = customerId): Promise<void> => {
    await scene.hear(scene.noticed({ customerId: payer }))
    await scene.settle()
  }
  return {
    scene,
    model,
    id,
    customerId,
    buy,
    tell,
    site: () => scene.site(id) as KeptSite,
    /** What of what happened gave money back. */
    refunds: () =>
      scene.changes
        .filter(({ event }) => event.type === 'SitePaymentReturned' && event.data.returned?.amount !== undefined)
        .map(({ event }) => dataOf(event)),
    events: (type: string) =>
      scene.changes.filter(({ event }) => event.type === type).map(({ event }) => dataOf(event)),
    going,
    /** Its owner deletes it, and does not come back. */
    purge: async () => {
      await ownersActs.delete(going)
      await passTime(going)
      scene.pass(8)
      await passTime(going)
    },
    says: (event: LogEvent) => scene.log.lines.filter(({ fields }) => fields['event'] === event),
    refunded: (subscription: string) =>
      model.subscriptions.get(subscription)?.invoices.map(({ refundedAt }) => !!refundedAt),
    /** What a person has to refund. */
    due: (subscription: string) => {
      const found = scene.site(id)
      const returned = 'returned' in found ? (found.returned ?? []) : []
      return returned.find(({ subscriptionId }) => subscriptionId === subscription)?.left
    },
  }
}

describe('a second subscription', () => {
  it('is cancelled, refunded and reported, and the first one stays', async () => {
    const { model, buy, tell, site, events, refunded, says } = sceneOf()
    const [first, second] = [buy(), buy(growth)]
    await tell()
    expect(site().billing?.subscriptionId).toBe(first)
    expect(model.seen(second).status).toBe('canceled')
    expect([refunded(first), refunded(second)]).toEqual([[false], [true]])
    const returned = { subscriptionId: second, amount: 7900, currency: 'EUR' }
    expect(events('SitePaymentReturned')).toMatchObject([{ because: 'second-subscription', returned }])
    expect(says('subscription-returned')).toHaveLength(1)
  })

  it('is the other one where that is on record, whichever was begun first', async () => {
    const { model, scene, id, customerId, buy, tell, site, refunded } = sceneOf()
    const early = model.create({ customerId, siteId: id, price: growth })
    scene.pass(0.1)
    const late = buy()
    await tell()
    model.collect(early)
    await tell()
    expect(site().billing?.subscriptionId).toBe(late)
    expect([model.seen(early).status, refunded(early)]).toEqual(['canceled', [true]])
  })

  it.each([
    [0.9, [true], undefined],
    [1.1, [false], 7900],
  ])('that is noticed %s days after the purchase is refunded: %s; due by a person: %s', async (days, given, left) => {
    const { scene, model, buy, tell, refunded, due, says } = sceneOf()
    buy()
    const second = buy(growth)
    scene.pass(days)
    await tell()
    await tell()
    expect([model.seen(second).status, refunded(second), due(second)]).toEqual(['canceled', given, left])
    expect(says('subscription-returned')).toHaveLength(left === undefined ? 1 : 0)
    expect(says('refund-due')).toHaveLength(left === undefined ? 0 : 1)
  })

  it('at a price that is not ours is cancelled, and what was paid on it is left to a person', async () => {
    const { model, buy, tell, refunded, due } = sceneOf()
    buy()
    const second = buy({ ...starter, plan: 'no-such-plan' })
    await tell()
    expect([model.seen(second).status, refunded(second), due(second)]).toEqual(['canceled', [false], 1900])
  })

  it('is found by another customer’s payment as well', async () => {
    const { model, buy, tell, site, refunded } = sceneOf()
    const own = buy()
    await tell()
    const other = buy(growth, 'cus_of_a_friend')
    await tell('cus_of_a_friend')
    expect(site().billing?.subscriptionId).toBe(own)
    expect([model.seen(other).status, refunded(other)]).toEqual(['canceled', [true]])
  })

  it.each(['before', 'after'] as const)(
    'costs nobody twice where each call fails once, %s it is done',
    async (fault) => {
      const failed = new Set<string>()
      const { model, buy, scene, customerId, refunded } = sceneOf((call) => {
        if (failed.has(call)) return undefined
        failed.add(call)
        return fault
      })
      const [first, second] = [buy(), buy(growth)]
      for (let tries = 0; tries < 6; tries += 1) {
        await scene.hear(scene.noticed({ customerId })).catch((error: unknown) => expect(error).toEqual(unavailable))
      }
      expect(failed).toEqual(new Set(['subscriptionsOf', 'refund', 'refundedOf', 'cancel']))
      expect([refunded(first), refunded(second)]).toEqual([[false], [true]])
      expect([model.seen(first).status, model.seen(second).status]).toEqual(['active', 'canceled'])
    },
  )

  it('is cancelled before anything is refunded: after a failed refund nothing is billed any more', async () => {
    const { scene, model, customerId, buy } = sceneOf((call) => (call === 'refund' ? 'before' : undefined))
    buy()
    const second = buy(growth)
    await expect(scene.hear(scene.noticed({ customerId }))).rejects.toEqual(unavailable)
    expect(model.seen(second).status).toBe('canceled')
  })

  it('is cancelled although Stripe refuses to cancel another one', async () => {
    const { model, buy, tell, scene, id } = sceneOf()
    buy()
    const others = [buy(), buy()]
    model.fail('cancel', 'refused')
    await scene.hear(scene.noticed({ customerId: model.find(others[0]!).customerId }))
    expect(others.map((other) => model.find(other).status).toSorted()).toEqual(['active', 'canceled'])
    model.fail('cancel', 'refused')
    const { refused } = await reconcileBilling(scene.ports, 'daily')
    expect(refused).toMatchObject([{ siteId: id, act: 'cancel' }])
    await tell()
    expect(others.map((other) => model.find(other).status)).toEqual(['canceled', 'canceled'])
  })

  it('is cancelled although Stripe refuses to end the renewal of the one that counts', async () => {
    const { scene, customerId, model, buy, tell, going } = sceneOf()
    const counting = buy()
    await tell()
    await ownersActs.delete(going)
    const second = buy()
    model.fail('setCancelAtPeriodEnd', 'refused')
    await scene.hear(scene.noticed({ customerId }))
    expect(model.find(second).status).toBe('canceled')
    expect(model.calls.filter((call) => call === 'setCancelAtPeriodEnd')).toHaveLength(1)
    await tell()
    expect(model.find(counting)).toMatchObject({ status: 'active', cancelsAtPeriodEnd: true })
  })

  it('replaces one that is past due: that is cancelled, and what it was paid for stays paid', async () => {
    const { model, scene, buy, tell, site, refunded } = sceneOf()
    const old = buy()
    await tell()
    scene.pass(31)
    model.change(old, { status: 'past_due' })
    await tell()
    const next = buy(growth)
    await tell()
    expect(site()).toMatchObject({ plan: 'growth', billing: { subscriptionId: next, former: [old] } })
    expect([model.seen(old).status, refunded(old), refunded(next)]).toEqual(['canceled', [false], [false]])
  })
})

describe('a subscription after one that has ended before its time', () => {
  it('leaves what was paid on that, also where it is past due itself', async () => {
    const { model, scene, buy, tell, site } = sceneOf()
    const old = buy({ plan: 'growth', interval: 'year', currency: 'EUR' })
    await tell()
    model.end(old)
    await tell()
    const next = buy()
    await tell()
    scene.pass(31)
    model.change(next, { status: 'past_due' })
    await tell()
    const formerPaidThrough = model.seen(old).paidThrough
    expect(site()).toMatchObject({ billing: { subscriptionId: next, state: 'past-due', formerPaidThrough } })
    scene.pass(30)
    expect(await scene.billing.isPaidFor(site() as ActiveSite)).toBe('paid')
  })
})

describe('an event', () => {
  it('that names its site has Stripe asked once, whether or not it changes something', async () => {
    const { scene, model, id, customerId, buy, site } = sceneOf()
    const subscription = buy()
    for (const _ of ['first', 'again']) {
      model.calls.splice(0)
      await scene.hear(scene.noticed({ customerId, siteId: id }))
      expect(model.calls).toEqual(['subscriptionsOf'])
      expect(site().billing?.subscriptionId).toBe(subscription)
    }
  })
})

describe('a payment for a site that does not run', () => {
  it('resumes one whose suspension is running, as soon as that has ended', async () => {
    const { scene, id, buy, tell, site, going } = sceneOf()
    scene.pass(15)
    await scene.commit(suspendSite(site() as ActiveSite, { because: 'trial-ended' }, scene.context()))
    buy()
    await tell()
    expect(site()).toMatchObject({ status: 'suspended', plan: 'starter' })
    await passTime(going)
    await scene.settle()
    expect(scene.site(id)).toMatchObject({ status: 'active', plan: 'starter' })
  })

  it('wins over an archiving that was begun, in the moment between the gate and the write', async () => {
    const { scene, id, buy, tell, site, going } = sceneOf()
    scene.pass(15)
    await passTime(going)
    await passTime(going)
    expect(site().status).toBe('suspended')
    scene.pass(22)
    await scene.commit(beginArchiving(site() as SuspendedSite, scene.context()))
    scene.meanwhile(async () => {
      buy()
      await tell()
    })
    await passTime(going)
    expect(scene.site(id)).toMatchObject({ status: 'active', plan: 'starter' })
  })

  it('is cancelled and left to a person where its purge ended before', async () => {
    const { scene, id, model, buy, tell, events, refunded, due, says, purge } = sceneOf()
    await purge()
    expect(scene.site(id).status).toBe('purged')
    const late = buy()
    await tell()
    expect([model.seen(late).status, refunded(late), due(late)]).toEqual(['canceled', [false], 1900])
    expect(says('refund-due')).toHaveLength(1)
    expect(events('SitePaymentReturned')).toMatchObject([{ because: 'site-purged', status: 'purged' }])
    const { version } = scene.site(id)
    await tell()
    expect(scene.site(id).version).toBe(version)
  })
})

describe('a paid site whose restore fails', () => {
  const restoresOf = async () => {
    const made = sceneOf()
    const { scene, id, buy, tell } = made
    scene.put({
      ...siteSamples.archived,
      ownership: made.site().ownership,
      ...{ id, version: 5, archives: [archiveNumbered(1)], suspendedBecause: 'trial-ended' },
    })
    const failed = async (): Promise<void> => {
      const wait = { because: 'ArchiveDamaged', reprievedUntil: plusMilliseconds(scene.now(), 60 * 60_000) }
      await scene.commit(endOperation(made.site(), 'failed', scene.context(), wait))
      await scene.settle()
    }
    const subscription = buy(growth)
    await tell()
    expect(made.site().operation?.kind).toBe('restore')
    await failed()
    return { ...made, failed, subscription }
  }

  it('is not restored again until the wait after the failure is over, whatever is said meanwhile', async () => {
    const { scene, model, site, tell, failed, events, subscription } = await restoresOf()
    model.change(subscription, { cancelsAtPeriodEnd: true })
    await tell()
    await reconcileBilling(scene.ports, 'run')
    expect(site()).toMatchObject({ status: 'archived', plan: 'growth', billing: { cancelsAtPeriodEnd: true } })
    expect(site().operation).toBeUndefined()
    scene.pass(2 / 24)
    await tell()
    expect(site().operation?.kind).toBe('restore')
    await failed()
    expect(site().operation).toBeUndefined()
    expect(events('SiteOperationBegun')).toHaveLength(2)
  })

  it('is not restored while an operator waits for another to agree to its purge', async () => {
    const { scene, site, tell } = await restoresOf()
    const request = { operatorId: 'ada', reason: 'fraud' }
    await scene.commit(requestPurge(site() as ArchivedSite, request, scene.context()))
    scene.pass(2 / 24)
    await tell()
    expect(site()).toMatchObject({ purgeRequest: { operatorId: 'ada' } })
    expect(site().operation).toBeUndefined()
  })

  it('is restored at once by another purchase', async () => {
    const { scene, model, id, buy, tell, site, subscription } = await restoresOf()
    model.end(subscription)
    await tell()
    expect(site().operation).toBeUndefined()
    buy(growth)
    await tell()
    expect(scene.site(id)).toMatchObject({ status: 'archived', operation: { kind: 'restore' } })
    expect(site()).not.toHaveProperty('restoreNotBefore')
  })
})

describe('a payment that arrives after its end', () => {
  const unheard = (...how: Parameters<typeof sceneOf>) => {
    const opened = sceneOf(...how)
    const subscription = opened.buy()
    opened.scene.pass(31)
    return { ...opened, subscription }
  }

  it.each(['canceled', 'unpaid', 'paused'] as const)('is left to a person where it is %s, once', async (status) => {
    const { scene, id, model, tell, refunds, due, says, subscription } = unheard()
    model.collect(subscription)
    scene.pass(31)
    model.change(subscription, { status })
    await tell()
    expect([model.seen(subscription).status, due(subscription)]).toEqual(['canceled', 3800])
    const { version } = scene.site(id)
    await tell()
    expect(scene.site(id)).toMatchObject({ version, plan: 'trial' })
    expect(says('refund-due')).toMatchObject([{ fields: { because: 'noticed-too-late', left: 3800 } }])
    expect(refunds()).toEqual([])
  })

  it('is due as well where another one was bought since then, and the reason is not that it was paid for twice', async () => {
    const { model, buy, tell, site, due, events, subscription } = unheard()
    model.change(subscription, { status: 'canceled' })
    const next = buy(growth)
    await tell()
    expect(site()).toMatchObject({ plan: 'growth', billing: { subscriptionId: next } })
    expect([due(subscription), due(next)]).toEqual([1900, undefined])
    expect(events('SitePaymentReturned')).toMatchObject([{ because: 'noticed-too-late' }])
  })

  it('stays where there is time left of it', async () => {
    const { model, tell, site, refunded, subscription } = unheard()
    model.collect(subscription)
    model.change(subscription, { status: 'canceled' })
    await tell()
    expect(site()).toMatchObject({ plan: 'starter', billing: { subscriptionId: subscription, state: 'ended' } })
    expect(refunded(subscription)).toEqual([false, false])
  })

  it.each(['unpaid', 'paused'] as const)('is due in full where %s, it is paid as it is cancelled', async (status) => {
    const late: { pay?: () => void } = {}
    const { model, tell, site, due, says, subscription } = unheard((call) => {
      if (call === 'cancel') late.pay?.()
      return undefined
    })
    model.change(subscription, { status })
    late.pay = () => {
      delete late.pay
      model.collect(subscription)
    }
    await tell()
    expect([model.seen(subscription).status, site().plan, due(subscription)]).toEqual(['canceled', 'trial', 3800])
    expect(says('refund-due')).toHaveLength(1)
  })

  it.each(['unpaid', 'paused', 'canceled'] as const)(
    'is due where %s, also if the one that counts has ended',
    async (status) => {
      const { model, buy, tell, site, due, subscription } = unheard()
      model.change(subscription, { status })
      const next = buy(growth)
      model.end(next)
      await tell()
      expect(site().billing).toMatchObject({ subscriptionId: next, state: 'ended' })
      expect([model.seen(subscription).status, due(subscription)]).toEqual(['canceled', 1900])
      expect(due(next)).toBeUndefined()
    },
  )

  it('was not paid for twice where it came after the one that counts was over', async () => {
    const { scene, model, buy, tell, events, due } = sceneOf()
    const first = buy()
    await tell()
    model.end(first)
    await tell()
    scene.pass(36)
    const second = buy()
    scene.pass(31)
    model.change(second, { status: 'canceled' })
    await tell()
    expect([due(first), due(second)]).toEqual([undefined, 1900])
    expect(events('SitePaymentReturned')).toMatchObject([{ because: 'noticed-too-late' }])
  })

  it('is left alone where nothing was ever paid on it', async () => {
    const { model, scene, id, customerId, tell, events } = sceneOf()
    const free = model.create({ customerId, siteId: id, price: starter })
    model.change(free, { status: 'paused' })
    scene.pass(31)
    await tell()
    expect([model.seen(free).status, events('SitePaymentReturned')]).toEqual(['paused', []])
  })

  it('keeps the plan at an unknown price', async () => {
    const { scene, id, customerId, model, tell, due } = sceneOf()
    const theirs = model.create({ customerId, siteId: id, price: undefined })
    model.collect(theirs)
    scene.pass(31)
    model.change(theirs, { status: 'canceled' })
    await tell()
    expect(due(theirs)).toBeUndefined()
  })

  it('is due as well where the site is gone by then', async () => {
    const { scene, id, model, tell, due, subscription, purge } = unheard()
    model.change(subscription, { status: 'canceled' })
    await purge()
    expect(scene.site(id).status).toBe('purged')
    await tell()
    expect(due(subscription)).toBe(1900)
  })

  it.each(['before', 'after'] as const)('is due once where each call fails once, %s it is done', async (fault) => {
    const failed = new Set<string>()
    const { scene, customerId, model, due, subscription, events } = unheard((call) => {
      if (failed.has(call)) return undefined
      failed.add(call)
      return fault
    })
    model.change(subscription, { status: 'unpaid' })
    for (let tries = 0; tries < 6; tries += 1) {
      await scene.hear(scene.noticed({ customerId })).catch((error: unknown) => expect(error).toEqual(unavailable))
    }
    expect(failed).toEqual(new Set(['subscriptionsOf', 'refundedOf', 'cancel']))
    expect([model.seen(subscription).status, due(subscription)]).toEqual(['canceled', 1900])
    expect(events('SitePaymentReturned')).toHaveLength(1)
  })
})

describe('one that counted before the one that a purged site had', () => {
  it('is cancelled, and what is paid on it after the purge is due', async () => {
    const { scene, id, model, buy, tell, site, due, purge } = sceneOf()
    const former = buy()
    await tell()
    scene.pass(31)
    model.change(former, { status: 'paused', price: undefined })
    await tell()
    const last = buy(growth)
    await tell()
    expect(site().billing).toMatchObject({ subscriptionId: last, former: [former] })
    model.change(former, { status: 'paused' })
    await purge()
    expect(scene.site(id).status).toBe('purged')
    model.collect(former)
    await tell()
    expect([model.seen(former).status, due(former)]).toEqual(['canceled', 1900])
    expect([model.seen(last).status, due(last)]).toEqual(['canceled', undefined])
  })
})

describe('an owner who deletes a site that is paid for', () => {
  it('ends its renewal by that, and has it back by revoking', async () => {
    const { scene, model, buy, tell, site, going } = sceneOf()
    const subscription = buy()
    await tell()
    await ownersActs.delete(going)
    await scene.settle()
    expect(model.seen(subscription)).toMatchObject({ status: 'active', cancelsAtPeriodEnd: true })
    expect(site().billing).toMatchObject({ cancelsAtPeriodEnd: true, endsWithDeletion: true })
    await passTime(going)
    await scene.commit(revokeDeletion(site() as SuspendedSite, scene.context()))
    await scene.settle()
    expect(model.seen(subscription).cancelsAtPeriodEnd).toBe(false)
    expect(site()).toMatchObject({ status: 'active', billing: { cancelsAtPeriodEnd: false, endsWithDeletion: false } })
  })

  it.each([false, true])(
    'is not charged for an overdue payment meanwhile (cancelled before: %s)',
    async (isCancelled) => {
      const { scene, model, customerId, buy, tell, site, going } = sceneOf()
      const subscription = buy()
      model.change(subscription, { status: 'past_due', cancelsAtPeriodEnd: isCancelled })
      await tell()
      await ownersActs.delete(going)
      await scene.settle()
      model.giveCard(customerId, 'good')
      await tell()
      expect([site().billing?.state, model.seen(subscription).collection]).toEqual(['past-due', 'held'])
      await passTime(going)
      await scene.commit(revokeDeletion(site() as SuspendedSite, scene.context()))
      await scene.settle()
      model.giveCard(customerId, 'good')
      expect(model.seen(subscription)).toMatchObject({ status: 'active', cancelsAtPeriodEnd: isCancelled })
    },
  )

  it('is not charged either for a payment that fails after it', async () => {
    const { scene, model, buy, tell, going } = sceneOf()
    const subscription = buy()
    await tell()
    await ownersActs.delete(going)
    await scene.settle()
    model.change(subscription, { status: 'past_due' })
    await tell()
    expect(model.seen(subscription).collection).toBe('held')
  })

  it('is not charged either where Stripe refuses to end the renewal', async () => {
    const { scene, model, buy, tell, going } = sceneOf()
    const subscription = buy()
    model.change(subscription, { status: 'past_due' })
    await tell()
    await ownersActs.delete(going)
    model.fail('setCancelAtPeriodEnd', 'refused')
    await scene.settle()
    expect(model.seen(subscription)).toMatchObject({ cancelsAtPeriodEnd: false, collection: 'held' })
  })

  it('has it back by revoking also where Stripe has given up a payment that comes in later', async () => {
    const { scene, model, buy, tell, site, going } = sceneOf()
    const subscription = buy()
    await tell()
    await ownersActs.delete(going)
    await scene.settle()
    await passTime(going)
    expect(model.seen(subscription).cancelsAtPeriodEnd).toBe(true)
    model.change(subscription, { status: 'unpaid' })
    await tell()
    expect(site().billing?.state).toBe('ended')
    await scene.commit(revokeDeletion(site() as SuspendedSite, scene.context()))
    await scene.settle()
    model.change(subscription, { status: 'active' })
    await tell()
    expect(model.seen(subscription)).toMatchObject({ status: 'active', cancelsAtPeriodEnd: false })
  })

  it('ends its renewal by that also where staff have set a later date', async () => {
    const { scene, model, buy, tell, site, going } = sceneOf()
    const subscription = buy()
    model.change(subscription, { cancelAt: plusDays(scene.now(), 100) })
    await tell()
    expect(site().billing).toMatchObject({ state: 'active', cancelsAtPeriodEnd: false })
    await ownersActs.delete(going)
    await scene.settle()
    expect(model.seen(subscription)).toMatchObject({ status: 'active', cancelsAtPeriodEnd: true })
    expect(site().billing).toMatchObject({ cancelsAtPeriodEnd: true, endsWithDeletion: true })
  })

  it('has it back when the restore of an archived site begins, not when it has ended', async () => {
    const { scene, id, model, buy, tell, site, going } = sceneOf()
    const subscription = buy()
    await tell()
    await ownersActs.delete(going)
    await passTime(going)
    await scene.settle()
    expect(model.seen(subscription).cancelsAtPeriodEnd).toBe(true)
    const { ownership, billing } = site()
    scene.put({
      ...{ ...siteSamples.archived, id, ownership, billing, plan: 'starter', version: site().version + 1 },
      archives: [
        {
          ...{ id: 'arc_01jq3v5k8m0000000000000001', at: scene.now(), kind: 'reclaim', bytes: 1, files: 1 },
          blueprint: { name: 'welcome', version: 1 },
        },
      ],
      deletion: { requestedAt: scene.now(), by: 'owner' },
    })
    const policy = scene.ports.policies.find(site().policyVersion)
    const revoked = resumeByRecord(site(), withoutDeletion(site()), policy, scene.context())
    await scene.commit(revoked as SiteChange)
    await scene.settle()
    expect(site()).toMatchObject({ status: 'archived', operation: { kind: 'restore' } })
    expect(model.seen(subscription).cancelsAtPeriodEnd).toBe(false)
  })

  it('keeps it cancelled while operators purge the site, and once a gate has refused that', async () => {
    const { scene, id, model, buy, tell, site, going } = sceneOf()
    const subscription = buy()
    await tell()
    await ownersActs.delete(going)
    await passTime(going)
    await scene.settle()
    const { deletion } = site() as SuspendedSite
    await scene.commit(confirmPurge(site() as SuspendedSite, 'as its owner asked', scene.context()))
    await convergeSite(scene.ports, id, { causationId: 'evt' })
    expect(model.seen(subscription).cancelsAtPeriodEnd).toBe(true)
    await scene.commit(endOperation(site() as SuspendedSite, 'refused', scene.context()))
    await scene.settle()
    expect(site()).toMatchObject({ status: 'suspended', deletion })
    expect(model.seen(subscription).cancelsAtPeriodEnd).toBe(true)
  })

  it('keeps it cancelled by revoking where it was cancelled before', async () => {
    const { scene, model, buy, tell, site, going } = sceneOf()
    const subscription = buy()
    model.change(subscription, { cancelsAtPeriodEnd: true })
    await tell()
    await ownersActs.delete(going)
    await passTime(going)
    await scene.commit(revokeDeletion(site() as SuspendedSite, scene.context()))
    await scene.settle()
    expect(model.seen(subscription).cancelsAtPeriodEnd).toBe(true)
  })

  it.each(['before', 'after'] as const)(
    'has it so also where Stripe fails at each step, %s it is done',
    async (fault) => {
      let isDown = false
      const { scene, model, id, buy, tell, site, going } = sceneOf((call) =>
        isDown && call === 'setCancelAtPeriodEnd' ? fault : undefined,
      )
      const subscription = buy()
      await tell()
      const failing = async (): Promise<void> => {
        isDown = true
        await expect(convergeSite(scene.ports, id, { causationId: 'evt' })).rejects.toEqual(unavailable)
        isDown = false
        await convergeSite(scene.ports, id, { causationId: 'evt' })
      }
      await ownersActs.delete(going)
      await failing()
      expect(model.seen(subscription).cancelsAtPeriodEnd).toBe(true)
      await passTime(going)
      await scene.commit(revokeDeletion(site() as SuspendedSite, scene.context()))
      await failing()
      expect(model.seen(subscription).cancelsAtPeriodEnd).toBe(false)
      expect(site().billing?.endsWithDeletion).toBe(false)
    },
  )

  it('has what is left cancelled by the purge, and nothing back of the time that was paid', async () => {
    const { scene, id, model, buy, tell, refunded, purge } = sceneOf()
    const subscription = buy()
    await tell()
    await purge()
    await scene.settle()
    const purged = scene.site(id) as PurgedSite
    expect(purged.status).toBe('purged')
    expect([model.seen(subscription).status, refunded(subscription)]).toEqual(['canceled', [false]])
  })
})

describe('a payment after the owner has closed the account', () => {
  it('gives no service: it is cancelled at once and left to a person, also after the purge', async () => {
    const { scene, model, id, buy, tell, site, due, says, refunded, going } = sceneOf()
    await scene.closeAccount(id)
    await scene.settle()
    const late = buy()
    model.fail('cancel', 'refused')
    await tell()
    // Also while Stripe refuses to cancel it.
    expect([model.seen(late).status, site().billing]).toEqual(['active', undefined])
    await tell()
    await tell()
    expect(site()).toMatchObject({ status: 'suspended', deletion: { by: 'owner' } })
    expect(site().billing).toBeUndefined()
    expect([model.seen(late).status, refunded(late), due(late)]).toEqual(['canceled', [false], 1900])
    expect(says('refund-due')).toHaveLength(1)
    const { unreturned } = await reconcileBilling(scene.ports, 'daily')
    expect(unreturned).toEqual([id])
    scene.pass(15)
    await passTime(going)
    await passTime(going)
    expect(scene.site(id).status).toBe('purged')
    expect(due(late)).toBe(1900)
  })

  it('does not count beside a subscription that was bought before', async () => {
    const { scene, model, id, buy, tell, site, due } = sceneOf()
    const early = buy()
    await tell()
    model.end(early)
    await tell()
    await scene.closeAccount(id)
    const late = buy(growth)
    await tell()
    expect(site()).toMatchObject({ status: 'suspended', plan: 'starter', billing: { subscriptionId: early } })
    expect([model.seen(late).status, due(late), due(early)]).toEqual(['canceled', 7900, undefined])
  })
})

describe('a payment for a site that a contract covers', () => {
  it('never counts and is left to a person, beside a subscription that counted before and is collected', async () => {
    const { scene, model, buy, tell, site, due } = sceneOf()
    const early = buy()
    await tell()
    const contract = { number: '4711', firstDay: '2026-03-01', lastDay: '2027-03-01' }
    const change = changeContract(site() as ActiveSite, { contract }, scene.context())
    if (change !== undefined) await scene.commit(change)
    await scene.settle()
    const late = buy(growth)
    await tell()
    expect(site()).toMatchObject({ plan: 'starter', billing: { subscriptionId: early, cancelsAtPeriodEnd: true } })
    model.change(early, { status: 'past_due' })
    await tell()
    expect(model.seen(early)).toMatchObject({ status: 'past_due', collection: 'retried' })
    expect([model.seen(late).status, due(late), due(early)]).toEqual(['canceled', 7900, undefined])
    expect((await reconcileBilling(scene.ports, 'daily')).unreturned).toEqual([site().id])
  })
})

describe('a site that has moved to another installation', () => {
  const leave = async ({ scene, site }: ReturnType<typeof sceneOf>) => {
    const moved = { because: 'moved', movedTo: 'https://tulip.elsewhere.example' } as const
    await scene.commit(suspendSite(site() as ActiveSite, moved, scene.context()))
    await scene.settle()
  }

  it('is not renewed, though its owner renews in the portal, until it is back', async () => {
    const stage = sceneOf()
    const { scene, model, id, buy, tell, site, going } = stage
    const subscription = buy()
    await tell()
    await leave(stage)
    expect(model.seen(subscription)).toMatchObject({ status: 'active', cancelsAtPeriodEnd: true })
    model.change(subscription, { cancelsAtPeriodEnd: false })
    await tell()
    expect(model.seen(subscription).cancelsAtPeriodEnd).toBe(true)
    expect(site()).toMatchObject({ status: 'suspended', suspendedBecause: 'moved', billing: { state: 'active' } })
    await passTime(going)
    await scene.commit(beginRestore(scene.site(id) as ArchivedSite, {}, scene.context()))
    await passTime(going)
    expect(site().status).toBe('active')
    await scene.settle()
    expect(model.seen(subscription).cancelsAtPeriodEnd).toBe(false)
  })

  it('has what is bought in an open checkout cancelled and left to a person', async () => {
    const stage = sceneOf()
    const { scene, model, id, buy, tell, site, due, says } = stage
    await leave(stage)
    const late = buy(growth)
    await tell()
    expect(site()).toMatchObject({ status: 'suspended', suspendedBecause: 'moved', plan: 'trial' })
    expect(site().billing).toBeUndefined()
    expect([model.seen(late).status, due(late)]).toEqual(['canceled', 7900])
    expect(says('refund-due')).toMatchObject([{ fields: { because: 'site-moved' } }])
    expect((await reconcileBilling(scene.ports, 'daily')).unreturned).toEqual([id])
  })

  it.each([
    ['moved', 'expired'],
    ['trial-ended', 'open'],
  ] as const)('has its checkout expired, unlike one that is suspended otherwise: %s', async (because, status) => {
    const { scene, id, customerId, site } = sceneOf()
    const { payments } = scene.ports
    const order = { siteId: id, accountId: site().ownership.accountId, customerId, price: growth }
    const { id: sessionId } = await payments.openCheckout({
      ...{
        ...order,
        description: 'acme.sites.example',
        successUrl: 'http://localhost/',
        cancelUrl: 'http://localhost/',
        idempotencyKey: 'checkout',
      },
    })
    const { event } = suspendSite(site() as ActiveSite, { because }, scene.context())
    await handleBillingEvent({ ...scene.ports, checkouts: { find: async () => ({ sessionId }) as never } }, event)
    expect((await payments.findCheckout(sessionId))?.status).toBe(status)
  })
})

describe('the end of a contract', () => {
  const contract = { number: '4711', firstDay: '2026-03-01', lastDay: '2027-03-01' }
  /** A subscription, beside which a contract gives another plan and ends. */
  const endedAfter = async (
    { cancels = false }: { readonly cancels?: boolean },
    during: (stage: ReturnType<typeof sceneOf>, subscription: string) => Promise<void> = async () => undefined,
  ) => {
    const stage = sceneOf()
    const { scene, site } = stage
    const subscription = stage.buy(growth)
    stage.model.change(subscription, { cancelsAtPeriodEnd: cancels })
    await stage.tell()
    const agree = async (terms: typeof contract | null, facts: Partial<ActiveSite> = {}) => {
      const change = changeContract(site() as ActiveSite, { contract: terms }, scene.context())
      if (change !== undefined) await scene.commit({ ...change, after: { ...change.after, ...facts } })
      await scene.settle()
    }
    await agree(contract, { plan: 'enterprise' })
    await during(stage, subscription)
    await agree(null)
    return { ...stage, subscription }
  }

  it('renews its subscription and gives the plan back, once', async () => {
    const { scene, model, site, events, tell, subscription } = await endedAfter({})
    expect(site()).toMatchObject({ plan: 'growth', billing: { state: 'active', cancelsAtPeriodEnd: false } })
    expect(model.seen(subscription).cancelsAtPeriodEnd).toBe(false)
    expect(events('SitePlanChanged').at(-1)).toMatchObject({ plan: 'growth', previousPlan: 'enterprise' })
    expect(site().billing).not.toHaveProperty('plansAgain')
    const byHand = { ...site(), plan: 'starter', version: site().version + 1 }
    const details = { reason: 'A test.' }
    const parts = { transition: 'changePlan', before: site(), after: byHand, details } as const
    await scene.commit(siteChange(parts, scene.context()))
    await tell()
    expect(site().plan).toBe('starter')
  })

  it('gives the plan back that its owner had cancelled, until its end', async () => {
    const { site } = await endedAfter({ cancels: true })
    expect(site()).toMatchObject({ plan: 'growth', billing: { state: 'active', cancelsAtPeriodEnd: true } })
  })

  it('leaves the plan alone where no subscription is paid for any more', async () => {
    const { site } = await endedAfter({}, async ({ scene, model, tell }, subscription) => {
      scene.pass(40)
      model.end(subscription)
      await tell()
    })
    expect(site()).toMatchObject({ status: 'active', plan: 'enterprise', billing: { state: 'ended' } })
  })
})

describe('cases that need a person', () => {
  it('keeps the plan at an unknown price and logs an error', async () => {
    const { model, buy, tell, site, says } = sceneOf()
    const subscription = buy(growth)
    await tell()
    model.change(subscription, { price: { ...starter, plan: 'no-such-plan' } })
    await tell()
    expect(site()).toMatchObject({ plan: 'growth', billing: { plan: 'growth', state: 'active' } })
    expect(says('price-unknown')).toHaveLength(1)
  })

  it('keeps a subscription that cannot be read on record before one that has ended', async () => {
    const { model, buy, tell, site } = sceneOf()
    const former = buy()
    await tell()
    model.end(former)
    const unread = buy(growth)
    await tell()
    const { billing } = site()
    expect(billing).toMatchObject({ subscriptionId: unread, state: 'active' })
    model.change(unread, { status: 'unknown', price: undefined })
    await tell()
    expect(site().billing).toEqual(billing)
    const running = buy()
    await tell()
    expect(site().billing).toMatchObject({ subscriptionId: running, state: 'active' })
    expect(model.seen(unread).status).toBe('unknown')
  })

  it('keeps a site whose subscription Stripe does not know and logs an error', async () => {
    const { model, id, scene, buy, tell, site, says } = sceneOf()
    const subscription = buy()
    await tell()
    model.subscriptions.delete(subscription)
    // Which may be the one that was meant.
    model.end(buy())
    scene.pass(40)
    const { version } = site()
    expect(await convergeSite(scene.ports, id, { causationId: 'evt' })).toBe('same')
    expect(site().version).toBe(version)
    expect(says('subscription-unknown')).toHaveLength(1)
  })

  it('is a dispute: it is noted, and nothing else', async () => {
    const { model, scene, buy, tell, site, says } = sceneOf()
    const disputeId = model.dispute(buy())
    await scene.hear(scene.noticed({ type: 'charge.dispute.created', disputeId }))
    await tell()
    expect(site()).toMatchObject({ status: 'active', plan: 'starter', billing: { isDisputed: true } })
    expect(says('payment-disputed').length).toBeGreaterThan(0)
  })

  it('ignores other applications’ subscriptions', async () => {
    const { scene, model, tell } = sceneOf()
    model.collect(model.create({ customerId: 'cus_theirs', price: undefined }))
    await tell('cus_theirs')
    expect(scene.changes).toEqual([])
  })
})

describe('what only a person can settle is said once', () => {
  const matters = ['refund-due'] as const
  const alarms = [...matters, 'subscription-returned'] as const
  const days = async (scene: BillingScene, count: number): Promise<readonly number[]> => {
    const repaired: number[] = []
    for (let day = 0; day < count; day += 1) {
      scene.pass(1)
      repaired.push((await reconcileBilling(scene.ports, 'daily')).repaired.length)
    }
    return repaired
  }

  it('reports a payment of an invoice that was open when its subscription was cancelled', async () => {
    const { scene, id, model, customerId, buy, tell, due, says } = sceneOf()
    buy()
    await tell()
    const second = model.create({ customerId, siteId: id, price: growth })
    model.change(second, { status: 'past_due' })
    await tell()
    expect([model.seen(second).status, due(second)]).toEqual(['canceled', undefined])
    const { invoices, periodEnd: end } = model.find(second)
    invoices.push({ amount: 7900, end, paidAt: scene.now() })
    expect((await reconcileBilling(scene.ports, 'daily')).unreturned).toEqual([id])
    expect(due(second)).toBe(7900)
    expect(says('refund-due')).toHaveLength(1)
  })

  it('cancels an uncharged second subscription without a refund', async () => {
    const { scene, model, id, customerId, buy, tell, says } = sceneOf()
    buy()
    const free = model.create({ customerId, siteId: id, price: growth })
    model.collect(free, 0)
    await tell()
    expect(await days(scene, 3)).toEqual([0, 0, 0])
    expect(model.seen(free).status).toBe('canceled')
    expect(says(matters[0])).toEqual([])
    expect((await reconcileBilling(scene.ports, 'daily')).unreturned).toEqual([])
  })

  it('where a refund is refused: it is cancelled and listed until a person refunds it', async () => {
    const { scene, model, id, buy, tell, says, refunds } = sceneOf()
    buy()
    const second = buy(growth)
    model.refunds('refused')
    await tell()
    await tell()
    expect(await days(scene, 3)).toEqual([0, 0, 0])
    expect(model.seen(second).status).toBe('canceled')
    expect(says(matters[0])).toHaveLength(1)
    expect(model.calls.filter((call) => call === 'refund')).toHaveLength(1)
    expect((await reconcileBilling(scene.ports, 'daily')).unreturned).toEqual([id])
    expect(refunds()).toEqual([])
    model.giveBack(second)
    await tell()
    expect(refunds()).toMatchObject([{ because: 'second-subscription', returned: { amount: 7900, currency: 'EUR' } }])
    expect((await reconcileBilling(scene.ports, 'daily')).unreturned).toEqual([])
  })

  it('where a refund fails days later: what was given back is not, and is listed', async () => {
    const { scene, model, id, buy, tell, says, refunded } = sceneOf()
    buy()
    const second = buy(growth)
    await tell()
    expect(refunded(second)).toEqual([true])
    model.failRefund(second)
    await tell()
    await tell()
    expect(says(matters[0])).toHaveLength(1)
    expect(await days(scene, 3)).toEqual([0, 0, 0])
    expect((await reconcileBilling(scene.ports, 'daily')).unreturned).toEqual([id])
  })

  it('where a payment is disputed: when that begins, and not once it is over', async () => {
    const { scene, model, id, buy, tell, site, says } = sceneOf()
    const subscription = buy()
    await tell()
    model.dispute(subscription)
    await tell()
    await tell()
    const event = 'payment-disputed'
    expect(says(event)).toHaveLength(1)
    expect(await days(scene, 2)).toEqual([0, 0])
    expect(says(event)).toHaveLength(1)
    expect((await reconcileBilling(scene.ports, 'daily')).disputed).toEqual([id])
    model.change(subscription, { isDisputed: false })
    await tell()
    expect(site().billing?.isDisputed).toBe(false)
    expect((await reconcileBilling(scene.ports, 'daily')).disputed).toEqual([])
  })

  it('logs no error for a planned cancellation', async () => {
    const { scene, id, model, buy, tell, says, purge } = sceneOf()
    const old = buy()
    await tell()
    scene.pass(31)
    model.change(old, { status: 'unpaid' })
    await tell()
    const next = buy(growth)
    await tell()
    expect(model.seen(old).status).toBe('canceled')
    await purge()
    await scene.settle()
    expect([scene.site(id).status, model.seen(next).status]).toEqual(['purged', 'canceled'])
    expect(alarms.flatMap((event) => says(event))).toEqual([])
    expect(says('subscription-cancelled')).toHaveLength(2)
  })
})

describe('the end of a subscription', () => {
  it('that is deleted in the dashboard leaves the site what was paid for, then takes it the way of a trial', async () => {
    const { scene, id, model, buy, tell, site, going } = sceneOf()
    const subscription = buy()
    await tell()
    model.end(subscription)
    await tell()
    expect(site()).toMatchObject({ status: 'active', plan: 'starter', billing: { state: 'ended' } })
    scene.pass(29)
    await passTime(going)
    expect(site().status).toBe('active')
    scene.pass(2)
    await passTime(going)
    await passTime(going)
    expect(site().status).toBe('suspended')
    const bought = buy(growth)
    await tell()
    expect(scene.site(id)).toMatchObject({ status: 'active', plan: 'growth', billing: { subscriptionId: bought } })
  })

  it('points to its archive, and paying brings it back from there', async () => {
    const { scene, id, model, buy, tell, site, going } = sceneOf()
    model.end(buy())
    await tell()
    for (const days of [31, 22]) {
      scene.pass(days)
      for (let times = 0; times < 3; times += 1) await passTime(going)
    }
    expect(site()).toMatchObject({ status: 'archived', plan: 'starter' })
    buy()
    await tell()
    expect((site() as ArchivedSite).operation?.kind).toBe('restore')
    await passTime(going)
    expect(scene.site(id)).toMatchObject({ status: 'active', plan: 'starter', billing: { state: 'active' } })
  })
})

describe('the reconciliation', () => {
  it('repairs missed changes once and lists what it cannot repair', async () => {
    const { scene, id, model, buy, site, says } = sceneOf()
    const other = scene.open({ plan: 'growth' })
    const gone = 'site_01jq3v5k8m0000000000008888' as const
    const lost = model.create({ customerId: 'cus_x', siteId: gone, price: starter })
    buy()
    const found = await reconcileBilling(scene.ports, 'daily')
    expect(found).toEqual({
      subscriptions: 2,
      repaired: [id],
      withoutSite: [lost],
      withoutSubscription: [],
      byArrangement: [other.id],
      disputed: [],
      unusual: [],
      unreturned: [],
      refused: [],
      left: [],
      revenue: [{ currency: 'EUR', amount: 1900, subscriptions: 1 }],
    })
    expect(site()).toMatchObject({ plan: 'starter', billing: { state: 'active' } })
    expect(says('billing-drift-repaired')).toHaveLength(1)
    expect((await reconcileBilling(scene.ports, 'daily')).repaired).toEqual([])
  })

  it('lists a site whose other plan, set by an operator, stays after the end of its subscription', async () => {
    const { scene, id, model, buy, tell, site } = sceneOf()
    const subscription = buy()
    await tell()
    const after = { ...site(), plan: 'growth', version: site().version + 1 }
    const parts = { transition: 'changePlan', before: site(), after, details: { reason: 'A test.' } } as const
    await scene.commit(siteChange(parts, scene.context()))
    expect((await reconcileBilling(scene.ports, 'daily')).byArrangement).toEqual([])
    model.end(subscription)
    await tell()
    expect(site()).toMatchObject({ status: 'active', plan: 'growth', billing: { plan: 'starter', state: 'ended' } })
    expect((await reconcileBilling(scene.ports, 'daily')).byArrangement).toEqual([id])
  })

  it('misses no subscription that is bought during the run', async () => {
    const { scene, buy, tell, says } = sceneOf()
    const { payments } = scene.ports
    const listSubscriptions = async function* () {
      yield* payments.listSubscriptions()
      buy()
      await tell()
    }
    const found = await reconcileBilling({ ...scene.ports, payments: { ...payments, listSubscriptions } }, 'daily')
    expect(found).toMatchObject({ subscriptions: 0, withoutSubscription: [], left: [] })
    expect(says('site-without-subscription')).toEqual([])
  })

  it('misses a subscription that Stripe does not have, once Stripe says so', async () => {
    const { scene, id, buy, tell, model, says } = sceneOf()
    buy()
    await tell()
    model.subscriptions.clear()
    model.fail('getSubscription', 'before')
    expect(await reconcileBilling(scene.ports, 'daily')).toMatchObject({ withoutSubscription: [], left: [id] })
    expect(await reconcileBilling(scene.ports, 'daily')).toMatchObject({ withoutSubscription: [id], left: [] })
    expect(says('site-without-subscription')).toHaveLength(1)
  })

  it('continues after a failure and reports the failed site', async () => {
    let calls = 0
    const { scene, id, buy } = sceneOf((call) => {
      if (call !== 'subscriptionsOf') return undefined
      calls += 1
      return calls === 1 ? 'before' : undefined
    })
    const other = scene.open()
    buy()
    scene.model.collect(scene.model.create({ customerId: other.customerId, siteId: other.id, price: growth }))
    expect(await reconcileBilling(scene.ports, 'daily')).toMatchObject({ repaired: [other.id], left: [id] })
    expect(scene.site(other.id)).toMatchObject({ plan: 'growth' })
    expect(await reconcileBilling(scene.ports, 'daily')).toMatchObject({ repaired: [id], left: [] })
  })
  it('waits while Stripe takes no requests, until a request fails all the same', async () => {
    const { scene, buy, model } = sceneOf()
    buy()
    for (let sites = 0; sites < 6; sites += 1) {
      const { id, customerId } = scene.open()
      model.collect(model.create({ customerId, siteId: id, price: starter }))
    }
    let waits = 0
    const payments: typeof scene.ports.payments = {
      ...scene.ports.payments,
      patiently: async (work) => {
        try {
          return await work()
        } catch {
          waits += 1
          return work()
        }
      },
    }
    const run = () => reconcileBilling({ ...scene.ports, payments }, 'daily')
    model.fail('subscriptionsOf', 'before')
    const found = await run()
    expect([found.repaired.length, found.left, waits]).toEqual([7, [], 1])
    scene.pass(31)
    model.turn()
    for (let times = 0; times < 30; times += 1) model.fail('subscriptionsOf', 'before')
    expect((await run()).left).toHaveLength(7)
    expect(waits).toBeLessThanOrEqual(5)
  })

  it('lists a subscription that cannot be read, and reconciles the others of its site', async () => {
    const { scene, buy, id, model, site } = sceneOf()
    const unread = buy()
    model.change(unread, { status: 'unknown' })
    buy(growth)
    const stray = { ...model.seen(unread), id: 'sub_stray', siteId: undefined }
    const { payments } = scene.ports
    const listSubscriptions = async function* () {
      yield* payments.listSubscriptions()
      yield stray
    }
    const found = await reconcileBilling({ ...scene.ports, payments: { ...payments, listSubscriptions } }, 'daily')
    expect(found).toMatchObject({
      repaired: [id],
      withoutSite: ['sub_stray'],
      refused: [{ siteId: id, act: 'read a subscription', code: `unreadable ${unread}` }],
    })
    expect(site()).toMatchObject({ plan: 'growth', billing: { state: 'active' } })
    expect(model.find(unread).status).toBe('unknown')
  })

  it('asks for each subscription once where nothing is to do', async () => {
    const { scene } = sceneOf()
    for (let count = 0; count < 100; count += 1) {
      const { id, customerId } = scene.open()
      scene.model.collect(scene.model.create({ customerId, siteId: id, price: starter }))
      await scene.hear(scene.noticed({ customerId }))
    }
    scene.model.calls.splice(0)
    expect(await reconcileBilling(scene.ports, 'daily')).toMatchObject({ subscriptions: 100, repaired: [], left: [] })
    expect(scene.model.calls).toEqual(['listSubscriptions', 'pricesThatDiffer'])
  })
})
