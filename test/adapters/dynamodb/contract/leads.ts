import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { LeadEvent } from '../../../../core/events/event.ts'
import type { AccountId } from '../../../../core/ids.ts'
import { plusDays } from '../../../../core/instant.ts'
import type { Lead, LeadStore } from '../../../../lambdas/leads/lead.ts'
import type { LeadLists } from '../../../../lambdas/leads/lead-lists.ts'
import { createLeadLists, createLeadStore } from '../../../../lambdas/leads/store.ts'
import { randomness } from '../made-changes.ts'
import type { OpenTestStore, TestStore } from '../test-store.ts'

const at = (day: number): string => `2026-05-${String(day).padStart(2, '0')}T12:00:00.000Z`

const leadOf = (more: Partial<Lead> = {}, trialEndsAt?: string): Lead => ({
  schemaVersion: 1,
  accountId: randomness.id('acct'),
  personId: randomness.id('prsn'),
  version: 1,
  events: 0,
  revision: 0,
  stage: 'signed-up',
  stageSince: at(1),
  score: 0,
  reasons: [{ fact: 'usedDays', value: 4, points: 20 }],
  facts: {
    signedUpAt: at(1),
    isClosed: false,
    companyMail: true,
    sites: { live: 1, paid: 0, ended: 0 },
    extensions: 0,
    usage: [{ day: '2026-05-01', requests: 3 }],
    contactRequests: { count: 0 },
    refusals: { count: 0 },
    ...(trialEndsAt === undefined ? {} : { trialEndsAt }),
  },
  scoredAt: at(1),
  read: {},
  contactRequests: [],
  work: { outcome: 'open', notes: [] },
  ...more,
})

