import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { getItem } from '../../../../adapters/dynamodb/item.ts'
import * as keys from '../../../../adapters/dynamodb/keys.ts'
import type { AccountId } from '../../../../core/ids.ts'
import type { ChangedHour, ChangedRows, ReportRows } from '../../../../lambdas/reports/ports.ts'
import type { AccountOrigin, EventRow } from '../../../../lambdas/reports/report-row.ts'
import {
  createAccountRebuilds,
  createChangedRows,
  createEventHistory,
  createReportAccounts,
  createReportRows,
} from '../../../../lambdas/reports/store.ts'
import { commit, newAccountId, owner, randomness, request } from '../made-changes.ts'
import { type OpenTestStore, putItem, storedItem, type TestStore } from '../test-store.ts'

const at = (hour: number): string => `2026-05-01T${String(hour).padStart(2, '0')}:12:00.000Z`
const keptUntil = '2026-06-05T00:00:00.000Z'

const origin: AccountOrigin = { schemaVersion: 1, secret: 's', offer: 'default', signedUpAt: at(1) }
const event = (id: string, hour: number, type = 'SiteClaimed'): EventRow => ({
  ...{ id, at: at(hour), type, account: 'a', offer: 'default', signedUpAt: at(1) },
})

export const reports = (open: OpenTestStore): void => {
  describe('rows of reports', () => {
    let store: TestStore
    let rows: ReportRows
    let changed: ChangedRows
    beforeAll(async () => {
      store = await open()
      const database = { client: store.document, tables: store.tables }
      rows = createReportRows(database)
      changed = createChangedRows(database)
    })
    afterAll(() => store?.close())

    const collect = async <Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> => {
      const found: Item[] = []
      for await (const item of items) found.push(item)
      return found
    }
    const hourOf = async (table: string, hour: string): Promise<ChangedHour | undefined> =>
      (await collect(changed.hours())).find((one) => one.table === table && one.hour === hour)

    test('are written once, in their hour, and expire', async () => {
      await rows.put('events', { id: 'one', row: event('one', 2), keptUntil })
      await rows.put('events', { id: 'two', row: event('two', 2), keptUntil })
      await rows.put('events', { id: 'one', row: event('one', 2, 'SitePurged'), keptUntil })
      await rows.put('events', { id: 'three', row: event('three', 3), keptUntil })
      const found = await collect(changed.rows((await hourOf('events', '2026-05-01T02'))!))
      expect(found).toEqual([event('one', 2, 'SitePurged'), event('two', 2)])
      const item = await storedItem(store, { pk: 'ROWS#events#2026-05-01T02', sk: 'one' }, store.tables.short)
      expect(item).toMatchObject({ kind: 'report-row', schemaVersion: 1, expiresAt: Date.parse(keptUntil) / 1000 })
    })

    test('are settled unless their hour has changed meanwhile', async () => {
      await rows.put('events', { id: 'one', row: event('one', 5), keptUntil })
      const first = (await hourOf('events', '2026-05-01T05'))!
      await rows.put('events', { id: 'two', row: event('two', 5), keptUntil })
      await changed.settle(first)
      const second = (await hourOf('events', '2026-05-01T05'))!
      expect(second.changes).toBeGreaterThan(first.changes)
      await changed.settle(second)
      await changed.settle(second)
      expect(await hourOf('events', '2026-05-01T05')).toBeUndefined()
      expect(await collect(changed.rows(second))).toHaveLength(2)
    })

    test('of visits count by combination, and only in a row that exists unless a new one may be made', async () => {
      const visit = { at: '2026-05-01T07:00:00.000Z', offer: 'schools', campaign: 'spring' }
      const may = (mayBeNew: boolean) => ({ mayBeNew, keptUntil })
      expect(await rows.countVisit(visit, may(false))).toBe(false)
      expect(await hourOf('visits', '2026-05-01T07')).toBeUndefined()
      expect(await rows.countVisit(visit, may(true))).toBe(true)
      await Promise.all(Array.from({ length: 5 }, () => rows.countVisit(visit, may(false))))
      expect(await rows.countVisit({ ...visit, variant: 'short' }, may(true))).toBe(true)
      const found = await collect(changed.rows((await hourOf('visits', '2026-05-01T07'))!))
      expect(found).toHaveLength(2)
      expect(found).toEqual(
        expect.arrayContaining([
          { ...visit, visits: 6 },
          { ...visit, variant: 'short', visits: 1 },
        ]),
      )
    })

    test('of an account are connected to it by one secret, until it is erased', async () => {
      const database = { client: store.document, tables: store.tables }
      const accounts = createReportAccounts(database)
      const open = async (closure?: object): Promise<AccountId> => {
        const id = newAccountId()
        await putItem(store, { ...keys.accountKey(id), kind: 'account', content: { id, ...(closure && { closure }) } })
        return id
      }
      const id = await open()
      expect(await accounts.get(id)).toBeUndefined()
      await accounts.create(id, origin)
      await accounts.create(id, { ...origin, secret: 'another' })
      expect(await accounts.get(id)).toEqual(origin)
      const forget = async () => {
        await accounts.forget(id, '2026-03-15T12:00:00.000Z')
        const item = await getItem(store.document, store.tables.short, keys.reportAccountKey(id))
        expect(item).toMatchObject({ expiresAt: Date.parse('2026-03-15T12:00:00.000Z') / 1000 })
        expect(await getItem(store.document, store.tables.main, keys.reportAccountKey(id))).toBeUndefined()
        // Late events still find it.
        expect(await accounts.get(id)).toEqual(origin)
      }
      await forget()
      await forget()
      for (const other of [await open({ state: 'erased' }), newAccountId()]) {
        await accounts.create(other, origin)
        expect(await accounts.get(other)).toBeUndefined()
      }
      const closed = await open({ state: 'closed' })
      await accounts.create(closed, origin)
      expect(await accounts.get(closed)).toEqual(origin)
    })

    test('are made again for each account once in a rebuild', async () => {
      const database = { client: store.document, tables: store.tables }
      const [accounts, rebuilds] = [createReportAccounts(database), createAccountRebuilds(database)]
      const [first, second] = ['2026-05-01T05:00:00.000Z', '2026-05-02T05:00:00.000Z']
      const ids = [newAccountId(), newAccountId(), newAccountId()]
      for (const id of ids) {
        await putItem(store, { ...keys.accountKey(id), kind: 'account', content: { id } })
        await accounts.create(id, origin)
      }
      const due = async (began: string) => (await collect(rebuilds.due(began))).filter((id) => ids.includes(id))
      expect(await due(first)).toEqual(ids.toSorted())
      await rebuilds.note(ids[0]!, first)
      expect(await due(first)).toEqual([ids[1], ids[2]].toSorted())
      await rebuilds.note(ids[1]!, second)
      expect(await due(second)).toEqual([ids[2], ids[0]])
      await accounts.forget(ids[2]!, at(3))
      await rebuilds.note(ids[2]!, second)
      expect([await due(second), await accounts.get(ids[2]!)]).toEqual([[ids[0]], origin])
      expect(await accounts.get(ids[0]!)).toEqual(origin)
    })

    test('can be made again from the events of a site', async () => {
      const { id } = await commit(store, request({ ownership: owner() }))
      const history = createEventHistory({ client: store.document, tables: store.tables })
      expect((await collect(history.list({ type: 'site', id }))).map(({ type }) => type)).toEqual(['SiteRequested'])
      expect(await collect(history.list({ type: 'lead', id: randomness.id('acct') }))).toEqual([])
    })
  })
}
