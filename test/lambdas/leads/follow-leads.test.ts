import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { LeadEvent } from '../../../core/events/event.ts'
import type { SiteId } from '../../../core/ids.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { Site } from '../../../core/site/site.ts'
import type { SiteBilling } from '../../../core/site/site-billing.ts'
import type { Account } from '../../../lambdas/accounts/account.ts'
import { followDueLeads, followLead } from '../../../lambdas/leads/follow-leads.ts'
import { type Lead, leadSchema } from '../../../lambdas/leads/lead.ts'
import { type LeadFacts, leadPolicySchema } from '../../../lambdas/leads/lead-facts.ts'
import { leadOperations } from '../../../lambdas/leads/operations.ts'
import { scoreLead } from '../../../lambdas/leads/score-lead.ts'
import { workOnLead } from '../../../lambdas/leads/work-on-lead.ts'
import { noUsage } from '../../../lambdas/reports/usage/usage.ts'
import config from '../../../sitewright.config.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { siteSamples } from '../../support/site-samples.ts'

const hour = 3_600_000
const start = '2026-05-01T00:30:00.000Z'
const policy = leadPolicySchema.parse({})
const randomness = createRandomness()

const subscription: SiteBilling = {
  ...{ subscriptionId: 'sub_1', plan: 'starter', interval: 'month', currency: 'EUR', state: 'active' },
  ...{ cancelsAtPeriodEnd: false, endsWithDeletion: false, isDisputed: false },
}

/** One account with a site that runs, and every use of it. */
const openWorld = () => {
  let now = start
  let ahead = 0
  const rows: { readonly id: string; readonly at: string; readonly requests: number; readonly bytes: number }[] = []
  const accountId = randomness.id('acct')
  const site = { ...siteSamples.active, ownership: { ...siteSamples.active.ownership, accountId } }
  const account: Account = {
    schemaVersion: 1,
    id: accountId,
    version: 1,
    ownerId: randomness.id('prsn'),
    createdAt: start,
    mail: { domain: 'acme.example', kind: 'company' },
  }
  const uses: { readonly at: string; readonly requests: number; readonly bytes?: number }[] = []
  const asked: string[] = []
  const saved: LeadEvent[] = []
  let stored: Lead | undefined
  let isErased = false
  let isInvited = false
  let present: Site = site
  const others: Site[] = []
  const ports = {
    leads: {
      get: async () => stored,
      save: async (lead: Lead, ...events: readonly LeadEvent[]) => {
        if (lead.version !== (stored?.version ?? 0) + 1) return false
        stored = leadSchema.parse(JSON.parse(JSON.stringify(lead)))
        saved.push(...events)
        return true
      },
      remove: async () => {
        stored = undefined
      },
      due: async function* (until: string) {
        if (stored?.checkAt !== undefined && stored.checkAt <= until) yield accountId
      },
    },
    accounts: {
      get: async (): Promise<Account> => ({
        ...account,
        ...(isErased && { closure: { state: 'erased' as const, at: now } }),
        ...(isInvited && { invited: true }),
      }),
    },
    sites: { get: async () => present, listByAccount: async () => ({ items: [present, ...others] }) },
    usage: {
      list: async (_: SiteId, { from, until }: { from: string; until: string }) => {
        if (from > until)
          throw new Error('The BETWEEN operator requires upper bound to be greater than or equal to lower bound')
        const hours = Map.groupBy(uses, ({ at }) => `${at.slice(0, 13)}:00:00.000Z`)
        return [...hours]
          .filter(([first]) => first >= from && first < until)
          .map(([first, own]) => ({
            start: first,
            usage: {
              ...noUsage(),
              requests: own.reduce((sum, { requests }) => sum + requests, 0),
              bytes: own.reduce((sum, { bytes = 0 }) => sum + bytes, 0),
              productEvents: new Map([['course.created', own.length]]),
            },
            lastUsedAt: own.at(-1)?.at ?? first,
          }))
      },
    },
    meter: { measure: async () => undefined },
    plans: planCatalogue(config.plans),
    leadPolicy: policy,
    reportRows: {
      put: async (_: string, { id, row }: { id: string; row: { at: string; requests?: number; bytes?: number } }) => {
        rows.push({ id, at: row.at, requests: row.requests ?? 0, bytes: row.bytes ?? 0 })
      },
    },
    reportAccounts: {
      get: async () => ({ schemaVersion: 1, secret: 's', offer: 'default', signedUpAt: start }) as const,
      create: async () => undefined,
      remove: async () => undefined,
    },
    clocks: { domain: () => plusMilliseconds(now, ahead), wall: () => now },
    randomness,
    log: recordingLog(),
    isStopping: () => false,
  }
  return {
    ports,
    accountId,
    site,
    uses,
    rows,
    asked,
    saved,
    turn: (hours: number) => {
      ahead = hours * hour
    },
    lead: () => stored,
    now: () => now,
    pass: (hours: number) => {
      now = plusMilliseconds(now, hours * hour)
    },
    use: (requests: number, { at = now, bytes = 0 } = {}) => uses.push({ at, requests, bytes }),
    ask: () => {
      if (stored === undefined) return
      asked.unshift(now)
      const request = { at: now, siteId: site.id, topic: 'plans' as const, message: '' }
      stored = { ...stored, contactRequests: [request, ...stored.contactRequests] }
    },
    /** It sleeps under a contract, as nobody else looks after it. */
    contract: (lastDay: string, billing?: Partial<SiteBilling>) => {
      const { ownership, id } = site
      present = {
        ...{ ...siteSamples.asleep, id, ownership, plan: 'enterprise' },
        ...(billing && { billing: { ...subscription, ...billing } }),
        contract: { number: '4711', firstDay: start.slice(0, 10), lastDay },
      }
    },
    /** Another site, which sleeps under a contract too, or has moved away. */
    otherContract: (lastDay: string, hasMoved = false) => {
      const { asleep, archived } = siteSamples
      others.push({
        ...(hasMoved ? { ...archived, suspendedBecause: 'moved' as const } : asleep),
        ...{ id: randomness.id('site'), ownership: site.ownership, plan: 'enterprise' },
        contract: { number: '4712', firstDay: start.slice(0, 10), lastDay },
      })
    },
    suspend: () => {
      present = { ...siteSamples.suspended, id: site.id, ownership: site.ownership }
    },
    erase: () => {
      isErased = true
    },
    invite: () => {
      isInvited = true
    },
    follow: () => followLead(ports, accountId, { causationId: 'test', changed: site.id }),
  }
}

