import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { removeExpired } from '../../../../adapters/dynamodb/embedded.ts'
import { isErrorOfKind } from '../../../../core/errors.ts'
import { plusDays } from '../../../../core/instant.ts'
import type { Refusal } from '../../../../lambdas/operators/audit/audit-entry.ts'
import type { AuditLog, AuditQuery, RefusalCounts } from '../../../../lambdas/operators/audit/ports.ts'
import { auditKey, createAuditLog, createRefusalCounts } from '../../../../lambdas/operators/audit/store.ts'
import { completion, newEntry, newSignup, randomness } from '../made-changes.ts'
import { type OpenTestStore, storedItem, type TestStore } from '../test-store.ts'

const at = (minute: number) => `2026-03-01T12:${String(minute).padStart(2, '0')}:00.000Z`
const newestFirst = { order: 'newest first', limit: 10 } as const

/** All pages of a query. */
const readAll = async (log: AuditLog, query: AuditQuery) => {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await log.page({ ...query, cursor })
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.cursor
  } while (cursor !== undefined)
  return ids
}

export const auditLog = (open: OpenTestStore): void => {
  describe('the audit log', () => {
    let store: TestStore
    let log: AuditLog
    let refusals: RefusalCounts
    beforeAll(async () => {
      store = await open()
      log = createAuditLog({ client: store.document, tables: store.tables })
      refusals = createRefusalCounts({ client: store.document, tables: store.tables })
    })
    afterAll(() => store?.close())

    test('is read by time, person and target, in pages of either order', async () => {
      const who = { kind: 'operator', id: 'op_1', role: 'support' } as const
      const entries = [10, 11, 12, 13, 14].map((minute) =>
        newEntry({ at: at(minute), ...(minute % 2 === 0 ? { who, targets: ['site_a', 'acct_b'] } : {}) }),
      )
      for (const entry of entries) await log.append(entry)
      const ids = entries.map(({ id }) => id)
      const [ten, eleven, twelve, thirteen, fourteen] = ids

      expect((await log.page({ ...newestFirst, limit: 1 })).items).toEqual([entries[4]])
      expect(await readAll(log, { ...newestFirst, limit: 2 })).toEqual(ids.toReversed())
      expect(await readAll(log, { order: 'oldest first', limit: 3 })).toEqual(ids)
      expect(await readAll(log, { ...newestFirst, from: at(11), until: at(13) })).toEqual([twelve, eleven])
      expect(await readAll(log, { ...newestFirst, who: who.id, limit: 1 })).toEqual([fourteen, twelve, ten])
      expect(await readAll(log, { ...newestFirst, target: 'acct_b', from: at(11) })).toEqual([fourteen, twelve])
      expect(await readAll(log, { ...newestFirst, who: entries[3]!.who.id })).toEqual([thirteen])
      expect(await readAll(log, { ...newestFirst, who: 'op_1', target: 'site_c' })).toEqual([])
      expect(await readAll(log, { ...newestFirst, from: at(13), until: at(11) })).toEqual([])
    })

    test('is read by act, and without what was only read', async () => {
      const from = plusDays(at(0), 1)
      const actions = [
        'operatorGetSite',
        'operatorPurge',
        'operatorListSites',
        'signIn',
        'operatorExportAudit',
        'getSite',
      ]
      for (const action of actions) await log.append(newEntry({ at: from, action }))
      const acts = async (query: Partial<AuditQuery>) =>
        (await log.page({ ...newestFirst, from, ...query })).items.map(({ action }) => action).toSorted()
      expect(await acts({})).toEqual(actions.toSorted())
      expect(await acts({ only: 'changes' })).toEqual(['operatorExportAudit', 'operatorPurge'])
      expect(await acts({ action: 'operatorListSites' })).toEqual(['operatorListSites'])
      expect(await acts({ action: 'operatorListSites', only: 'changes' })).toEqual([])
    })

    test('refuses a cursor that it did not give out, or of another period', async () => {
      const { cursor } = await log.page({ ...newestFirst, limit: 1 })
      for (const query of [
        { cursor: 'x' },
        { cursor: Buffer.from('AUDIT').toString('base64url') },
        { cursor, until: at(11) },
      ]) {
        await expect(log.page({ ...newestFirst, ...query })).rejects.toSatisfy((error) =>
          isErrorOfKind(error, 'InvalidRequest'),
        )
      }
    })

    test('never changes an entry', async () => {
      const entry = newEntry({ at: at(20) })
      await log.append(entry)
      await log.append({ ...entry, action: 'other' })
      expect(await storedItem(store, auditKey(entry), store.tables.audit)).toMatchObject({
        kind: 'audit-entry',
        content: entry,
        expiresAt: Date.parse(plusDays(at(20), 400)) / 1000,
      })
    })

    test('has the sign-in of a session, and of none that was not opened', async () => {
      const done = completion(newSignup())
      expect(await store.signups.complete(done)).toBe('used')
      expect(await storedItem(store, auditKey(done.entry), store.tables.audit)).toBeUndefined()
      await store.signups.create(done.signup)
      expect(await store.signups.complete(done)).toBe('done')
      expect(await storedItem(store, auditKey(done.entry), store.tables.audit)).toMatchObject({ content: done.entry })
      const end = newEntry({ action: 'signOut' })
      await store.sessions.end(done.session.tokenHash, end)
      expect(await storedItem(store, auditKey(end), store.tables.audit)).toMatchObject({ content: end })
    })

    test('loses entries when their time is over', async () => {
      const parts = { client: store.document, tables: store.tables }
      const short = newEntry({ at: '2020-01-01T00:00:00.000Z' })
      await log.append(short)
      await removeExpired(parts, plusDays(short.at, 400))
      expect(await storedItem(store, auditKey(short), store.tables.audit)).toBeDefined()
      await removeExpired(parts, plusDays(short.at, 401))
      expect(await storedItem(store, auditKey(short), store.tables.audit)).toBeUndefined()
      expect((await log.page(newestFirst)).items.length).toBeGreaterThan(5)
    })

    const newRefusal = (hour: string): Refusal => ({
      schemaVersion: 1,
      who: { kind: 'person', id: randomness.id('prsn') },
      problem: 'urn:sitewright:problem:not-found',
      hour,
      from: { network: '192.0.2.1' },
    })

    test('gets refusals once their hour has ended, with their count', async () => {
      const [hour, next] = ['2026-02-01T12:00:00.000Z', '2026-02-01T13:00:00.000Z']
      const one = newRefusal(hour)
      const endedBefore = async (instant: string) => {
        const ended: unknown[] = []
        for await (const refusal of refusals.ended(instant)) ended.push(refusal)
        return ended
      }
      await Promise.all(Array.from({ length: 5 }, () => refusals.count(one)))
      await refusals.count(newRefusal(next))
      expect(await endedBefore(hour)).toEqual([])
      expect(await endedBefore(next)).toEqual([{ ...one, count: 5 }])

      const entry = newEntry({ action: 'refused', refused: { problem: one.problem, hour, count: 5 } })
      await refusals.count(one)
      expect(await refusals.enter({ ...one, count: 5 }, entry)).toBe(false)
      expect(await storedItem(store, auditKey(entry), store.tables.audit)).toBeUndefined()
      expect(await refusals.enter({ ...one, count: 6 }, entry)).toBe(true)
      expect(await storedItem(store, auditKey(entry), store.tables.audit)).toMatchObject({ content: entry })
      expect(await refusals.enter({ ...one, count: 6 }, newEntry())).toBe(false)
      expect(await endedBefore(next)).toEqual([])
    })
  })
}
