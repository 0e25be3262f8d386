import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { eventKey } from '../../../../adapters/dynamodb/keys.ts'
import { type BillingReport, listed, maxListed } from '../../../../lambdas/billing/reconciliation/billing-report.ts'
import { requestReconciliation } from '../../../../lambdas/billing/reconciliation/run-reconciliation.ts'
import {
  billingReportKey,
  createBillingReconciliations,
  reconciliationRequestKey,
} from '../../../../lambdas/billing/reconciliation/store.ts'
import { loseReply } from '../intercept.ts'
import { clocks, now, randomness } from '../made-changes.ts'
import { type OpenTestStore, putItem, storedItem, type TestStore } from '../test-store.ts'

const actor = { kind: 'operator', operatorId: 'staff-7', role: 'support' } as const
const later = '2026-03-02T12:00:00.000Z'

const reportOf = (run: number, found: Partial<BillingReport> = {}): BillingReport => ({
  schemaVersion: 1,
  run,
  beganAt: now,
  endedAt: later,
  answers: 0,
  subscriptions: run,
  repaired: listed([]),
  withoutSite: listed([]),
  withoutSubscription: listed([]),
  byArrangement: listed([]),
  disputed: listed([]),
  unreturned: listed([]),
  refused: listed([]),
  unusual: listed([]),
  revenue: [],
  left: listed([]),
  ...found,
})

/** Who asked for billing to be reconciled, and what came of it. */
export const billingReconciliations = (open: OpenTestStore): void => {
  describe('reconciliations of billing', () => {
    let store: TestStore
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store?.close())

    const on = ({ document: client, tables }: TestStore) =>
      createBillingReconciliations({ client, tables, outbox: true })
    const ask = (asked: TestStore, reason: string) =>
      requestReconciliation({ reconciliations: on(asked), clocks, randomness }, { actor, reason, causationId: 'req_1' })
    const pending = async () =>
      (await store.outbox.pending()).filter(({ aggregate }) => aggregate === reconciliationRequestKey.pk)

    test('are nothing before anybody has asked for one, or one has begun', async () => {
      expect(await on(store).read()).toEqual({})
    })

    test('are requested with who and why, and each request is an event', async () => {
      const first = await ask(store, 'the webhook was off')
      expect(await on(store).read()).toEqual({ request: first })
      expect(first).toEqual({ schemaVersion: 1, version: 1, at: now, actor, reason: 'the webhook was off' })
      await Promise.all([ask(store, 'again'), ask(store, 'again'), ask(store, 'again')])
      expect((await on(store).read()).request).toMatchObject({ version: 4, reason: 'again' })
      expect(await pending()).toHaveLength(4)
      expect(await storedItem(store, eventKey({ type: 'reconciliation', id: 'billing' }, 1))).toMatchObject({
        content: { type: 'BillingReconciliationRequested', actor, data: { reason: 'the webhook was off' } },
      })
    })

    test('are requested with their event or not at all', async () => {
      const stale = { ...on(store), read: async () => ({}) }
      await ask(store, 'first')
      const asked = requestReconciliation(
        { reconciliations: stale, clocks, randomness },
        { actor, reason: 'second', causationId: 'req_2' },
      )
      await expect(asked).rejects.toMatchObject({ kind: 'VersionConflict' })
      expect((await on(store).read()).request).toMatchObject({ reason: 'first' })
      expect(await pending()).toHaveLength(1)
    })

    test('are requested twice at most where a reply was lost', async () => {
      using faulty = await open({ tables: store.tables })
      const { wasLost } = loseReply(faulty.engine, 'TransactWriteItems', 'repeats-to-forgetful')
      await ask(faulty, 'the webhook was off')
      expect(wasLost()).toBe(true)
      expect((await on(store).read()).request).toMatchObject({ version: 2, reason: 'the webhook was off' })
      expect(await pending()).toHaveLength(2)
    })

    test('have a number each, also where they begin at once or a reply was lost', async () => {
      const runs = await Promise.all([on(store).begin(now), on(store).begin(now), on(store).begin(now)])
      expect(runs.toSorted()).toEqual([1, 2, 3])
      using faulty = await open({ tables: store.tables })
      loseReply(faulty.engine, 'UpdateItem', 'gives-up')
      await expect(on(faulty).begin(later)).rejects.toThrow('the reply was lost')
      expect(await on(store).begin(later)).toBe(5)
      expect(await on(store).read()).toEqual({ attempt: { run: 5, beganAt: later } })
    })

    test('that fail say so, and leave the report that is there', async () => {
      const { begin, fail, finish, read } = on(store)
      await finish(reportOf(await begin(now)))
      const failure = { at: later, error: 'Unavailable' }
      await fail(await begin(later), failure)
      const attempt = { run: 2, beganAt: later }
      expect(await read()).toEqual({ attempt: { ...attempt, failure }, report: reportOf(1) })
      await begin(later)
      expect(await read()).toEqual({ attempt: { ...attempt, run: 3 }, report: reportOf(1) })
      await fail(2, failure)
      expect(await read()).toEqual({ attempt: { ...attempt, run: 3 }, report: reportOf(1) })
    })

    test('report once and in their order: what an earlier run found never comes after a later one', async () => {
      const { begin, finish, read } = on(store)
      const [early, late] = [await begin(now), await begin(later)]
      await finish(reportOf(late))
      await finish(reportOf(late))
      await finish(reportOf(early))
      expect((await read()).report).toEqual(reportOf(late))
      const next = await begin(later)
      await finish(reportOf(next))
      expect((await read()).report).toEqual(reportOf(next))
    })

    test('report as many as there can be: counts are exact, lists bounded, and the item is stored', async () => {
      const siteIds = Array.from({ length: 3 * maxListed }, () => randomness.id('site'))
      const subscriptionIds = siteIds.map((id) => id.padEnd(255, 'x'))
      const { begin, finish, read } = on(store)
      const found = listed(siteIds)
      const largest = reportOf(await begin(now), {
        repaired: found,
        withoutSubscription: found,
        byArrangement: found,
        left: found,
        withoutSite: listed(subscriptionIds),
      })
      expect(found).toEqual({ count: 1500, first: siteIds.slice(0, 500) })
      // The limit of DynamoDB, which not every engine keeps: names and numbers besides are some hundred bytes.
      expect(Buffer.byteLength(JSON.stringify(largest))).toBeLessThan(300 * 1024)
      await finish(largest)
      expect((await read()).report).toEqual(largest)
    })

    test('that a later version has reported are refused, and no key is told', async () => {
      const content = { ...reportOf(1), schemaVersion: 2 }
      await putItem(store, { ...billingReportKey, kind: 'billing-report', run: 1, beganAt: now, content })
      await expect(on(store).read()).rejects.toMatchObject({
        kind: 'Unavailable',
        message: 'A stored billing-report was written by another version of Sitewright. Update this one.',
      })
    })
  })
}
