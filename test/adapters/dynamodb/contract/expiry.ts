import { describe, expect, test } from 'vitest'
import { removeExpired } from '../../../../adapters/dynamodb/embedded.ts'
import { plusDays } from '../../../../core/instant.ts'
import { completion, newSignup, now } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import type { OpenTestStore } from '../test-store.ts'

export const expiry = (open: OpenTestStore): void => {
  describe('what has expired', () => {
    const store = storeForAll(open)

    test('goes, and what has not stays', async () => {
      const done = completion(newSignup())
      await store.signups.create(done.signup)
      await store.signups.complete(done)
      const parts = { client: store.document, tables: store.tables }

      expect(await removeExpired(parts, now)).toBe(0)
      // The sign-up lasts for minutes, the session for thirty days. Each is also found by its person.
      expect(await removeExpired(parts, plusDays(now, 1))).toBe(2)
      expect(await store.signups.get(done.signup.id)).toBeUndefined()
      expect(await store.sessions.find(done.session.tokenHash, now)).toEqual(done.session)
      expect(await removeExpired(parts, plusDays(now, 31))).toBe(2)
      expect(await store.sessions.find(done.session.tokenHash, now)).toBeUndefined()
    })

    test('a sign-up stays for longer where that is asked', async () => {
      const signup = newSignup()
      await store.signups.create(signup, undefined, { keptUntil: plusDays(now, 1) })
      const parts = { client: store.document, tables: store.tables }
      expect(await removeExpired(parts, plusDays(now, 0.5))).toBe(0)
      expect(await store.signups.get(signup.id)).toEqual(signup)
      expect(await removeExpired(parts, plusDays(now, 1.01))).toBe(2)
    })
  })
}