/** The facts from all that happened until an instant, without anything that was stored on the way. */
const factsUntil = (world: ReturnType<typeof openWorld>, at: string, activatedAt: string | undefined): LeadFacts => {
  const oldest = plusMilliseconds(at, -30 * 24 * hour).slice(0, 10)
  const days = Map.groupBy(
    world.uses.filter((use) => use.at <= at && use.at.slice(0, 10) >= oldest),
    (use) => use.at.slice(0, 10),
  )
  const [lastAt] = world.asked.filter((one) => one <= at)
  return {
    signedUpAt: start,
    isClosed: false,
    companyMail: true,
    sites: { live: 1, paid: 0, ended: 0 },
    trialEndsAt: world.site.trialEndsAt,
    extensions: world.site.extensionsUsed,
    usage: [...days].map(([day, own]) => ({ day, requests: own.reduce((sum, { requests }) => sum + requests, 0) })),
    ...(days.size === 0
      ? {}
      : { productEvents: [...days].map(([day, own]) => ({ day, name: 'course.created', count: own.length })) }),
    ...(activatedAt === undefined ? {} : { activatedAt }),
    contactRequests: { count: world.asked.length, ...(lastAt === undefined ? {} : { lastAt }) },
    refusals: { count: 0 },
  }
}

const step = fc.oneof(
  fc.record({ kind: fc.constant('use' as const), by: fc.integer({ min: 1, max: 40 }) }),
  fc.record({ kind: fc.constant('pass' as const), by: fc.integer({ min: 1, max: 100 }) }),
  fc.record({ kind: fc.constant('ask' as const), by: fc.constant(0) }),
  fc.record({ kind: fc.constant('event' as const), by: fc.constant(0) }),
)

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

