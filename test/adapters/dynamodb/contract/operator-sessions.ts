import { describe, expect, test } from 'vitest'
import type { OperatorAttempt, OperatorSession } from '../../../../lambdas/operators/operator-session.ts'
import { createOperatorAttempts, createOperatorSessions } from '../../../../lambdas/operators/store.ts'
import { newEntry, now, randomness } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import type { OpenTestStore } from '../test-store.ts'

const newSession = (facts: Partial<OperatorSession> = {}): OperatorSession => ({
  schemaVersion: 1,
  tokenHash: randomness.token(),
  operatorId: `op_${randomness.token()}`,
  email: 'ada@example.com',
  role: 'support',
  listedAs: 'a',
  createdAt: now,
  expiresAt: '2026-03-02T00:00:00.000Z',
  place: { browser: 'Firefox on Linux' },
  ...facts,
})

export const operatorSessions = (open: OpenTestStore): void => {
  describe('a session of an operator', () => {
    const store = storeForAll(open)

    const sessions = () => createOperatorSessions({ client: store.document, tables: store.tables })
    const opened = async (facts: Partial<OperatorSession> = {}): Promise<OperatorSession> => {
      const session = newSession(facts)
      await sessions().open(session, newEntry({ action: 'signIn' }))
      return session
    }

    test('ends half an hour after its last use, and at the latest when it expires', async () => {
      const session = await opened()
      expect(await sessions().find(session.tokenHash, '2026-03-01T12:29:59.999Z')).toEqual(session)
      expect(await sessions().find(session.tokenHash, '2026-03-01T12:30:00.000Z')).toBeUndefined()
      const usedAt = '2026-03-01T23:50:00.000Z'
      expect(await sessions().noteUse(session, usedAt)).toBe(true)
      expect(await sessions().find(session.tokenHash, '2026-03-01T23:59:59.999Z')).toEqual({ ...session, usedAt })
      expect(await sessions().find(session.tokenHash, session.expiresAt)).toBeUndefined()
    })

    test('is opened by a call whose reply was lost and that is repeated', async () => {
      const session = newSession()
      const entry = newEntry({ action: 'signIn' })
      await sessions().open(session, entry)
      await sessions().open(session, entry)
      expect(await sessions().listOf(session.operatorId, now)).toEqual([session])
    })

    test('is listed for its operator alone, until it is ended', async () => {
      const { operatorId, ...session } = await opened()
      const other = await opened({ operatorId })
      await opened()
      const listed = await sessions().listOf(operatorId, now)
      expect(listed).toHaveLength(2)
      await sessions().end({ operatorId, ...session })
      expect(await sessions().listOf(operatorId, now)).toEqual([other])
      expect(await sessions().noteUse({ operatorId, ...session }, now)).toBe(false)
      expect(await sessions().find(session.tokenHash, now)).toBeUndefined()
    })
  })

  describe('a sign-in by code of an operator', () => {
    const store = storeForAll(open)

    const limit = 5
    const attempts = () => createOperatorAttempts({ client: store.document, tables: store.tables })
    const begun = async (): Promise<OperatorAttempt> => {
      const attempt: OperatorAttempt = {
        schemaVersion: 1,
        id: randomness.id('ops'),
        createdAt: now,
        expiresAt: '2026-03-01T12:10:00.000Z',
        tries: 0,
      }
      await attempts().create(attempt)
      return attempt
    }
    const completion = (attempt: OperatorAttempt, step = 1, session = newSession()) => ({
      ...{ attempt, step, session },
      entry: newEntry({ action: 'signIn' }),
    })

    test('counts each of many tries at once, to the limit', async () => {
      const { id } = await begun()
      const results = await Promise.all(Array.from({ length: 9 }, () => attempts().countTry(id, limit, now)))
      expect(results.filter(({ outcome }) => outcome === 'counted')).toHaveLength(limit)
      expect(results.filter(({ outcome }) => outcome === 'exhausted')).toHaveLength(4)
    })

    test('says why a try does not count', async () => {
      const { id, expiresAt } = await begun()
      expect(await attempts().countTry(id, limit, expiresAt)).toEqual({ outcome: 'expired' })
      expect(await attempts().countTry(randomness.id('ops'), limit, now)).toEqual({ outcome: 'unknown' })
      const used = await begun()
      await attempts().complete(completion(used))
      expect(await attempts().countTry(used.id, limit, now)).toEqual({ outcome: 'used' })
    })

    test('opens one session with one code', async () => {
      const attempt = await begun()
      const results = await Promise.all([1, 2, 3, 4].map((step) => attempts().complete(completion(attempt, step))))
      expect(results.filter(Boolean)).toHaveLength(1)
    })

    test('opens one session with one password of an operator', async () => {
      const { operatorId } = newSession()
      const results = await Promise.all(
        [await begun(), await begun(), await begun()].map((attempt) =>
          attempts().complete(completion(attempt, 7, newSession({ operatorId }))),
        ),
      )
      expect(results.filter(Boolean)).toHaveLength(1)
      expect(await attempts().complete(completion(await begun(), 8, newSession({ operatorId })))).toBe(true)
    })

    test('whose reply was lost reads as done', async () => {
      const done = completion(await begun())
      expect(await attempts().complete(done)).toBe(true)
      expect(await attempts().complete(done)).toBe(true)
    })
  })
}
