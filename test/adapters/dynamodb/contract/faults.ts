import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { siteKey } from '../../../../adapters/dynamodb/keys.ts'
import { isErrorOfKind } from '../../../../core/errors.ts'
import { createRateWindows } from '../../../../lambdas/rate-limits/store.ts'
import { conflict, conflictOfUpdates, loseReply } from '../intercept.ts'
import { claim, commit, completion, keyRecord, newSignup, now, owner, readySite, request } from '../made-changes.ts'
import { itemsBelow, type OpenTestStore, type TestStore } from '../test-store.ts'

/**
 * @param engine.kill ends the engine, which comes back by itself.
 * @param engine.isDurable whether it answers only once it has written: DynamoDB Local answers a transaction a moment before,
 *   and forgets it when it is killed in that moment.
 */
export const faults = (open: OpenTestStore, engine: { kill: () => Promise<void>; isDurable: boolean }): void => {
  describe('with faults on the way', () => {
    let store: TestStore
    /** The same tables through a client that has the fault. */
    let faulty: TestStore
    beforeEach(async () => {
      store ??= await open()
      faulty = await open({ tables: store.tables })
    })
    afterEach(() => {
      faulty?.close()
      vi.restoreAllMocks()
    })

    const eventCount = async (id: Parameters<typeof siteKey>[0]): Promise<number> =>
      (await itemsBelow(store, siteKey(id).pk)).filter(({ kind }) => kind === 'event').length

    test.each(['repeats', 'repeats-to-forgetful'] as const)(
      'a commit whose reply is lost, where the SDK %s, is done once',
      async (sdk) => {
        const change = claim(await readySite(store), owner(), keyRecord('site_x'))
        const { wasLost } = loseReply(faulty.engine, 'TransactWriteItems', sdk)
        expect(await faulty.sites.commit(change)).toEqual({ done: true })
        expect(wasLost()).toBe(true)
        expect(await store.sites.get(change.after.id)).toEqual(change.after)
        expect(await eventCount(change.after.id)).toBe(change.after.version)
      },
    )

    test('a commit whose reply is lost permanently is done when it is repeated', async () => {
      const change = claim(await readySite(store), owner(), keyRecord('site_x'))
      loseReply(faulty.engine, 'TransactWriteItems', 'gives-up')
      await expect(faulty.sites.commit(change)).rejects.toThrow('the reply was lost')
      expect(await faulty.sites.commit(change)).toEqual({ done: true })
      expect(await eventCount(change.after.id)).toBe(change.after.version)
    })

    test.each(['repeats', 'repeats-to-forgetful'] as const)(
      'a sign-up whose replies are lost, where the SDK %s, is created and completed',
      async (sdk) => {
        const done = completion(newSignup())
        loseReply(faulty.engine, 'TransactWriteItems', sdk)
        expect(await faulty.signups.create(done.signup, keyRecord(done.signup.id))).toBe('created')
        using again = await open({ tables: store.tables })
        loseReply(again.engine, 'TransactWriteItems', sdk)
        expect(await again.signups.complete(done)).toBe('done')
        expect(await store.sessions.find(done.session.tokenHash, now)).toEqual(done.session)
      },
    )

    test('a try whose reply is lost counts', async () => {
      const signup = newSignup()
      await store.signups.create(signup)
      loseReply(faulty.engine, 'UpdateItem', 'repeats')
      expect(await faulty.signups.countTry(signup.id, 5, now)).toMatchObject({ outcome: 'counted' })
      expect((await store.signups.get(signup.id))?.tries).toBeGreaterThanOrEqual(1)
    })

    test.each([
      ['a transaction on the same items', ['TransactionConflict', 'None']],
      ['a conflict beside a condition that seems not to hold', ['TransactionConflict', 'ConditionalCheckFailed']],
      ['a throttled item', ['ThrottlingError', 'None']],
    ])('%s is waited out', async (_, codes) => {
      vi.spyOn(Math, 'random').mockReturnValue(0)
      const change = request()
      const { left } = conflict(faulty.engine, { times: 3, codes })
      expect(await faulty.sites.commit(change)).toEqual({ done: true })
      expect(left()).toBe(0)
      expect(await eventCount(change.after.id)).toBe(1)
    })

    test('a try that meets a transaction on its sign-up waits it out, and counts once', async () => {
      vi.spyOn(Math, 'random').mockReturnValue(0)
      const signup = newSignup()
      await store.signups.create(signup)
      const { left } = conflictOfUpdates(faulty.engine, 3)
      expect(await faulty.signups.countTry(signup.id, 5, now)).toMatchObject({ signup: { tries: 1 } })
      expect(left()).toBe(0)
    })

    test('a window that meets a sign-up of the same address waits it out, and counts once', async () => {
      vi.spyOn(Math, 'random').mockReturnValue(0)
      const { left } = conflictOfUpdates(faulty.engine, 3)
      const { count } = createRateWindows({ client: faulty.document, tables: faulty.tables })
      expect(await count([{ key: newSignup().id, endsAt: now }])).toEqual([1])
      expect(left()).toBe(0)
    })

    test('a conflict that does not end is aborted, with nothing written', async () => {
      vi.spyOn(Math, 'random').mockReturnValue(0)
      const change = request()
      conflict(faulty.engine, { times: Number.POSITIVE_INFINITY })
      await expect(faulty.sites.commit(change)).rejects.toSatisfy((error) => isErrorOfKind(error, 'Unavailable'))
      expect(await store.sites.get(change.after.id)).toBeUndefined()
    })

    test('a transaction that is cancelled for another reason is not repeated', async () => {
      const { left } = conflict(faulty.engine, { times: 2, codes: ['ValidationError'] })
      await expect(faulty.sites.commit(request())).rejects.toThrow('Transaction cancelled')
      expect(left()).toBe(1)
    })

    test('an engine that is killed in the middle costs time and nothing else', { timeout: 600_000 }, async () => {
      // It may take longer to start than the client is patient.
      vi.spyOn(performance, 'now').mockReturnValue(0)
      const before = await commit(store, request())
      const changes = Array.from({ length: 50 }, () => request({ ownership: owner() }))
      const commits = changes.map((change, index) =>
        (index === 25 ? engine.kill() : Promise.resolve()).then(() => faulty.sites.commit(change)),
      )
      const done = changes.map(() => ({ done: true }))
      expect(await Promise.all(commits)).toEqual(done)
      if (!engine.isDurable) expect(await Promise.all(changes.map(faulty.sites.commit))).toEqual(done)
      for (const { after } of changes) {
        expect(await faulty.sites.get(after.id)).toEqual(after)
        expect(await eventCount(after.id)).toBe(1)
      }
      expect(await faulty.sites.get(before.id)).toEqual(before)
    })
  })
}