export const leads = (open: OpenTestStore): void => {
  describe('leads', () => {
    let store: TestStore
    let kept: LeadStore
    let lists: LeadLists
    beforeAll(async () => {
      store = await open()
      const database = { client: store.document, tables: store.tables }
      kept = createLeadStore({ ...database, outbox: true })
      lists = createLeadLists(database)
    })
    afterAll(() => store?.close())

    const save = async (lead: Lead): Promise<Lead> => {
      expect(await kept.save(lead)).toBe(true)
      return lead
    }
    const idsOf = ({ items }: { items: readonly Lead[] }) => items.map(({ accountId }) => accountId)
    const due = async (until: string): Promise<readonly AccountId[]> => {
      const found: AccountId[] = []
      for await (const id of kept.due(until)) found.push(id)
      return found
    }

    test('are kept with their event, on condition of the version before', async () => {
      const lead = leadOf({ events: 1 })
      const event: LeadEvent = {
        schemaVersion: 1,
        id: randomness.id('evt'),
        type: 'LeadStageChanged',
        aggregate: { type: 'lead', id: lead.accountId },
        version: 1,
        at: at(1),
        actor: { kind: 'system' },
        causationId: 'test',
        data: { stage: 'signed-up', score: 0 },
      }
      expect(await kept.save(lead, event)).toBe(true)
      expect(await kept.save(lead, event)).toBe(false)
      expect(await kept.get(lead.accountId)).toEqual(lead)
      expect(await kept.save({ ...lead, version: 3 })).toBe(false)
      expect(await kept.save({ ...lead, version: 2, score: 7 })).toBe(true)
      expect((await store.outbox.pending()).map(({ aggregate }) => aggregate)).toEqual([`LEAD#${lead.accountId}`])
      await kept.remove(lead.accountId)
      expect(await kept.get(lead.accountId)).toBeUndefined()
    })

    test('are listed by score, over all stages or within one, page by page', async () => {
      const [low, high] = [
        await save(leadOf({ stage: 'asked', score: 9 })),
        await save(leadOf({ stage: 'asked', score: 100 })),
      ]
      const other = await save(leadOf({ stage: 'customer', score: 40 }))
      expect(idsOf(await lists.page({ by: 'stage', stages: ['asked'] }, { limit: 5 }))).toEqual([
        high.accountId,
        low.accountId,
      ])
      const query = { by: 'stage', stages: ['asked', 'customer'] } as const
      const first = await lists.page(query, { limit: 2 })
      expect(idsOf(first)).toEqual([high.accountId, other.accountId])
      const second = await lists.page(query, { limit: 2, cursor: first.cursor! })
      expect([idsOf(second), second.cursor]).toEqual([[low.accountId], undefined])
      const moved = { ...low, version: 2, stage: 'lost' } as const
      await save(moved)
      expect(idsOf(await lists.page({ by: 'stage', stages: ['asked'] }, { limit: 5 }))).toEqual([high.accountId])
      expect(idsOf(await lists.page({ by: 'stage', stages: ['lost'] }, { limit: 5 }))).toEqual([low.accountId])
    })

    test('are listed by the next step of an assignee', async () => {
      const assignee = 'grace@example.com'
      const of = (nextStep?: Lead['work']['nextStep']) =>
        save(leadOf({ work: { assignee, outcome: 'open', notes: [], ...(nextStep && { nextStep }) } }))
      const [none, late, early] = [
        await of(),
        await of({ text: 'call', at: at(9) }),
        await of({ text: 'mail', at: at(8) }),
      ]
      expect(idsOf(await lists.page({ by: 'assignee', assignee }, { limit: 5 }))).toEqual(
        [early, late, none].map(({ accountId }) => accountId),
      )
    })

    test('are listed by deadline', async () => {
      const [late, early] = [await save(leadOf({}, at(21))), await save(leadOf({}, at(20)))]
      const past = await save(leadOf({}, at(3)))
      expect(idsOf(await lists.page({ by: 'deadline', after: at(4) }, { limit: 5 }))).toEqual([
        early.accountId,
        late.accountId,
      ])
      expect(idsOf(await lists.page({ by: 'deadline', after: at(1) }, { limit: 1 }))).toEqual([past.accountId])
    })

    test('are listed as news when they signed up or cooled, without an assignee', async () => {
      const newest = leadOf()
      await save({ ...newest, facts: { ...newest.facts, signedUpAt: at(28) } })
      const cooled = await save(leadOf({ cooledAt: at(27) }))
      await save(leadOf({ cooledAt: at(27), work: { assignee: 'grace@example.com', outcome: 'open', notes: [] } }))
      expect(idsOf(await lists.page({ by: 'news', after: at(26) }, { limit: 5 }))).toEqual([
        cooled.accountId,
        newest.accountId,
      ])
    })

    test('are listed for people who are not among those known, page by page', async () => {
      const of = (assignee?: string) =>
        save(leadOf({ work: { ...(assignee && { assignee }), outcome: 'open', notes: [], nextStep } }))
      const nextStep = { text: 'call', at: at(9) }
      const [nobody, first, last] = [await of(), await of('ann@a.example'), await of('zoe@a.example')]
      const between = await of('kim@a.example.org')
      for (const person of ['bob@a.example', 'kim@a.example']) await of(person)
      // A person may be configured twice.
      const people = ['kim@a.example', 'bob@a.example', 'grace@example.com', 'bob@a.example']
      const query = { by: 'not-assigned-to', people } as const
      const page = await lists.page(query, { limit: 2 })
      const rest = await lists.page(query, { limit: 2, cursor: page.cursor! })
      expect([...idsOf(page), ...idsOf(rest)]).toEqual([nobody, first, between, last].map((one) => one.accountId))
      expect(rest.cursor).toBeUndefined()
      expect(idsOf(await lists.page({ by: 'not-assigned-to', people: [] }, { limit: 1 }))).toEqual([nobody.accountId])
    })

    test('refuse a cursor that is not theirs', async () => {
      const asked = { by: 'stage', stages: ['asked'] } as const
      const refused = expect.objectContaining({ kind: 'InvalidRequest' })
      await expect(lists.page(asked, { limit: 1, cursor: 'bm8' })).rejects.toEqual(refused)
      for (let count = 0; count < 2; count += 1) await save(leadOf({ stage: 'asked' }, at(22)))
      const { cursor = '' } = await lists.page(asked, { limit: 1 })
      expect((await lists.page(asked, { limit: 1, cursor })).items).toHaveLength(1)
      for (const other of [
        { by: 'stage', stages: ['asked', 'lost'] },
        { by: 'assignee', assignee: 'grace@example.com' },
        { by: 'deadline', after: at(1) },
      ] as const) {
        await expect(lists.page(other, { limit: 1, cursor })).rejects.toEqual(refused)
      }
    })

    test('are due when they are to be scored again, or farther ahead than that can be', async () => {
      const [second, first] = [await save(leadOf({ checkAt: at(11) })), await save(leadOf({ checkAt: at(10) }))]
      await save(leadOf({ checkAt: at(30) }))
      expect(await due(at(9))).toEqual([])
      expect(await due(at(11))).toEqual([first.accountId, second.accountId])
      const { checkAt: _, ...settled } = first
      await save({ ...settled, version: 2 })
      expect(await due(at(11))).toEqual([second.accountId])
      const ahead = await save(leadOf({ checkAt: plusDays(at(11), 71) }))
      expect(await due(at(11))).toEqual([second.accountId, ahead.accountId])
    })
  })
}