/** A request for contact has an event; use is read when the lead is due. */
const act = async (world: ReturnType<typeof openWorld>, { kind, by }: Step): Promise<void> => {
  // Nothing that happens afterwards has the instant of a score.
  world.pass(0.001)
  if (kind === 'use') world.use(by)
  if (kind === 'pass') world.pass(by)
  if (kind === 'ask') world.ask()
  if (kind === 'event' || kind === 'ask') await world.follow()
  else await followDueLeads(world.ports, 'tick')
}

it('stores the score of all facts up to the instant at which it was computed', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const world = openWorld()
      await world.follow()
      for (const one of steps) {
        await act(world, one)
        const { facts: stored, read: _, ...lead } = world.lead()!
        const facts = factsUntil(world, lead.scoredAt, stored.activatedAt)
        expect(stored).toEqual(facts)
        expect(lead).toMatchObject({ ...scoreLead(facts, policy, lead.scoredAt) })
      }
    }),
    { numRuns: 100 },
  )
})

it('scores a lead whose site runs every few hours, and none before it is due', async () => {
  const world = openWorld()
  await world.follow()
  const { version } = world.lead()!
  await followDueLeads(world.ports, 'tick')
  expect(world.lead()).toMatchObject({ version })
  world.use(60)
  world.pass(6)
  await followDueLeads(world.ports, 'tick')
  expect(world.lead()).toMatchObject({ version: version + 1, stage: 'activated' })
})

it('counts what was used before a suspension', async () => {
  const world = openWorld()
  await world.follow()
  world.use(7)
  world.suspend()
  await world.follow()
  expect(world.lead()?.facts.usage).toEqual([{ day: '2026-05-01', requests: 7 }])
})

it('notes when a lead cools: once for each fall by 10 points', async () => {
  const world = openWorld()
  await world.follow()
  world.ask()
  await world.follow()
  expect(world.lead()).toMatchObject({ score: 40 })
  expect(world.lead()).not.toHaveProperty('cooledAt')
  const found: unknown[] = []
  for (let day = 0; day < 30; day += 1) {
    world.pass(24)
    await followDueLeads(world.ports, 'tick')
    const { cooledAt, score } = world.lead()!
    if (cooledAt === world.now()) found.push([day, score])
  }
  // On the seventh day it is idle too.
  expect(found).toEqual([
    [6, 21],
    [19, 11],
  ])
})

it('has no lead for an account that came with an invitation to a team', async () => {
  const world = openWorld()
  world.invite()
  await world.follow()
  expect([world.lead(), world.saved, world.rows]).toEqual([undefined, [], []])
})

it('removes the lead of an erased account', async () => {
  const world = openWorld()
  await world.follow()
  world.erase()
  await world.follow()
  expect(world.lead()).toBeUndefined()
})

it('remembers no more product events than it can hold, and forgets the oldest', async () => {
  const world = openWorld()
  const names = Array.from({ length: 20 }, (_, index) => `event-${index}`)
  world.ports.usage.list = async () =>
    Array.from({ length: 29 }, (_, day) => {
      const first = plusMilliseconds(start, (day - 28) * 24 * hour)
      return {
        start: first,
        usage: { ...noUsage(), requests: 1, productEvents: new Map(names.map((name) => [name, 1])) },
        lastUsedAt: first,
      }
    })
  await world.follow()
  const { productEvents = [] } = world.lead()!.facts
  expect([productEvents.length, productEvents.at(-1)?.day]).toEqual([200, '2026-05-01'])
})

it('records an hour of usage in one hour of the reports, also if the domain clock was advanced meanwhile', async () => {
  const world = openWorld()
  world.use(3)
  await world.follow()
  world.turn(24)
  world.pass(0.2)
  world.use(4)
  await world.follow()
  world.pass(1)
  world.use(5)
  await world.follow()
  expect(world.rows.map(({ at, requests }) => [at, requests])).toEqual([
    ['2026-05-01T00:00:00.000Z', 3],
    ['2026-05-01T00:00:00.000Z', 7],
    ['2026-05-02T01:00:00.000Z', 5],
  ])
})

