import { describe, expect, test } from 'vitest'
import { accountKey, eventKey, memberKey } from '../../../../adapters/dynamodb/keys.ts'
import { createRateWindows } from '../../../../lambdas/rate-limits/store.ts'
import type { Signup } from '../../../../lambdas/signup/signup.ts'
import { completion, keyRecord, later, newEntry, newSignup, newSlug, now, randomness } from '../made-changes.ts'
import { storeForAll } from '../store-for-all.ts'
import { type OpenTestStore, storedItem } from '../test-store.ts'

const limit = 5

export const signups = (open: OpenTestStore): void => {
  describe('a sign-up', () => {
    const store = storeForAll(open)

    const created = async (facts: Partial<Signup> = {}): Promise<Signup> => {
      const signup = newSignup(facts)
      expect(await store.signups.create(signup)).toBe('created')
      return signup
    }

    test('is found as it was created', async () => {
      const signup = await created({ name: 'Ada', company: 'Engines', attribution: { source: 'a page' } })
      expect(await store.signups.get(signup.id)).toEqual(signup)
      expect(await store.signups.get(randomness.id('sgn'))).toBeUndefined()
    })

    test('of a key that was used is not created', async () => {
      const [first, second] = [newSignup(), newSignup()]
      const key = newSlug()
      expect(await store.signups.create(first, keyRecord(first.id, key))).toBe('created')
      expect(await store.signups.create(second, keyRecord(second.id, key))).toBe('taken')
      expect(await store.signups.get(second.id)).toBeUndefined()
      expect(await store.idempotency.find(keyRecord('', key).key)).toMatchObject({ created: first.id })
    })

    test('of one key, wanted by many at once, is created once', async () => {
      const key = newSlug()
      const results = await Promise.all(
        Array.from({ length: 5 }, () => newSignup()).map((signup) =>
          store.signups.create(signup, keyRecord(signup.id, key)),
        ),
      )
      expect(results.filter((result) => result === 'created')).toHaveLength(1)
    })

    test('created again by the same call, whose reply was lost, reads as created', async () => {
      const signup = newSignup()
      const record = keyRecord(signup.id)
      expect(await store.signups.create(signup, record)).toBe('created')
      expect(await store.signups.create(signup, record)).toBe('created')
    })

    test('counts its windows, and is not created at the limit of one', async () => {
      const [short, day] = [randomness.token(), randomness.token()]
      const within = { key: day, endsAt: later }
      const windows = [
        { key: short, endsAt: later, within, limit: 2 },
        { ...within, within, limit: 5 },
      ]
      const create = (signup: Signup, key?: string) =>
        store.signups.create(signup, key === undefined ? undefined : keyRecord(signup.id, key), { windows })
      const [key, last] = [newSlug(), newSignup()]
      expect(await create(newSignup(), key)).toBe('created')
      expect(await create(newSignup())).toBe('created')
      expect(await create(last)).toBe('limited')
      expect(await create(newSignup(), key)).toBe('taken')
      expect(await store.signups.get(last.id)).toBeUndefined()
      const { read } = createRateWindows({ client: store.document, tables: store.tables })
      expect(await read(windows)).toEqual([2, 2])
    })

    describe('counts its tries', () => {
      test('and gives the sign-up with the try in it', async () => {
        const signup = await created()
        expect(await store.signups.countTry(signup.id, limit, now)).toEqual({
          outcome: 'counted',
          signup: { ...signup, tries: 1 },
        })
      })

      test('each of those at the same moment, to the limit', async () => {
        const signup = await created()
        const results = await Promise.all(
          Array.from({ length: 10 }, () => store.signups.countTry(signup.id, limit, now)),
        )
        const tries = results.flatMap((result) => (result.outcome === 'counted' ? result.signup.tries : []))
        expect(tries.toSorted()).toEqual([1, 2, 3, 4, 5])
        expect(results.filter(({ outcome }) => outcome === 'exhausted')).toHaveLength(5)
        expect((await store.signups.get(signup.id))?.tries).toBe(limit)
      })

      test('until the instant that it expires at', async () => {
        const { id } = await created()
        expect(await store.signups.countTry(id, limit, '2026-03-01T12:14:59.999Z')).toMatchObject({
          outcome: 'counted',
        })
        expect(await store.signups.countTry(id, limit, later)).toEqual({ outcome: 'expired' })
        expect((await store.signups.get(id))?.tries).toBe(1)
      })

      test('not where nobody began it', async () => {
        expect(await store.signups.countTry(randomness.id('sgn'), limit, now)).toEqual({ outcome: 'unknown' })
      })

      test('not once it was used', async () => {
        const signup = await created()
        await store.signups.complete(completion(signup))
        expect(await store.signups.countTry(signup.id, limit, now)).toEqual({ outcome: 'used' })
      })
    })

    describe('completed', () => {
      test('opens session, person, account and membership, and says so in an event', async () => {
        const signup = await created({ email: `${newSlug()}@example.com` })
        const done = completion(signup)
        const { session, opening } = done
        expect(await store.signups.complete(done)).toBe('done')
        const identity = { personId: opening.person.id, accountId: opening.account.id }
        expect(await store.sessions.find(session.tokenHash, now)).toEqual(session)
        expect(await store.accounts.findByEmailHash(signup.emailHash)).toEqual(identity)
        expect(await store.accounts.getPerson(opening.person.id)).toEqual(opening.person)
        expect(await store.accounts.getOwner(opening.account.id)).toEqual(opening.person)
        expect(await storedItem(store, accountKey(opening.account.id))).toMatchObject({ content: opening.account })
        expect(await storedItem(store, memberKey(opening.account.id, opening.person.id))).toMatchObject({
          content: { role: 'owner' },
        })
        expect(await storedItem(store, eventKey(opening.event.aggregate, 1))).toMatchObject({ content: opening.event })
        expect((await store.signups.get(signup.id))?.usedAt).toBe(now)
      })

      test('of an address that is known opens a session and nothing else', async () => {
        const email = `${newSlug()}@example.com`
        const first = completion(await created({ email }))
        await store.signups.complete(first)
        const { signup, session, entry } = completion(await created({ email }))
        const { personId, accountId } = first.session
        expect(await store.signups.complete({ signup, entry, session: { ...session, personId, accountId } })).toBe(
          'done',
        )
        expect(await store.sessions.find(session.tokenHash, now)).toMatchObject({ personId, accountId })
        expect(await store.accounts.getPerson(session.personId)).toBeUndefined()
      })

      test('again, for another session, is used', async () => {
        const signup = await created()
        await store.signups.complete(completion(signup))
        const { session, entry } = completion(signup)
        expect(await store.signups.complete({ signup, session, entry })).toBe('used')
        expect(await store.sessions.find(session.tokenHash, now)).toBeUndefined()
      })

      test('again by the same call, whose reply was lost, reads as done', async () => {
        const done = completion(await created())
        expect(await store.signups.complete(done)).toBe('done')
        expect(await store.signups.complete(done)).toBe('done')
      })

      test('with an opening for an address that got its account meanwhile leaves the sign-up to be used', async () => {
        const email = `${newSlug()}@example.com`
        await store.signups.complete(completion(await created({ email })))
        const late = completion(await created({ email }))
        expect(await store.signups.complete(late)).toBe('known')
        expect(await store.sessions.find(late.session.tokenHash, now)).toBeUndefined()
        expect(await store.accounts.getPerson(late.opening.person.id)).toBeUndefined()
        const { signup, session, entry } = late
        expect(await store.signups.complete({ signup, session, entry })).toBe('done')
      })

      test('by two at once is done for one of them', async () => {
        const signup = await created()
        const results = await Promise.all([completion(signup), completion(signup)].map(store.signups.complete))
        expect(results.toSorted()).toEqual(['done', 'used'])
      })

      test('at once with another of the same address gives one account', async () => {
        const email = `${newSlug()}@example.com`
        const both = [completion(await created({ email })), completion(await created({ email }))]
        const results = await Promise.all(both.map(store.signups.complete))
        expect(results.toSorted()).toEqual(['done', 'known'])
        const winner = both[results.indexOf('done')]!
        expect(await store.accounts.findByEmailHash(winner.signup.emailHash)).toEqual({
          personId: winner.opening.person.id,
          accountId: winner.opening.account.id,
        })
      })

      test('that nobody began is refused', async () => {
        expect(await store.signups.complete(completion(newSignup()))).toBe('used')
      })
    })

    describe('has led to a session, which', () => {
      const opened = async () => {
        const done = completion(await created())
        await store.signups.complete(done)
        return done.session
      }

      test('is good until it was not used for fourteen days', async () => {
        const session = await opened()
        expect(await store.sessions.find(session.tokenHash, '2026-03-15T11:59:59.999Z')).toEqual(session)
        expect(await store.sessions.find(session.tokenHash, '2026-03-15T12:00:00.000Z')).toBeUndefined()
      })

      test('is good for fourteen days from its last use, and not beyond the instant that it expires at', async () => {
        const session = await opened()
        const used = ['2026-03-14T12:00:00.000Z', '2026-03-27T12:00:00.000Z']
        for (const usedAt of used) expect(await store.sessions.noteUse(session, usedAt)).toBe(true)
        const expected = { ...session, usedAt: used[1] }
        expect(await store.sessions.find(session.tokenHash, '2026-03-31T11:59:59.999Z')).toEqual(expected)
        expect(await store.sessions.listOf(session.personId, later)).toEqual([expected])
        expect(await store.sessions.find(session.tokenHash, session.expiresAt)).toBeUndefined()
      })

      test('is not made again by a use that comes after its end', async () => {
        const session = await opened()
        await store.sessions.end(session.tokenHash, newEntry({ action: 'signOut' }))
        expect(await store.sessions.noteUse(session, later)).toBe(false)
        expect(await store.sessions.find(session.tokenHash, later)).toBeUndefined()
      })

      test('is found by its own token alone', async () => {
        expect(await store.sessions.find('hash of another token', now)).toBeUndefined()
      })

      test('ends, and may be ended again', async () => {
        const { tokenHash } = await opened()
        const entry = newEntry({ action: 'signOut' })
        await store.sessions.end(tokenHash, entry)
        expect(await store.sessions.find(tokenHash, now)).toBeUndefined()
        await store.sessions.end(tokenHash, entry)
      })
    })

    test('of nobody has led to an account', async () => {
      expect(await store.accounts.findByEmailHash('hash of nobody')).toBeUndefined()
      expect(await store.accounts.getOwner(randomness.id('acct'))).toBeUndefined()
      expect(await store.idempotency.find('no such key')).toBeUndefined()
    })
  })
}
