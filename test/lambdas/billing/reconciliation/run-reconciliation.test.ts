import { describe, expect, it } from 'vitest'
import { ensureTables, tablesOf } from '../../../../adapters/dynamodb/tables.ts'
import { SitewrightError } from '../../../../core/errors.ts'
import { RefusedByStripe, WithoutPayments } from '../../../../core/ports/payments.ts'
import {
  type RunReconciliationPorts,
  requestReconciliation,
  runReconciliation,
} from '../../../../lambdas/billing/reconciliation/run-reconciliation.ts'
import { createBillingReconciliations } from '../../../../lambdas/billing/reconciliation/store.ts'
import { billingScene } from '../../../support/billing/billing-scene.ts'
import type { Fault } from '../../../support/billing/payments-model.ts'
import { quickClients } from '../../../support/memory-table/quick-client.ts'
import { siteSamples } from '../../../support/site-samples.ts'

const starter = { plan: 'starter', interval: 'month', currency: 'EUR' } as const
const unavailable = expect.objectContaining({ kind: 'Unavailable' })
const actor = { kind: 'operator', operatorId: 'staff-7', role: 'admin' } as const
const byTick = { isAsked: false, causationId: 'tick' } as const
const nothing = { count: 0, first: [] }

/** Two sites, of which the first is paid for and does not know it yet; records in the store's own tables. */
const sceneOf = async (fault?: (call: string) => Fault) => {
  const scene = billingScene(fault && { fault })
  const { engine, client } = quickClients()
  const tables = tablesOf('test')
  await ensureTables(engine, tables)
  const reconciliations = createBillingReconciliations({ client, tables, outbox: true })
  const ports = { ...scene.ports, reconciliations }
  const buyer = scene.open()
  scene.model.collect(scene.model.create({ customerId: buyer.customerId, siteId: buyer.id, price: starter }))
  return {
    scene,
    ports,
    reconciliations,
    buyer,
    byClock: () => runReconciliation(ports, byTick),
    byRequest: () => runReconciliation(ports, { isAsked: true, causationId: 'evt_wish' }),
    ask: (reason = 'the webhook was off') => requestReconciliation(ports, { actor, reason, causationId: 'req_1' }),
    listings: () => scene.log.lines.filter(({ fields }) => fields['event'] === 'billing-reconciled').length,
  }
}

const unlistable = (payments: RunReconciliationPorts['payments'], error: Error): typeof payments => ({
  ...payments,
  listSubscriptions: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }) }),
})

/** Fails to read one customer, until the fault is repaired. */
const breakable = () => {
  let isBroken = true
  return {
    fault: (call: string): Fault => (isBroken && call === 'subscriptionsOf' ? 'before' : undefined),
    repair: () => {
      isBroken = false
    },
  }
}

