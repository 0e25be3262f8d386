import { describe, expect, test } from 'vitest'
import { eventKey } from '../../../../adapters/dynamodb/keys.ts'
import { createStorageReadings, rememberedMeter } from '../../../../adapters/ecs/archiver-meter.ts'
import { fixCurrency, openBilling } from '../../../../lambdas/accounts/account.ts'
import { createAccountChanges } from '../../../../lambdas/accounts/store.ts'
import type { CheckoutRecord, PaymentNotice } from '../../../../lambdas/billing/payment-notice.ts'
import { createCheckouts, createPaymentNotices, paymentKey } from '../../../../lambdas/billing/store.ts'
import { notePayment } from '../../../../lambdas/billing/webhook-api.ts'
import { loseReply } from '../intercept.ts'
import { clocks, completion, context, newSignup, now, randomness } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import { type OpenTestStore, storedItem, type TestStore } from '../test-store.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** What buying keeps: checkouts, an account's customer, what Stripe has told, and what sites were measured to store. */
export const paymentRecords = (open: OpenTestStore): void => {
  describe('what buying keeps', () => {
    const store = storeForAll(open)

    const writing = (on: TestStore) => ({ client: on.document, tables: on.tables, outbox: true })
    const openAccount = async () => {
      const done = completion(newSignup())
      await store.signups.create(done.signup)
      expect(await store.signups.complete(done)).toBe('done')
      return done.opening.account
    }

    describe('a checkout', () => {
      const newRecord = (facts: Partial<CheckoutRecord> = {}): CheckoutRecord => ({
        schemaVersion: 1,
        siteId: randomness.id('site'),
        version: 1,
        customerId: 'cus_1',
        plan: 'starter',
        interval: 'month',
        currency: 'EUR',
        amount: 1900,
        ...facts,
      })

      test('is found as it was begun, and with its session once that is noted', async () => {
        const checkouts = createCheckouts(writing(store))
        const record = newRecord()
        expect(await checkouts.find(record.siteId)).toBeUndefined()
        expect(await checkouts.begin(record)).toBe(true)
        expect(await checkouts.find(record.siteId)).toEqual(record)
        const noted = { ...record, sessionId: 'cs_1' }
        expect([await checkouts.noteSession(noted), await checkouts.noteSession(noted)]).toEqual([true, true])
        expect(await checkouts.find(record.siteId)).toEqual(noted)
      })

      test('is begun by one of many at the same moment', async () => {
        const checkouts = createCheckouts(writing(store))
        const first = newRecord()
        const begun = await Promise.all(Array.from({ length: 5 }, () => checkouts.begin(first)))
        expect(begun.filter(Boolean)).toHaveLength(1)
        const next = await Promise.all(Array.from({ length: 5 }, () => checkouts.begin({ ...first, version: 2 })))
        expect(next.filter(Boolean)).toHaveLength(1)
        expect(await checkouts.begin({ ...first, version: 4 })).toBe(false)
      })

      test('replaces one without a session only while it has none', async () => {
        const checkouts = createCheckouts(writing(store))
        const [unopened, opened] = [newRecord(), newRecord()]
        for (const record of [unopened, opened]) await checkouts.begin(record)
        await checkouts.noteSession({ ...opened, sessionId: 'cs_1' })
        expect(await checkouts.begin({ ...unopened, version: 2 }, 'unopened')).toBe(true)
        expect(await checkouts.begin({ ...opened, version: 2 }, 'unopened')).toBe(false)
        expect(await checkouts.begin({ ...opened, version: 2 })).toBe(true)
      })

      test('takes no session of another one, and no second one', async () => {
        const checkouts = createCheckouts(writing(store))
        const first = newRecord()
        await checkouts.begin(first)
        const second = { ...first, version: 2, plan: 'growth' }
        await checkouts.begin(second)
        expect(await checkouts.noteSession({ ...first, sessionId: 'cs_1' })).toBe(false)
        expect(await checkouts.noteSession({ ...second, sessionId: 'cs_2' })).toBe(true)
        expect(await checkouts.noteSession({ ...second, sessionId: 'cs_3' })).toBe(false)
        expect(await checkouts.find(first.siteId)).toEqual({ ...second, sessionId: 'cs_2' })
      })
    })

    describe('an account', () => {
      test('gets its customer and its currency once each, with an event', async () => {
        const changes = createAccountChanges(writing(store))
        const account = await openAccount()
        const opened = openBilling(account, 'cus_1', context)!
        expect(await changes.commit(opened)).toBe(true)
        expect(await store.accounts.get(account.id)).toEqual({ ...account, customerId: 'cus_1', version: 2 })
        expect(await changes.commit(openBilling(account, 'cus_2', context)!)).toBe(false)
        expect(openBilling(opened.after, 'cus_2', context)).toBeUndefined()
        const fixed = fixCurrency(opened.after, 'EUR', context)!
        expect(await changes.commit(fixed)).toBe(true)
        expect(fixCurrency(fixed.after, 'USD', context)).toBeUndefined()
        expect(await store.accounts.get(account.id)).toMatchObject({ currency: 'EUR', version: 3 })
        expect(await storedItem(store, eventKey(fixed.event.aggregate, 3))).toMatchObject({
          content: { type: 'AccountCurrencyFixed', data: { customerId: 'cus_1', currency: 'EUR' } },
        })
      })

      test('gets another customer in place of one that is gone, once, and keeps its currency', async () => {
        const changes = createAccountChanges(writing(store))
        const opened = openBilling(await openAccount(), 'cus_1', context)!
        const fixed = fixCurrency(opened.after, 'EUR', context)!
        for (const change of [opened, fixed]) expect(await changes.commit(change)).toBe(true)
        expect(openBilling(fixed.after, 'cus_2', context, 'cus_0')).toBeUndefined()
        const replaced = openBilling(fixed.after, 'cus_2', context, 'cus_1')!
        expect(await changes.commit(replaced)).toBe(true)
        expect(openBilling(replaced.after, 'cus_2', context, 'cus_1')).toBeUndefined()
        expect(openBilling(replaced.after, 'cus_2', context, 'cus_2')).toBeUndefined()
        expect(await store.accounts.get(fixed.after.id)).toMatchObject({
          customerId: 'cus_2',
          currency: 'EUR',
          version: 4,
        })
        expect(await storedItem(store, eventKey(replaced.event.aggregate, 4))).toMatchObject({
          content: { type: 'AccountBillingOpened', data: { customerId: 'cus_2' } },
        })
      })

      test('is changed once where a reply was lost', async () => {
        const account = await openAccount()
        using faulty = await open({ tables: store.tables })
        const { wasLost } = loseReply(faulty.engine, 'TransactWriteItems', 'repeats-to-forgetful')
        const change = openBilling(account, 'cus_1', context)!
        expect(await createAccountChanges(writing(faulty)).commit(change)).toBe(true)
        expect(wasLost()).toBe(true)
        expect(await store.accounts.get(account.id)).toEqual(change.after)
      })
    })

    describe('what Stripe has told', () => {
      const newNotice = (): PaymentNotice => ({
        id: `evt_${randomness.id('req').slice(-26)}`,
        type: 'invoice.paid',
        isLive: false,
        customerId: 'cus_1',
      })
      const note = (on: TestStore, notice: PaymentNotice) =>
        notePayment(
          {
            paymentNotices: createPaymentNotices(writing(on)),
            paymentsAreLive: false,
            clocks,
            randomness,
            log: silent,
          },
          notice,
        )
      const eventsOf = async ({ id }: PaymentNotice) =>
        (await store.outbox.pending()).filter(({ aggregate }) => aggregate === paymentKey(id).pk)

      test('is kept once, with one event, however often and at once it is told', async () => {
        const notice = newNotice()
        const outcomes = await Promise.all(Array.from({ length: 5 }, () => note(store, notice)))
        expect(outcomes.toSorted()).toEqual(['kept', 'known', 'known', 'known', 'known'])
        expect(await note(store, notice)).toBe('known')
        expect(await eventsOf(notice)).toHaveLength(1)
        expect(await storedItem(store, paymentKey(notice.id))).toMatchObject({ content: notice, receivedAt: now })
      })

      test('is kept once where a reply was lost', async () => {
        const notice = newNotice()
        using faulty = await open({ tables: store.tables })
        loseReply(faulty.engine, 'TransactWriteItems', 'gives-up')
        await expect(note(faulty, notice)).rejects.toThrow('the reply was lost')
        expect(await note(faulty, notice)).toBe('known')
        expect(await eventsOf(notice)).toHaveLength(1)
      })
    })

    test('the measured size of a site is stored for its present data directory alone', async () => {
      const home = { siteId: randomness.id('site'), cell: 'local', generation: 2 }
      const remembered = rememberedMeter(writing(store))
      const readings = createStorageReadings(writing(store))
      expect(await remembered.measure(home)).toBeUndefined()
      await readings.note(home, { bytes: 5000, at: now })
      expect(await readings.find(home)).toMatchObject({ bytes: 5000, at: now })
      expect(await remembered.measure(home)).toBe(5000)
      expect(await remembered.measure({ ...home, generation: 3 })).toBeUndefined()
    })
  })
}
