import { unmarshall } from '@aws-sdk/util-dynamodb'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import { eachAtOnce } from '../../../core/each-at-once.ts'
import { eventSchema } from '../../../core/events/event.ts'
import { plusDays } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import { followDueLeads, followLead } from '../../../lambdas/leads/follow-leads.ts'
import type { Lead } from '../../../lambdas/leads/lead.ts'
import { leadPolicySchema } from '../../../lambdas/leads/lead-facts.ts'
import { mailContactRequest, mailDigests } from '../../../lambdas/leads/mail-sales.ts'
import { noteRefusal } from '../../../lambdas/leads/note-refusal.ts'
import { offerSchema } from '../../../lambdas/offers/offer.ts'
import { createOffers } from '../../../lambdas/offers/offers.ts'
import { enterRefusals } from '../../../lambdas/operators/audit/refusals.ts'
import config from '../../../sitewright.config.ts'
import { recordingLog } from '../../support/fixed-ports.ts'
import { unlimited } from '../../support/signing-up.ts'
import { type ApiStage, openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { type SignedIn, signIn } from '../sign-in.ts'

const leadPolicy = leadPolicySchema.parse({ contact: 'sales@example.com', people: ['grace@example.com'] })
const labels = { en: 'A label', de: 'Ein Name' }
const questions = [
  { id: 'role', kind: 'choice', label: labels, options: ['teacher', 'head'].map((id) => ({ id, label: labels })) },
  { id: 'goal', kind: 'text', label: labels, required: false },
]
const offers = createOffers(
  [offerSchema.parse({ id: 'schools', paths: ['/schools'], questions, campaign: { source: 'fair' } })],
  'http://localhost:4000',
)

let stage: ApiStage
let owner: SignedIn
let siteId: string

const ports = () => ({
  ...stage.store,
  leadPolicy,
  meter: { measure: async () => undefined },
  plans: planCatalogue(config.plans),
  clocks: { domain: stage.now, wall: stage.now },
  randomness: createRandomness(),
  log: recordingLog(),
  isStopping: () => false,
  mailer: {
    send: async (message: (typeof stage.mails)[number]) => {
      ;(stage.mails as (typeof message)[]).push(message)
    },
  },
  brand: 'Sitewright',
  contact: 'hello@example.com',
  consoleUrl: 'http://localhost:4000',
})

const signUp = (...who: readonly [email: string, body?: object, headers?: Record<string, string>]) =>
  signIn(stage, ...who)
const follow = ({ accountId }: SignedIn) => followLead(ports(), accountId, { causationId: 'test' })
const asSales = async (method: 'GET' | 'PATCH', path: string, more: object = {}) =>
  stage.send({
    method,
    path: `/v1/operator/leads${path}`,
    headers: await stage.operator('sam@example.com', 'sales'),
    ...more,
  })
const change = (body: object) => asSales('PATCH', `/${owner.accountId}`, { body })

beforeAll(async () => {
  stage = await openApiStage(() => ({ abuse: unlimited, leadPolicy, offers }))
  owner = await signUp('ada@acme.example', {
    name: '=Ada',
    company: 'Acme, Inc.',
    language: 'de',
    marketingConsent: 'sign-up-1',
    attribution: {
      source: 'news',
      campaign: 'spring',
      referrer: 'https://search.example/?q=1',
      clickIds: { gclid: 'g1' },
    },
  })
  siteId = (await givenSites(stage).active(owner.accountId, 'adas-site')).id
  await follow(owner)
})
afterAll(async () => stage?.[Symbol.asyncDispose]())

describe('a sign-up', () => {
  it('stores where its account came from', async () => {
    expect(await stage.store.accounts.get(owner.accountId)).toMatchObject({
      attribution: {
        source: 'news',
        campaign: 'spring',
        referrer: 'https://search.example',
        clickIds: { gclid: 'g1' },
      },
      language: 'de',
      mail: { domain: 'acme.example', kind: 'company' },
      marketing: { text: 'sign-up-1' },
    })
  })

  it('stores no attribution with Global Privacy Control', async () => {
    const { accountId } = await signUp('gpc@gmail.com', { attribution: { source: 'news' } }, { 'sec-gpc': '1' })
    const account = await stage.store.accounts.get(accountId)
    expect(account).toMatchObject({ mail: { kind: 'free' } })
    expect(account).not.toHaveProperty('attribution')
  })

  it.each<[string, object]>([
    ['attribution that is a list', { attribution: [1] }],
    ['unknown and long attribution', { attribution: { source: 'x'.repeat(9000), secret: 'y', clickIds: 7 } }],
    ['answers that are a list', { answers: ['teacher'] }],
    ['an answer to no question', { answers: { role: 'teacher', constructor: 'x' } }],
    ['a language that is a number', { language: 7 }],
    ['a consent that is no version', { marketingConsent: true }],
    ['an unknown time zone', { timeZone: 'Mars/Base' }],
  ])('is not refused for %s', async (_, body) => {
    await signUp(`bad-${Math.random()}@example.com`, body)
  })
})

describe('the answers of a sign-up', () => {
  const stored = async (body: object) => {
    const { accountId } = await signUp(`answers-${Math.random()}@example.com`, { offer: 'schools', ...body })
    return (await stage.store.accounts.get(accountId))?.answers
  }

  it.each<[string, object, object | undefined]>([
    ['are stored', { role: 'head', goal: ' A course\non safety ' }, { role: 'head', goal: 'A course on safety' }],
    ['are cut', { goal: 'x'.repeat(5000) }, { goal: 'x'.repeat(200) }],
    ['are dropped where they are no option or no text', { role: 'pupil', goal: 7 }, undefined],
    ['are dropped where nobody asked', { other: 'x', constructor: 'y', goal: ' ' }, undefined],
  ])('%s', async (_, answers, expected) => {
    expect(await stored({ answers })).toEqual(expected)
  })

  it.each([
    ['0', { source: 'fair' }],
    ['1', undefined],
  ])(
    'are stored from the form without script, also with Global Privacy Control (%s), which stores no campaign',
    async (control, attribution) => {
      const email = `form-${control}@example.com`
      const { headers } = await stage.send({
        method: 'POST',
        path: '/v1/signups/form',
        query: { offer: 'schools' },
        body: `email=${encodeURIComponent(email)}&acceptedTerms=on&answer.role=teacher&answer.goal=`,
        headers: {
          'content-type': 'application/x-www-form-urlencoded',
          'sec-gpc': control,
          origin: 'http://localhost:4000',
        },
      })
      const [, id] = /#\/signups\/(.*)$/.exec(headers['location'] ?? '') ?? []
      const code = stage.codeFor(email)
      const { json } = await stage.send({ method: 'POST', path: `/v1/signups/${id}/verification`, body: { code } })
      const { id: accountId } = json['account'] as { id: SignedIn['accountId'] }
      const account = await stage.store.accounts.get(accountId)
      expect(account?.answers).toEqual({ role: 'teacher' })
      expect(account?.attribution).toEqual(attribution)
    },
  )
})

describe('sales', () => {
  it('see the leads with the reasons for their score, and that is audited', async () => {
    const { status, json } = await asSales('GET', '')
    expect(status).toBe(200)
    expect(json).toMatchObject({
      people: ['grace@example.com'],
      leads: [
        {
          id: owner.accountId,
          email: 'ada@acme.example',
          stage: 'signed-up',
          score: 10,
          reasons: [{ text: '+10: has the e-mail address of a company' }],
          marketingConsent: true,
          revision: 0,
        },
      ],
    })
    const audit = await stage.store.auditLog.page({ limit: 1, order: 'newest first' })
    expect(audit.items).toMatchObject([{ action: 'operatorListLeads', targets: [owner.accountId] }])
    expect((await asSales('GET', '', { query: { stage: 'customer' } })).json).toMatchObject({ leads: [] })
    expect((await asSales('GET', '', { query: { sort: 'deadline' } })).json).toMatchObject({
      leads: [{ id: owner.accountId }],
    })
    expect((await asSales('GET', '', { query: { sort: 'next-step' } })).status).toBe(400)
  })

  it('see one lead with its facts', async () => {
    expect((await asSales('GET', `/${owner.accountId}`)).json).toMatchObject({
      facts: { sites: { live: 1, paid: 0 }, companyMail: true },
      attribution: { campaign: 'spring' },
      notes: [],
    })
    expect((await asSales('GET', '/acct_nothing')).status).toBe(404)
  })

  it('work on a lead, and do not overwrite each other', async () => {
    const nextStep = { text: 'Call', at: '2026-02-03T10:00:00+01:00' }
    const changed = await change({
      revision: 0,
      assignee: 'grace@example.com',
      outcome: 'later',
      nextStep,
      note: 'Likes it.',
    })
    expect(changed.json).toMatchObject({
      assignee: 'grace@example.com',
      outcome: 'later',
      nextStep: { text: 'Call', at: '2026-02-03T09:00:00.000Z' },
      notes: [{ text: 'Likes it.', by: expect.stringMatching(/^op_/) }],
      revision: 1,
    })
    const other = await change({ revision: 0, note: 'Another one.' })
    expect([other.status, other.json['detail']]).toEqual([
      409,
      expect.stringContaining('Somebody else has changed this lead'),
    ])
    // A score that is computed meanwhile is no conflict, and keeps what people entered.
    await follow(owner)
    expect((await change({ revision: 1, nextStep: null })).json).toMatchObject({
      nextStep: null,
      assignee: 'grace@example.com',
    })
    const list = await asSales('GET', '', { query: { sort: 'next-step', assignee: 'grace@example.com' } })
    expect(list.json).toMatchObject({ leads: [{ id: owner.accountId }] })
    const unknown = await change({ revision: 2, assignee: 'mallory@example.com' })
    expect([unknown.status, unknown.json['detail']]).toEqual([400, expect.stringContaining('grace@example.com')])
  })

  it('export leads as CSV, for marketing only those with consent', async () => {
    // A page cannot say by which offer somebody signed up except by the offer itself.
    const attribution = { campaign: 'spring', offer: 'other' }
    const answers = { role: 'teacher', goal: '=1+1' }
    const free = await signUp('bob@example.com', { offer: 'schools', attribution, answers })
    await follow(free)
    const detail = await asSales('GET', `/${free.accountId}`)
    expect(detail.json).toMatchObject({ offer: 'schools', variant: null, answers })
    expect(detail.json['attribution']).toEqual({ campaign: 'spring' })
    const all = await asSales('GET', '/export')
    expect(all.headers).toMatchObject({ 'content-type': 'text/csv; charset=utf-8' })
    const lines = all.text.trimEnd().split('\r\n')
    expect(lines).toHaveLength(3)
    expect(lines[0]).toMatch(/marketingConsent$/)
    expect(all.text).toContain(`${owner.accountId},ada@acme.example,'=Ada,"Acme, Inc.",signed-up`)
    expect(lines.find((one) => one.includes('bob@'))).toMatch(/,spring,,,,,schools,,goal: =1\+1; role: teacher,false$/)
    const consenting = await asSales('GET', '/export', { query: { for: 'marketing' } })
    expect(consenting.text).not.toContain('bob@')
    const first = await asSales('GET', '/export', { query: { limit: '1' } })
    expect(first.headers['link']).toMatch(/cursor=.*rel="next"/)
  })
})

describe('an owner who wants to talk to sales', () => {
  const ask = (body: object, headers = owner.headers) =>
    stage.send({ method: 'POST', path: `/v1/sites/${siteId}/contact-requests`, headers, body })

  it('moves their lead, and its assignee gets a mail', async () => {
    const before = stage.mails.length
    expect((await ask({ topic: 'enterprise', message: 'Do you have\nSSO?' })).status).toBe(204)
    const events = (await stage.store.outbox.pending())
      .map(({ image }) => eventSchema.parse(unmarshall(image)['content']))
      .filter(({ type }) => type === 'ContactRequested')
    expect(events).toMatchObject([{ data: { siteId, topic: 'enterprise' } }])
    expect(JSON.stringify(events)).not.toContain('SSO')
    for (const event of events) await mailContactRequest(ports(), event)
    expect(stage.mails.slice(before)).toMatchObject([
      { to: 'grace@example.com', subject: '=Ada, Acme, Inc., ada@acme.example wants to talk to you' },
    ])
    expect(stage.mails.at(-1)?.text).toContain('Do you have SSO?')
    await follow(owner)
    const { json } = await asSales('GET', `/${owner.accountId}`)
    expect(json).toMatchObject({
      stage: 'asked',
      score: 40,
      contactRequests: [{ topic: 'enterprise', message: 'Do you have\nSSO?' }],
    })
  })

  it('is named in the mail, also where it is somebody of their team', async () => {
    const colleague = await signUp('kim@agency.example')
    await follow(colleague)
    const { personId } = (await stage.store.leads.get(colleague.accountId))!
    const [asked] = (await stage.store.outbox.pending())
      .map(({ image }) => eventSchema.parse(unmarshall(image)['content']))
      .filter(({ type }) => type === 'ContactRequested')
    await mailContactRequest(ports(), { ...asked!, actor: { kind: 'owner', personId } })
    expect(stage.mails.at(-1)).toMatchObject({ subject: 'Acme, Inc., kim@agency.example wants to talk to you' })
  })

  it('is refused for the site of somebody else, and after some requests a day', async () => {
    const stranger = await signUp('eve@example.com')
    expect((await ask({ topic: 'plans' }, stranger.headers)).status).toBe(404)
    for (let count = 0; count < 4; count += 1) expect((await ask({ topic: 'plans' })).status).toBe(204)
    expect((await ask({ topic: 'plans' })).status).toBe(429)
  })

  it('has a lead also if there was none yet', async () => {
    const late = await signUp('late@example.com')
    const { id } = await givenSites(stage).active(late.accountId, 'late-site')
    const path = `/v1/sites/${id}/contact-requests`
    expect((await stage.send({ method: 'POST', path, headers: late.headers, body: { topic: 'plans' } })).status).toBe(
      204,
    )
    expect(await stage.store.leads.get(late.accountId)).toMatchObject({ contactRequests: [{ topic: 'plans' }] })
  })
})

it('a refusal that a larger plan solves counts for the lead of the account, whoever acts, and once', async () => {
  const colleague = await signUp('dev@agency.example')
  await follow(colleague)
  const { personId } = (await stage.store.leads.get(colleague.accountId))!
  const refused = {
    who: { kind: 'person', id: personId },
    accountId: owner.accountId,
    from: { network: 'unknown' },
    hour: '2026-01-31T09:00:00.000Z',
  } as const
  const problems = ['feature-not-in-plan', 'feature-not-in-plan', 'not-found']
  for (const problem of problems) {
    const feature = problem === 'feature-not-in-plan' ? { feature: 'customDomain' } : {}
    const type = `urn:sitewright:problem:${problem}`
    await stage.store.refusals.count({ schemaVersion: 1, ...refused, ...feature, problem: type })
  }
  const own = { accountId: colleague.accountId, problem: 'urn:sitewright:problem:payment-required' }
  await stage.store.refusals.count({ schemaVersion: 1, ...refused, ...own })
  const auditing = { ...ports(), auditPolicy: config.audit }
  stage.turnClock(3_600_000)
  for (let run = 0; run < 2; run += 1) await enterRefusals(auditing, (refusal) => noteRefusal(auditing, refusal))
  await followDueLeads(ports(), 'tick')
  const { json } = await asSales('GET', `/${owner.accountId}`)
  expect(json).toMatchObject({ facts: { refusals: { count: 2, features: { customDomain: 2 } } } })
  expect(JSON.stringify(json['reasons'])).toContain('+10: refused custom domain twice')
  expect((await stage.store.leads.get(colleague.accountId))?.refusals).toMatchObject({ count: 1 })
})

describe('the digest', () => {
  const digests = async (more: object = {}) => {
    const before = stage.mails.length
    await mailDigests({ ...ports(), ...more })
    return new Map(stage.mails.slice(before).map((mail) => [mail.to, mail.text]))
  }
  const day = 86_400_000
  /** Copies of a lead for accounts that nobody knows. */
  const addLeads = async (count: number, more: (lead: Lead) => Partial<Lead>): Promise<void> => {
    const { checkAt: _, ...lead } = (await stage.store.leads.get(owner.accountId))!
    const copies = Array.from({ length: count }, () => ({
      ...lead,
      accountId: createRandomness().id('acct'),
      version: 1,
      ...more(lead),
    }))
    await eachAtOnce(copies, 16, async (copy) => {
      await stage.store.leads.save(copy)
    })
  }
  const nobody = { outcome: 'open', notes: [] } as const
  const grace = { ...nobody, assignee: 'grace@example.com' } as const

  it('tells each sales person about their leads, and sales about the others, once a day', async () => {
    stage.turnClock(day)
    const sent = await digests()
    expect([...sent.keys()].toSorted()).toEqual(['grace@example.com', 'sales@example.com'])
    expect(sent.get('grace@example.com')).toMatch(/New: 1\n\n– =Ada, Acme, Inc\./)
    expect(sent.get('sales@example.com')).toMatch(/New: \d/)
    stage.turnClock(3_600_000)
    const page = () => Promise.reject(new Error('the leads were read again'))
    expect((await digests({ leadLists: { page } })).size).toBe(0)
  })

  it('tells each sales person about the leads without an assignee where no sales address is configured', async () => {
    const { contact: _, ...policy } = leadPolicy
    const cooledAt = stage.now()
    await addLeads(1, () => ({ score: 22, cooledAt, work: nobody }))
    stage.turnClock(day)
    const people = ['grace@example.com', 'alan@example.com']
    const sent = await digests({ leadPolicy: { ...policy, people } })
    expect([...sent.keys()]).toEqual(people)
    for (const text of sent.values()) expect(text).toMatch(/Cooling: 1\n\n– =Ada.*: asked, 22, without an assignee\./)
  })

  it('calls a lead new or cooling in one digest', async () => {
    const cooledAt = stage.now()
    await addLeads(1, () => ({ score: 21, cooledAt, work: nobody }))
    stage.turnClock(day)
    const first = (await digests()).get('sales@example.com')
    expect(first).toMatch(/Cooling: 1\n\n– =Ada, ada@acme\.example: asked, 21/)
    expect(first).not.toMatch(/New: /)
    stage.turnClock(day)
    expect((await digests()).get('sales@example.com') ?? '').not.toMatch(/Cooling: /)
  })

  it('has a lead that is won once its contract is to be renewed', async () => {
    const at = stage.now()
    const contractEndsOn = plusDays(at, 59).slice(0, 10)
    const renew = { outcome: 'won', notes: [], nextStep: { text: 'renew', at } } as const
    await addLeads(1, ({ facts }) => ({ score: 23, work: renew, facts: { ...facts, contractEndsOn } }))
    await addLeads(1, () => ({ score: 24, work: renew }))
    stage.turnClock(day)
    expect((await digests()).get('sales@example.com')).toMatch(/Next steps that are due: 1\n\n– =Ada.*: asked, 23/)
  })

  describe('with many leads', () => {
    beforeAll(async () => {
      await addLeads(520, () => ({ score: 90, work: grace }))
      await addLeads(12, () => ({ score: 61, work: nobody }))
    })

    it('has all leads without an assignee, however many others there are, and counts those it does not name', async () => {
      stage.turnClock(day)
      const sent = await digests()
      expect(sent.get('sales@example.com')).toMatch(/Hot: 12\n\n(– =Ada.* asked, 61.*\n\n){10}… and 2 more/)
      expect(sent.get('grace@example.com')).toContain('Hot: 520')
    })

    it('tells sales about the leads of somebody who has left, and about contact requests of their owners', async () => {
      stage.turnClock(day)
      const left = { leadPolicy: { ...leadPolicy, people: ['alan@example.com'] } }
      expect((await digests(left)).get('sales@example.com')).toContain('Hot: 532')
      const events = (await stage.store.outbox.pending())
        .map(({ image }) => eventSchema.parse(unmarshall(image)['content']))
        .filter(({ type, aggregate }) => type === 'ContactRequested' && aggregate.id === owner.accountId)
      await mailContactRequest({ ...ports(), ...left }, events[0]!)
      expect(stage.mails.at(-1)).toMatchObject({ to: 'sales@example.com' })
    })
  })

  it('comes at no other time of a day that had none', async () => {
    stage.turnClock(day)
    const people = ['erin@example.com']
    const quiet = { leadPolicy: { ...leadPolicy, people } }
    expect((await digests(quiet)).has('erin@example.com')).toBe(false)
    await addLeads(1, () => ({ score: 95, work: { ...nobody, assignee: 'erin@example.com' } }))
    stage.turnClock(3_600_000)
    expect((await digests(quiet)).size).toBe(0)
    stage.turnClock(day - 3_600_000)
    expect((await digests(quiet)).get('erin@example.com')).toContain('Hot: 1')
  })
})

it('erasing a person erases their lead', async () => {
  const lead = (await stage.store.leads.get(owner.accountId))!
  await stage.store.personEraser.erasePerson({ personId: lead.personId, accountId: owner.accountId })
  expect(await stage.store.leads.get(owner.accountId)).toBeUndefined()
  expect((await asSales('GET', '')).text).not.toContain(owner.accountId)
})
