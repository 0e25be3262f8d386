import { afterAll, describe, expect, it } from 'vitest'
import { plusMilliseconds } from '../../../core/instant.ts'
import { openTestStore } from '../../support/open-test-store.ts'
import { samplePolicies } from '../../support/sample-policy.ts'

const store = await openTestStore(samplePolicies)
afterAll(() => store[Symbol.asyncDispose]())

const now = '2026-03-01T12:00:00.000Z'
const later = plusMilliseconds(now, 60_000)
const id = (number: number) => `sgn_01jq3v5k8m${String(number).padStart(16, '0')}` as const

describe('the mails of sign-ups', () => {
  it('remember the last one of an address until its end', async () => {
    await store.signupMails.note({ id: id(1), emailHash: 'ada' }, later)
    await store.signupMails.note({ id: id(2), emailHash: 'ada' }, later)
    expect(await store.signupMails.last('ada', now)).toBe(id(2))
    expect(await store.signupMails.last('ada', later)).toBeUndefined()
    expect(await store.signupMails.last('grace', now)).toBeUndefined()
  })

  it('are replaced once, by one of those who saw the same', async () => {
    const of = (number: number) => ({ id: id(number), emailHash: 'ida' })
    const times = { now, until: later }
    const { replace, last } = store.signupMails
    const first = await Promise.all([1, 2, 3].map((number) => replace(undefined, of(number), times)))
    expect(first.filter(Boolean)).toHaveLength(1)
    const noted = (await last('ida', now))!
    const next = await Promise.all([4, 5, 6].map((number) => replace(noted, of(number), times)))
    expect(next.filter(Boolean)).toHaveLength(1)
    const second = (await last('ida', now))!
    expect(await replace(noted, of(7), times)).toBe(false)
    expect(await replace(undefined, of(7), times)).toBe(false)
    expect(await replace(second, of(7), { now, until: now })).toBe(true)
    expect(await last('ida', now)).toBeUndefined()
    expect(await replace(undefined, of(8), times)).toBe(true)
  })

  it('wait in the order of their sign-ups, once each', async () => {
    const entries = [3, 1, 2].map((number) => ({ id: id(number), createdAt: plusMilliseconds(now, number) }))
    for (const entry of [...entries, ...entries]) await store.signupMails.queue({ ...entry, expiresAt: later })
    const ids = async (limit: number) => (await store.signupMails.queued(limit)).map((entry) => entry.id)
    expect(await ids(10)).toEqual([id(1), id(2), id(3)])
    expect(await ids(2)).toEqual([id(1), id(2)])
    await store.signupMails.unqueue(entries[1]!)
    expect(await ids(10)).toEqual([id(2), id(3)])
  })
})