it('follows each of twelve events that come at once', async () => {
  const { ports, accountId, lead } = openWorld()
  const events = Array.from({ length: 12 }, (_, number) => followLead(ports, accountId, { causationId: `${number}` }))
  await Promise.all(events)
  expect(lead()).toMatchObject({ version: 12 })
})

it('records what routers report of the last hour and the one before it after these were read, and counts it once', async () => {
  const world = openWorld()
  world.use(3)
  await world.follow()
  const early = world.now()
  world.use(0, { bytes: 500 })
  await world.follow()
  await world.follow()
  world.pass(1)
  world.use(5)
  await world.follow()
  world.use(2, { at: early, bytes: 40 })
  await world.follow()
  await world.follow()
  expect(world.rows.map(({ at, requests, bytes }) => [at.slice(11, 13), requests, bytes])).toEqual([
    ['00', 3, 0],
    ['00', 3, 500],
    ['01', 5, 0],
    ['00', 5, 540],
  ])
  expect(world.lead()?.facts).toMatchObject({
    usage: [{ day: '2026-05-01', requests: 10 }],
    productEvents: [{ day: '2026-05-01', name: 'course.created', count: 4 }],
  })
})

it('is scored while the clock is back after it was ahead, and forgets the days ahead', async () => {
  const world = openWorld()
  world.use(3)
  await world.follow()
  world.pass(24 * 100)
  world.use(4)
  await world.follow()
  world.pass(-24 * 100 + 2)
  world.use(5)
  await world.follow()
  expect(world.lead()?.facts.usage).toEqual([{ day: '2026-05-01', requests: 5 }])
  world.use(1)
  await world.follow()
  expect(world.lead()?.facts.usage).toEqual([{ day: '2026-05-01', requests: 6 }])
})

it('fails at the end of a run if a lead could not be scored', async () => {
  const world = openWorld()
  await world.follow()
  world.pass(6)
  const { get } = world.ports.accounts
  world.ports.accounts.get = async () => {
    throw new Error('unavailable')
  }
  await expect(followDueLeads(world.ports, 'tick')).rejects.toMatchObject({ kind: 'Unavailable' })
  world.ports.accounts.get = get
  await followDueLeads(world.ports, 'tick')
  expect(world.lead()?.scoredAt).toBe(world.now())
})

it('has an event when use activates it, once, also while its owner waits for sales', async () => {
  const world = openWorld()
  await world.follow()
  world.ask()
  await world.follow()
  for (let count = 0; count < 2; count += 1) {
    world.use(60)
    await world.follow()
  }
  world.pass(24 * 31)
  await world.follow()
  expect(world.saved.map(({ version, type, data }) => [version, type, 'stage' in data && data.stage])).toEqual([
    [1, 'LeadStageChanged', 'signed-up'],
    [2, 'LeadStageChanged', 'asked'],
    [3, 'LeadActivated', false],
    [4, 'LeadStageChanged', 'activated'],
  ])
  expect(world.lead()).toMatchObject({ events: 4 })
})

it('removes what people wrote about a lead that was lost long ago, by itself', async () => {
  const world = openWorld()
  await world.follow()
  world.ask()
  world.suspend()
  await world.follow()
  const days = async (count: number) => {
    for (let day = 0; day < count; day += 1) {
      world.pass(24)
      await followDueLeads(world.ports, 'tick')
    }
  }
  await days(31)
  expect(world.lead()).toMatchObject({ stage: 'lost', contactRequests: [{ topic: 'plans' }] })
  const note = { at: world.now(), by: 'grace@example.com', text: 'Call again' }
  await world.ports.leads.save({
    ...world.lead()!,
    version: world.lead()!.version + 1,
    work: { assignee: note.by, outcome: 'lost', notes: [note] },
  })
  await days(729)
  expect(world.lead()).toMatchObject({ contactRequests: [{ topic: 'plans' }], work: { notes: [note] } })
  await days(62)
  expect(world.lead()).toMatchObject({ stage: 'lost', contactRequests: [] })
  expect(world.lead()?.work).toEqual({ assignee: note.by, outcome: 'lost', notes: [] })
  expect(world.lead()).not.toHaveProperty('checkAt')
  await workOnLead(world.ports, world.accountId, { revision: 0, note: 'They are back' }, note.by)
  await days(792)
  expect(world.lead()?.work.notes).toEqual([])
})