describe('a run of the reconciliation', () => {
  it('reports prices that are not sold because Stripe has other ones', async () => {
    const { scene, byClock } = await sceneOf()
    const difference = { lookupKey: 'sitewright_growth_month_eur', wanted: '7900 EUR a month', found: undefined }
    scene.model.differences.push(difference)
    await byClock()
    const reported = scene.log.lines.filter(({ fields }) => fields['event'] === 'price-differs')
    expect(reported).toEqual([
      expect.objectContaining({ level: 'error', fields: { event: 'price-differs', ...difference } }),
    ])
  })

  it('keeps what it found, when it began and when it ended', async () => {
    const { scene, reconciliations, buyer, byClock } = await sceneOf()
    const arranged = scene.open({ plan: 'growth' })
    scene.open()
    scene.put({ ...siteSamples.suspended, plan: 'growth' })
    const lost = scene.model.create({ customerId: 'cus_x', siteId: 'site_01jq3v5k8m0000000000008888', price: starter })
    const beganAt = scene.now()
    await byClock()
    expect(await reconciliations.read()).toEqual({
      attempt: { run: 1, beganAt },
      report: {
        schemaVersion: 1,
        run: 1,
        beganAt,
        endedAt: scene.now(),
        answers: 0,
        subscriptions: 2,
        repaired: { count: 1, first: [buyer.id] },
        withoutSite: { count: 1, first: [lost] },
        withoutSubscription: nothing,
        byArrangement: { count: 2, first: [arranged.id, siteSamples.suspended.id] },
        disputed: nothing,
        unreturned: nothing,
        refused: nothing,
        unusual: nothing,
        left: nothing,
        revenue: [{ currency: 'EUR', amount: 1900, subscriptions: 1 }],
      },
    })
  })

  it('returns a second subscription of a site, also that of a customer whom its account does not know', async () => {
    const { scene, buyer, byClock } = await sceneOf()
    await byClock()
    const second = scene.model.create({ customerId: 'cus_elsewhere', siteId: buyer.id, price: starter })
    scene.model.collect(second)
    await byClock()
    expect(scene.model.seen(second).status).toBe('canceled')
  })

  it('finds nothing without a key of Stripe, and leaves sites that have a subscription all the same', async () => {
    const { scene, ports, reconciliations, buyer, byClock } = await sceneOf()
    const without = new WithoutPayments()
    const payments = { ...unlistable(ports.payments, without), getSubscription: () => Promise.reject(without) }
    const run = () =>
      runReconciliation({ ...ports, payments: { ...payments, pricesThatDiffer: Promise.reject } }, byTick)
    await run()
    const found = await reconciliations.read()
    expect(found.report).toMatchObject({ subscriptions: 0, withoutSubscription: nothing, left: nothing })
    expect(found.attempt).not.toHaveProperty('failure')
    expect(scene.log.lines.map(({ level, fields }) => [level, fields['event']])).toEqual([
      ['info', 'payments-not-set-up'],
      ['info', 'billing-reconciled'],
    ])
    await byClock()
    await expect(run()).rejects.toEqual(unavailable)
    expect((await reconciliations.read()).report).toMatchObject({ left: { count: 1, first: [buyer.id] } })
  })

  it('lists for a person what Stripe permanently refuses, and is done', async () => {
    const { reconciliations, scene, buyer, byClock } = await sceneOf((call) =>
      call === 'subscriptionsOf' ? 'refused' : undefined,
    )
    await scene.hear(scene.noticed({ customerId: buyer.customerId }))
    expect(scene.log.lines).toHaveLength(1)
    await byClock()
    const refused = {
      siteId: buyer.id,
      act: 'subscriptionsOf',
      code: 'parameter_invalid_empty',
      requestId: 'req_sample',
    }
    const found = await reconciliations.read()
    expect(found).toMatchObject({ report: { refused: { count: 1, first: [refused] }, left: nothing } })
    expect(found.attempt).not.toHaveProperty('failure')
  })

  it('lists a site of which Stripe refuses to show a subscription, and repairs the others', async () => {
    const { scene, ports, reconciliations, buyer } = await sceneOf()
    const other = scene.open()
    const { id } = other
    const unread = scene.model.create({ customerId: other.customerId, siteId: id, price: starter })
    const refusal = { act: 'read a subscription', code: 'resource_missing', requestId: 'req_1' }
    const listSubscriptions = async function* () {
      for await (const one of ports.payments.listSubscriptions()) {
        yield one.id === unread ? { id: unread, siteId: id, refused: new RefusedByStripe(refusal) } : one
      }
    }
    await runReconciliation({ ...ports, payments: { ...ports.payments, listSubscriptions } }, byTick)
    expect((await reconciliations.read()).report).toMatchObject({
      subscriptions: 2,
      repaired: { count: 1, first: [buyer.id] },
      refused: { count: 1, first: [{ siteId: id, ...refusal }] },
    })
  })

  it('that cannot compare the prices logs that, and is done', async () => {
    const { scene, reconciliations, buyer, byClock } = await sceneOf((call) =>
      call === 'pricesThatDiffer' ? 'refused' : undefined,
    )
    await byClock()
    expect((await reconciliations.read()).report?.repaired).toEqual({ count: 1, first: [buyer.id] })
    expect(scene.log.lines.filter(({ level }) => level === 'warn')).toMatchObject([
      { message: 'the prices at Stripe could not be compared' },
    ])
  })

  it('that leaves sites reports the rest and which those are, and fails', async () => {
    const { fault, repair } = breakable()
    const { reconciliations, buyer, byClock } = await sceneOf(fault)
    await expect(byClock()).rejects.toEqual(unavailable)
    const left = { count: 1, first: [buyer.id] }
    const found = await reconciliations.read()
    expect(found).toMatchObject({ attempt: { run: 1 }, report: { run: 1, left, repaired: nothing } })
    expect(found.attempt).not.toHaveProperty('failure')
    repair()
    await byClock()
    expect((await reconciliations.read()).report).toMatchObject({ run: 2, left: nothing, repaired: left })
  })

  it.each([
    [new Error('sk_test_secret is refused'), 'Unexpected'],
    [new SitewrightError('Unavailable', 'Stripe does not answer.'), 'Unavailable'],
  ])('that cannot ask Stripe leaves the last report, and is seen beside it by a word: %s', async (error, word) => {
    const { scene, ports, reconciliations, byClock } = await sceneOf()
    await byClock()
    const { report } = await reconciliations.read()
    scene.pass(1)
    const payments = unlistable(ports.payments, error)
    await expect(runReconciliation({ ...ports, payments }, byTick)).rejects.toBe(error)
    const found = await reconciliations.read()
    const failure = { at: scene.now(), error: word }
    expect(found).toEqual({ report, attempt: { run: 2, beganAt: scene.now(), failure } })
    await byClock()
    expect((await reconciliations.read()).attempt).toEqual({ run: 3, beganAt: scene.now() })
  })

  it('tells what went wrong also where that cannot be noted', async () => {
    const { ports, reconciliations, scene } = await sceneOf()
    const broken = {
      ...reconciliations,
      finish: () => Promise.reject(new Error('the table is gone')),
      fail: () => Promise.reject(new Error('and so is this')),
    }
    await expect(runReconciliation({ ...ports, reconciliations: broken }, byTick)).rejects.toThrow('the table is gone')
    expect(scene.log.lines.at(-1)).toMatchObject({
      level: 'warn',
      fields: { event: 'reconciliation-failure-unrecorded' },
    })
  })
})

