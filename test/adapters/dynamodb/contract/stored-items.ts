import { describe, expect, test } from 'vitest'
import { idempotencyKey } from '../../../../adapters/dynamodb/idempotency.ts'
import * as keys from '../../../../adapters/dynamodb/keys.ts'
import { isErrorOfKind } from '../../../../core/errors.ts'
import { commit, completion, keyRecord, newSignup, now, owner, request } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import { itemsBelow, type OpenTestStore, putItem, storedItem } from '../test-store.ts'

export const storedItems = (open: OpenTestStore): void => {
  describe('an item', () => {
    const store = storeForAll(open)

    const signedUp = async () => {
      const done = completion(newSignup())
      await store.signups.create(done.signup, keyRecord(done.signup.id))
      await store.signups.complete(done)
      return done
    }

    /** The item as a later version of Sitewright would have written it. */
    const fromLater = async (key: keys.Key, table = store.tables.main): Promise<void> => {
      const item = (await storedItem(store, key, table))!
      const versioned = 'content' in item ? { content: { ...(item['content'] as object), schemaVersion: 2 } } : {}
      await putItem(store, { ...item, ...versioned, schemaVersion: 2 }, table)
    }

    const reads: readonly [string, () => Promise<() => Promise<unknown>>][] = [
      [
        'site',
        async () => {
          const { id } = await commit(store, request())
          await fromLater(keys.siteKey(id))
          return () => store.sites.get(id)
        },
      ],
      [
        'host',
        async () => {
          const ownership = owner()
          await commit(store, request({ ownership }))
          await fromLater(keys.hostKey(ownership.hostname))
          return () => store.sites.findByHostname(ownership.hostname)
        },
      ],
      [
        'site in a listing',
        async () => {
          const ownership = owner()
          const { id } = await commit(store, request({ ownership }))
          await fromLater(keys.siteKey(id))
          return () => store.sites.listByAccount(ownership.accountId, { limit: 5 })
        },
      ],
      [
        'sign-up',
        async () => {
          const signup = newSignup()
          await store.signups.create(signup)
          await fromLater(keys.signupKey(signup.id), store.tables.short)
          return () => store.signups.get(signup.id)
        },
      ],
      [
        'session',
        async () => {
          const { session } = await signedUp()
          await fromLater(keys.sessionKey(session.tokenHash), store.tables.short)
          return () => store.sessions.find(session.tokenHash, now)
        },
      ],
      [
        'person',
        async () => {
          const { session } = await signedUp()
          await fromLater(keys.personKey(session.personId))
          return () => store.accounts.getPerson(session.personId)
        },
      ],
      [
        'account',
        async () => {
          const { session } = await signedUp()
          await fromLater(keys.accountKey(session.accountId))
          return () => store.accounts.getOwner(session.accountId)
        },
      ],
      [
        'address',
        async () => {
          const { signup } = await signedUp()
          await fromLater(keys.emailKey(signup.emailHash))
          return () => store.accounts.findByEmailHash(signup.emailHash)
        },
      ],
    ]

    test.each(reads)('that a later version wrote, a %s, is refused with what to do', async (_, prepare) => {
      const read = await prepare()
      const error = await read().then(
        () => undefined,
        (reason: unknown) => reason,
      )
      expect(isErrorOfKind(error, 'Unavailable')).toBe(true)
      expect(String(error)).toMatch(/written by another version of Sitewright.*update/i)
      expect(String(error)).not.toMatch(/#|hash/)
    })

    test('of any kind carries its schema version', async () => {
      const ownership = owner()
      const idempotency = keyRecord('site_x')
      const { id } = await commit(store, request({ ownership, idempotency }))
      const { signup, session, opening } = await signedUp()
      const { main, short } = store.tables
      const items = [
        ...(await itemsBelow(store, keys.siteKey(id).pk)),
        ...(await itemsBelow(store, keys.accountKey(opening.account.id).pk)),
        await storedItem(store, keys.hostKey(ownership.hostname), main),
        await storedItem(store, keys.trialKey(ownership.accountId), main),
        await storedItem(store, keys.emailKey(signup.emailHash), main),
        await storedItem(store, keys.personKey(opening.person.id), main),
        await storedItem(store, idempotencyKey(idempotency.key), short),
        await storedItem(store, keys.signupKey(signup.id), short),
        await storedItem(store, keys.sessionKey(session.tokenHash), short),
      ]
      for (const item of items) {
        const { kind, content, schemaVersion } = item as { kind: string; content?: object; schemaVersion?: number }
        expect({ kind, schemaVersion, ...content }).toMatchObject({ kind, schemaVersion: 1 })
      }
    })

    test('that may vanish says when, in whole seconds', async () => {
      const { signup, session } = await signedUp()
      const expiryOf = async (key: keys.Key) => (await storedItem(store, key, store.tables.short))?.['expiresAt']
      expect(await expiryOf(keys.signupKey(signup.id))).toBe(Date.parse(signup.expiresAt) / 1000)
      expect(await expiryOf(keys.sessionKey(session.tokenHash))).toBe(Date.parse('2026-03-15T12:00:00.000Z') / 1000)
    })
  })
}