it('gets the next step to renew 60 days before the end of a contract, once, whatever else is planned', async () => {
  const world = openWorld()
  world.contract('2027-05-01')
  await world.follow()
  const fits = `Visit them${'!'.repeat(168)}`
  // The most characters that can be saved end within the emoji.
  const step = { text: `${fits}🎉 Call`, at: '2027-04-01T00:00:00.000Z' }
  await world.ports.leads.save({
    ...world.lead()!,
    version: world.lead()!.version + 1,
    work: { outcome: 'won', nextStep: step, notes: [] },
  })
  const daysUntil = async (last: string) => {
    for (; world.now() < last; world.pass(24)) {
      // A look that is further ahead is taken for one of a clock that was ahead.
      expect(
        world.lead()?.checkAt === undefined || world.lead()!.checkAt! <= plusMilliseconds(world.now(), 69 * 24 * hour),
      ).toBe(true)
      await followDueLeads(world.ports, 'tick')
    }
  }
  await daysUntil('2027-03-01T12:00:00.000Z')
  expect(world.lead()?.work.nextStep).toEqual(step)
  await daysUntil('2027-03-03T12:00:00.000Z')
  const nextStep = { text: `renew by 2027-05-01; ${fits}`, at: '2027-03-02T00:00:00.000Z' }
  expect(world.lead()?.work.nextStep).toEqual(nextStep)
  const { revision } = world.lead()!
  expect(leadOperations.operatorChangeLead.body.parse({ revision, nextStep })).toMatchObject({ nextStep })
  await workOnLead(world.ports, world.accountId, { revision, nextStep: null }, 'grace@example.com')
  await daysUntil('2027-04-01T12:00:00.000Z')
  await world.follow()
  expect(world.lead()?.work).toEqual({ outcome: 'won', notes: [] })
})

it.each<Partial<SiteBilling>>([
  { cancelsAtPeriodEnd: true, endsWithDeletion: true },
  { state: 'ended' },
  { state: 'past-due' },
])('is a customer under a contract while its former subscription is %j', async (billing) => {
  const world = openWorld()
  world.contract('2027-05-01', billing)
  await world.follow()
  expect(world.lead()).toMatchObject({ stage: 'customer', facts: { sites: { paid: 1 } } })
  expect(world.lead()?.facts).not.toHaveProperty('payment')
})

it('gets the next step to renew each of two contracts on time, and none for a site that has moved', async () => {
  const world = openWorld()
  world.contract('2027-05-01')
  world.otherContract('2027-06-01')
  world.otherContract('2027-04-20', true)
  await world.follow()
  const stepOn = async (last: string) => {
    for (; world.now() < last; world.pass(24)) await followDueLeads(world.ports, 'tick')
    return world.lead()?.work.nextStep
  }
  expect(await stepOn('2027-03-01T12:00:00.000Z')).toBeUndefined()
  expect(await stepOn('2027-03-04T12:00:00.000Z')).toEqual({
    text: 'renew by 2027-05-01',
    at: '2027-03-02T00:00:00.000Z',
  })
  const { revision } = world.lead()!
  await workOnLead(world.ports, world.accountId, { revision, nextStep: null }, 'grace@example.com')
  expect(await stepOn('2027-04-01T12:00:00.000Z')).toBeUndefined()
  const second = { text: 'renew by 2027-06-01', at: '2027-04-02T00:00:00.000Z' }
  expect(await stepOn('2027-04-04T12:00:00.000Z')).toEqual(second)
  await world.follow()
  expect(world.lead()?.work.nextStep).toEqual(second)
})

it('gets the next step to renew a contract that comes due while that of another one is open', async () => {
  const world = openWorld()
  world.contract('2027-05-01')
  world.otherContract('2027-06-01')
  await world.follow()
  for (; world.now() < '2027-04-20T12:00:00.000Z'; world.pass(24)) await followDueLeads(world.ports, 'tick')
  expect(world.lead()?.work.nextStep).toEqual({
    text: 'renew by 2027-06-01; renew by 2027-05-01',
    at: '2027-03-02T00:00:00.000Z',
  })
})