describe('a requested reconciliation', () => {
  it('is done once, however often the request arrives and however many wait for it', async () => {
    const { reconciliations, byRequest, byClock, ask, listings } = await sceneOf()
    await ask()
    await ask('and once more')
    await byRequest()
    await byRequest()
    await byRequest()
    expect(listings()).toBe(1)
    expect((await reconciliations.read()).report).toMatchObject({ run: 1, answers: 2 })
    await ask('something else has drifted')
    await byClock()
    await byRequest()
    expect(listings()).toBe(2)
  })

  it('is done again for a request that came while it ran', async () => {
    const { ports, byRequest, ask, listings, reconciliations } = await sceneOf()
    await ask()
    const meanwhile = {
      ...reconciliations,
      begin: async (at: string) => {
        await ask('meanwhile')
        return reconciliations.begin(at)
      },
    }
    await runReconciliation({ ...ports, reconciliations: meanwhile }, { isAsked: true, causationId: 'evt_wish' })
    expect((await reconciliations.read()).report?.answers).toBe(1)
    await byRequest()
    expect(listings()).toBe(2)
    expect((await reconciliations.read()).report?.answers).toBe(2)
  })

  it('keeps a request waiting after a failed run', async () => {
    const { reconciliations, ports, ask, byRequest, listings } = await sceneOf()
    await ask()
    const payments = unlistable(ports.payments, new SitewrightError('Unavailable', 'Stripe does not answer.'))
    const heard = runReconciliation({ ...ports, payments }, { isAsked: true, causationId: 'evt_wish' })
    await expect(heard).rejects.toEqual(unavailable)
    expect((await reconciliations.read()).report).toBeUndefined()
    await byRequest()
    expect(listings()).toBe(1)
    expect((await reconciliations.read()).report?.answers).toBe(1)
  })

  it('does not repeat a run that left sites', async () => {
    const { fault } = breakable()
    const { byRequest, byClock, ask } = await sceneOf(fault)
    await ask()
    await expect(byRequest()).rejects.toEqual(unavailable)
    await byRequest()
    await expect(byClock()).rejects.toEqual(unavailable)
  })
})
