import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { plusMilliseconds } from '../../../../core/instant.ts'
import { createTrialControls, createWaitingList } from '../../../../lambdas/trials/waiting-list/store.ts'
import type {
  InvitedEntry,
  TrialControls,
  WaitingEntry,
  WaitingList,
} from '../../../../lambdas/trials/waiting-list/waiting-entry.ts'
import { loseReply } from '../intercept.ts'
import { newAccountId, now } from '../made-changes.ts'
import type { OpenTestStore, TestStore } from '../test-store.ts'

const at = (seconds: number) => plusMilliseconds(now, seconds * 1000)
const asked = (accountId = newAccountId(), blueprint = 'welcome') => ({ accountId, blueprint })
const invited = (entry: WaitingEntry, seconds: number): InvitedEntry => ({
  ...entry,
  status: 'invited',
  until: at(seconds),
})

export const waitingList = (open: OpenTestStore): void => {
  const stores: TestStore[] = []
  let store: TestStore
  let list: WaitingList
  const opened = async (options?: Parameters<OpenTestStore>[0]): Promise<TestStore> => {
    const one = await open(options)
    stores.push(one)
    return one
  }
  afterAll(() => {
    for (const one of stores) one.close()
  })

  describe('the waiting list', () => {
    beforeEach(async () => {
      store = await opened()
      list = createWaitingList({ client: store.document, tables: store.tables })
    })

    test('has people in the order in which they came, each once', async () => {
      const accounts = [newAccountId(), newAccountId(), newAccountId()]
      for (const [index, accountId] of accounts.entries()) await list.join(asked(accountId), at(100 - index))
      const again = await list.join(asked(accounts[0]), at(0))
      expect(again).toMatchObject({ accountId: accounts[0], joinedAt: at(100) })
      expect((await list.first({ blueprint: 'welcome' }, 10)).map(({ accountId }) => accountId)).toEqual(
        accounts.toReversed(),
      )
      expect(await list.first({ blueprint: 'welcome' }, 2)).toHaveLength(2)
      expect(await list.count('waiting', 100)).toBe(3)
      expect(await list.count('waiting', 2)).toBe(2)
      expect(await list.find(newAccountId())).toBeUndefined()
    })

    test('has somebody who joins several times at once in one place', async () => {
      const accountId = newAccountId()
      const entries = await Promise.all([3, 1, 2].map((seconds) => list.join(asked(accountId), at(seconds))))
      expect(new Set(entries.map(({ joinedAt }) => joinedAt)).size).toBe(1)
      expect(await list.first({ blueprint: 'welcome' }, 10)).toEqual([entries[0]])
    })

    test('moves somebody to the invited and back, once', async () => {
      const entry = await list.join(asked(), at(0))
      const other = await list.join(asked(), at(1))
      const moved = await Promise.all([10, 20, 30].map((seconds) => list.replace(entry, invited(entry, seconds))))
      expect(moved.filter(Boolean)).toHaveLength(1)
      expect(await list.first({ blueprint: 'welcome' }, 10)).toEqual([other])
      expect(await list.count('invited', 10)).toBe(1)
      const found = await list.find(entry.accountId)
      expect(found?.status).toBe('invited')
      expect(await list.replace(found!, entry)).toBe(true)
      expect(await list.first({ blueprint: 'welcome' }, 10)).toEqual([entry, other])
      expect(await list.count('invited', 10)).toBe(0)
    })

    test('keeps those who want another blueprint apart, and says how many of each are invited', async () => {
      expect(await list.wanted()).toEqual([])
      const entries: WaitingEntry[] = []
      for (const [index, blueprint] of ['b', 'b-2', 'a', 'b'].entries()) {
        entries.push(await list.join(asked(newAccountId(), blueprint), at(index)))
      }
      expect(await list.wanted()).toEqual([{ blueprint: 'a' }, { blueprint: 'b' }, { blueprint: 'b-2' }])
      expect(await list.first({ blueprint: 'b' }, 10)).toEqual([entries[0], entries[3]])
      expect(await list.count('waiting', 10)).toBe(4)
      for (const entry of entries) await list.replace(entry, invited(entry, 9))
      expect(await list.wanted()).toEqual([])
      const invitedFor = async () => (await list.invited()).map(({ blueprint }) => blueprint).toSorted()
      expect(await invitedFor()).toEqual(['a', 'b', 'b', 'b-2'])
      const [used] = entries.map((entry) => invited(entry, 9))
      const built = { ...used!, site: 'site_01jq3v5k8m0000000000000007' } as const
      expect(await list.replace(used!, built)).toBe(true)
      expect(await list.replace(used!, entries[0]!)).toBe(false)
      expect(await invitedFor()).toHaveLength(3)
      expect(await list.lapsed(at(9), 10)).toHaveLength(4)
      expect(await list.replace(built, used!)).toBe(true)
      expect(await invitedFor()).toHaveLength(4)
    })

    test('keeps those apart who want a blueprint by another offer', async () => {
      const [own, other, third] = [{ ...asked(), offer: 'acme' }, asked(), { ...asked(), offer: 'acme-2' }]
      for (const [index, one] of [own, other, third].entries()) await list.join(one, at(index))
      const wanted = [undefined, 'acme', 'acme-2'].map((offer) => ({ blueprint: 'welcome', ...(offer && { offer }) }))
      expect(await list.wanted()).toEqual(wanted)
      const firsts = await Promise.all(wanted.map((one) => list.first(one, 10)))
      expect(firsts).toMatchObject([[other], [own], [third]])
    })

    test('finds those whose invitation has ended, and no others', async () => {
      const entries = await Promise.all([5, 6, 7].map((seconds) => list.join(asked(), at(seconds))))
      for (const [index, entry] of entries.entries()) await list.replace(entry, invited(entry, 10 * (index + 1)))
      expect(await list.lapsed(at(9.999), 10)).toEqual([])
      expect(await list.lapsed(at(20), 10)).toEqual([invited(entries[0]!, 10), invited(entries[1]!, 20)])
      expect(await list.lapsed(at(99), 1)).toHaveLength(1)
    })

    test('lets people leave, wherever they are on it, and as often as they like', async () => {
      const entry = await list.join(asked(), at(0))
      const other = await list.join(asked(), at(1))
      await list.replace(other, invited(other, 9))
      await Promise.all([list.leave(entry.accountId), list.leave(entry.accountId)])
      await list.leave(other.accountId)
      await list.leave(newAccountId())
      expect(await list.first({ blueprint: 'welcome' }, 10)).toEqual([])
      expect(await list.count('invited', 10)).toBe(0)
      expect(await list.join(asked(entry.accountId), at(50))).toMatchObject({ joinedAt: at(50) })
    })

    test('has somebody whose join lost its reply once', async () => {
      const faulty = await opened({ tables: store.tables })
      const { wasLost } = loseReply(faulty.engine, 'TransactWriteItems', 'repeats-to-forgetful')
      const overFaulty = createWaitingList({ client: faulty.document, tables: faulty.tables })
      const entry = await overFaulty.join(asked(), at(0))
      expect(wasLost()).toBe(true)
      expect(await list.first({ blueprint: 'welcome' }, 10)).toEqual([entry])
    })
  })

  describe('what operators say of new trials', () => {
    const said = (version: number, isPaused: boolean): TrialControls => ({
      schemaVersion: 1,
      version,
      isPaused,
      at: now,
      actor: { kind: 'operator', operatorId: 'op-1', role: 'support' },
      reason: `The ${version}th.`,
    })

    test('is nothing at first, and then the last of what was said', async () => {
      const one = await opened()
      const controls = createTrialControls({ client: one.document, tables: one.tables })
      expect(await controls.read()).toBeUndefined()
      expect(await controls.write(said(1, true))).toBe(true)
      expect(await controls.write(said(1, false))).toBe(false)
      expect(await controls.write(said(2, false))).toBe(true)
      expect(await controls.read()).toEqual(said(2, false))
      expect(await controls.history(10)).toEqual([said(2, false), said(1, true)])
    })
  })
}
