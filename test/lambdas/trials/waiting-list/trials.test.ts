import { describe, expect, it, vi } from 'vitest'
import { type ActiveSite, type BuildingSite, ownershipOf } from '../../../../core/site/site.ts'
import { suspendSite } from '../../../../lambdas/endings/end-site.ts'
import { confirmPurge, purgeSite } from '../../../../lambdas/endings/purge-site.ts'
import { offerSchema } from '../../../../lambdas/offers/offer.ts'
import { createOffers } from '../../../../lambdas/offers/offers.ts'
import { createUnderAllowance } from '../../../../lambdas/sites/claim/create-site.ts'
import { context, fail, readySite } from '../../../adapters/dynamodb/made-changes.ts'
import { trialStage } from './trial-stage.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const waits = { kind: 'WaitingList', retryAfterSeconds: 3600 }

describe('the ceiling on live trials', () => {
  it('lets in as many as there is room for, and puts the others on the list, each once', async () => {
    const stage = await trialStage({ maxLive: 2, maxNewPerHour: 100 })
    await stage.ask(stage.newAccount())
    await stage.ask(stage.newAccount())
    const third = stage.newAccount()
    await expect(stage.ask(third)).rejects.toMatchObject(waits)
    await expect(stage.ask(third)).rejects.toMatchObject(waits)
    expect(await stage.ports.waitingList.first({ blueprint: 'welcome' }, 10)).toMatchObject([{ accountId: third }])
  })

  it('holds within a process also for a crowd, and while events are late', async () => {
    const stage = await trialStage({ maxLive: 5, maxNewPerHour: 100 })
    stage.world.isEventsLate = true
    const asked = await Promise.allSettled(Array.from({ length: 20 }, () => stage.ask(stage.newAccount())))
    expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(5)
    stage.pass(5000)
    await expect(stage.ask(stage.newAccount())).rejects.toMatchObject(waits)
    await stage.arrive()
    stage.pass(hour)
    await expect(stage.ask(stage.newAccount())).rejects.toMatchObject(waits)
    expect(await stage.ports.waitingList.count('waiting', 100)).toBe(17)
  })

  it('is not used up by requests that fail, or that were granted before', async () => {
    const stage = await trialStage({ maxLive: 2, maxNewPerHour: 100 })
    const owner = stage.newAccount()
    const first = await stage.ask(owner, 'harbour')
    expect(await stage.ask(owner, 'harbour')).toEqual(first)
    await expect(stage.ask(stage.newAccount(), 'harbour')).rejects.toMatchObject({ kind: 'HostnameTaken' })
    await expect(stage.ask(owner)).rejects.toMatchObject({ kind: 'TrialAlreadyUsed' })
    await stage.ask(stage.newAccount())
  })

  it('answers who has a site already with that site, or that the trial is used, and never with the list', async () => {
    const stage = await trialStage({ maxLive: 1, maxNewPerHour: 100 })
    const owner = stage.newAccount()
    const first = await stage.ask(owner, 'harbour')
    stage.pass(hour)
    expect(await stage.ask(owner, 'harbour')).toEqual(first)
    await expect(stage.ask(owner)).rejects.toMatchObject({ kind: 'TrialAlreadyUsed' })
    expect(await stage.ports.waitingList.find(owner)).toBeUndefined()
  })
})

describe('the room of the cells', () => {
  const stageOf = async (sites: number, counted: number, ready = 0) => {
    const stage = await trialStage({ maxLive: 100, maxNewPerHour: 100 })
    stage.ports.capacities[0]!.sites = sites
    const count = (now: number) =>
      stage.ports.cellCounts.write([{ cell: 'local', sites: now, ready: { welcome: ready } }])
    await count(counted)
    return { ...stage, count }
  }

  it('is a ceiling on trials, and nobody is invited without room', async () => {
    const stage = await stageOf(3, 2)
    await stage.ask(stage.newAccount())
    const second = stage.newAccount()
    await expect(stage.ask(second)).rejects.toMatchObject(waits)
    await stage.count(3)
    stage.pass(hour)
    await stage.invite()
    expect(stage.mailed()).toEqual([])
    await stage.count(2)
    await stage.invite()
    expect(stage.mailed()).toEqual([second])
    expect(await stage.ask(second)).toMatchObject({ cell: 'local', status: 'building' })
  })

  it('is kept for who is invited', async () => {
    const stage = await stageOf(3, 3)
    const invited = stage.newAccount()
    await expect(stage.ask(invited)).rejects.toMatchObject(waits)
    await stage.count(2)
    stage.pass(hour)
    await stage.invite()
    await expect(stage.ask(stage.newAccount())).rejects.toMatchObject(waits)
    expect(await stage.ask(invited)).toMatchObject({ status: 'building' })
  })

  it('includes the ready sites of the pool', async () => {
    const stage = await stageOf(3, 3, 1)
    // No site is in the pool of this stage, so one has to be built, and there is no room for it.
    await expect(stage.ask(stage.newAccount())).rejects.toMatchObject(waits)
    expect((await stage.ports.waitingList.first({ blueprint: 'welcome' }, 10)).length).toBe(1)
  })

  it('puts nobody on the list who asks for a site under an allowance, which is no trial', async () => {
    const stage = await stageOf(3, 3)
    const accountId = stage.newAccount()
    const request = { accountId, actor: { kind: 'system' }, causationId: 'req_1', slug: 'ours' } as const
    const asked = createUnderAllowance(stage.ports, request, { plan: 'enterprise', sites: 1 })
    await expect(asked).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(await stage.ports.waitingList.find(accountId)).toBeUndefined()
  })

  it('may be used up since it was read: an owner gets their earlier site, and others wait', async () => {
    const stage = await stageOf(3, 1)
    const owner = stage.newAccount()
    const site = await stage.ask(owner, 'harbour')
    await stage.count(3)
    expect(await stage.ask(owner, 'harbour')).toEqual(site)
    await expect(stage.ask(owner)).rejects.toMatchObject({ kind: 'TrialAlreadyUsed' })
    const other = stage.newAccount()
    await expect(stage.ask(other)).rejects.toMatchObject(waits)
    stage.pass(hour)
    await stage.count(2)
    await stage.invite()
    await stage.count(3)
    await expect(stage.ask(other)).rejects.toMatchObject(waits)
    const later = stage.newAccount()
    await expect(stage.ask(later)).rejects.toMatchObject(waits)
    // Who was invited in vain keeps the place, and the next mail is another one.
    await stage.invite()
    expect(stage.mailed()).toEqual([other])
    await stage.count(2)
    await stage.invite()
    expect(stage.mailed()).toEqual([other, other])
  })

  it('is that of each blueprint: a ready site of another one invites nobody, and waits for those who ask for it', async () => {
    const stage = await stageOf(3, 3, 1)
    await readySite(stage.ports, { cell: 'local' })
    Object.assign(stage.ports, { offeredBlueprints: ['welcome', 'notes'] })
    const [first, second] = [stage.newAccount(), stage.newAccount()]
    const notes = { blueprint: 'notes' }
    await expect(stage.ask(first, undefined, notes)).rejects.toMatchObject(waits)
    await stage.invite()
    expect(stage.mailed()).toEqual([])
    expect(await stage.ask(second)).toMatchObject({ status: 'active' })
    expect(await stage.ports.waitingList.wanted()).toEqual([{ blueprint: 'notes' }])
  })

  it('is for those who came first, whichever blueprint they ask for', async () => {
    const stage = await stageOf(3, 3)
    Object.assign(stage.ports, { offeredBlueprints: ['welcome', 'notes'] })
    const accounts = [stage.newAccount(), stage.newAccount(), stage.newAccount()]
    for (const [index, account] of accounts.entries()) {
      await expect(stage.ask(account, undefined, { blueprint: ['welcome', 'notes'][index % 2] })).rejects.toMatchObject(
        waits,
      )
      stage.pass(minute)
    }
    await stage.count(1)
    await expect(stage.ask(stage.newAccount())).rejects.toMatchObject(waits)
    await stage.invite()
    expect(stage.mailed()).toEqual(accounts.slice(0, 2))
  })
})

describe('who waits for a blueprint that they cannot get any more', () => {
  const notes = { blueprint: 'notes' }
  const acme = { id: 'acme', paths: ['/acme'], brand: { name: 'Acme' }, ...notes }
  const offered = (...offers: readonly object[]) => ({
    offers: createOffers(
      offers.map((offer) => offerSchema.parse(offer)),
      'http://localhost:4000',
    ),
  })

  it.each([
    ['is not offered any more', {}, notes, { offeredBlueprints: ['welcome'] }, {}],
    // By the domain clock it is 2030.
    [
      'is that of an offer that closed',
      offered(acme),
      { offer: 'acme' },
      offered({ ...acme, lastDay: '2029-12-31' }),
      {},
    ],
    [
      'is another one of the offer now',
      offered(acme),
      { offer: 'acme' },
      offered({ ...acme, blueprint: 'welcome' }),
      { offer: 'acme' },
    ],
  ])('waits at their place for the one that they can get: it %s', async (_, before, request, after, by) => {
    const stage = await trialStage({ maxLive: 100, maxNewPerHour: 100 })
    stage.ports.capacities[0]!.sites = 3
    const count = (ready: Readonly<Record<string, number>>) =>
      stage.ports.cellCounts.write([{ cell: 'local', sites: 3, ready }])
    await count({})
    Object.assign(stage.ports, { offeredBlueprints: ['welcome', 'notes'] }, before)
    const [first, second] = [stage.newAccount(), stage.newAccount()]
    await expect(stage.ask(first, undefined, request)).rejects.toMatchObject(waits)
    stage.pass(minute)
    await expect(stage.ask(second)).rejects.toMatchObject(waits)
    Object.assign(stage.ports, after)
    await stage.invite()
    await readySite(stage.ports, { cell: 'local' })
    await count({ welcome: 1 })
    stage.pass(minute)
    await expect(stage.ask(stage.newAccount())).rejects.toMatchObject(waits)
    await stage.invite()
    expect(stage.mailed()).toEqual([first])
    expect(await stage.ask(first, undefined, by)).toMatchObject({ status: 'active' })
  })
})

describe('the ceiling on new trials', () => {
  it('counts those of the last hour', async () => {
    const stage = await trialStage({ maxLive: 100, maxNewPerHour: 2 })
    await stage.ask(stage.newAccount())
    stage.pass(30 * minute)
    await stage.ask(stage.newAccount())
    await expect(stage.ask(stage.newAccount())).rejects.toMatchObject(waits)
  })

  it('has room again when the hour has ended, for those who wait first', async () => {
    const stage = await trialStage({ maxLive: 100, maxNewPerHour: 1 })
    await stage.ask(stage.newAccount())
    const [first, second] = [stage.newAccount(), stage.newAccount()]
    await expect(stage.ask(first)).rejects.toMatchObject(waits)
    stage.pass(70 * minute)
    // There is room, and somebody was earlier.
    await expect(stage.ask(second)).rejects.toMatchObject(waits)
    await stage.invite()
    expect(stage.mailed()).toEqual([first])
    await expect(stage.ask(second)).rejects.toMatchObject(waits)
    await stage.open(await stage.ask(first))
    expect(await stage.ports.waitingList.find(first)).toBeUndefined()
  })

  it('counts an invitation for an hour, whether its account comes or not', async () => {
    const stage = await trialStage({ maxLive: 100, maxNewPerHour: 2 })
    await stage.ask(stage.newAccount())
    await stage.ask(stage.newAccount())
    const waiting = Array.from({ length: 3 }, stage.newAccount)
    for (const account of waiting) {
      stage.pass(1000)
      await expect(stage.ask(account)).rejects.toMatchObject(waits)
    }
    stage.pass(70 * minute)
    await stage.invite()
    stage.pass(hour - 1)
    await stage.invite()
    expect(stage.mailed()).toEqual(waiting.slice(0, 2))
    stage.pass(1)
    await stage.invite()
    expect(stage.mailed()).toEqual(waiting)
    await stage.ask(stage.newAccount())
    await expect(stage.ask(stage.newAccount())).rejects.toMatchObject(waits)
    // Who was invited has their place for all three days.
    await stage.ask(waiting[0]!)
  })
})

describe('the waiting list', () => {
  const full = async (waiting: number) => {
    const stage = await trialStage({ maxLive: 1, maxNewPerHour: 100 })
    await stage.ask(stage.newAccount())
    const accounts = Array.from({ length: waiting }, stage.newAccount)
    for (const account of accounts) {
      stage.pass(1000)
      await expect(stage.ask(account)).rejects.toMatchObject(waits)
    }
    return { stage, accounts }
  }

  it('invites the longest waiting when there is room', async () => {
    const { stage, accounts } = await full(4)
    await stage.invite()
    expect(stage.mailed()).toEqual([])
    stage.ports.ceilings.maxLive = 3
    await stage.invite()
    await stage.invite()
    expect(stage.mailed()).toEqual(accounts.slice(0, 2))
    const mail = [...stage.world.mails.values()][0]
    expect(mail).toMatchObject({ links: ['http://localhost:4000'], expiresAt: '2026-03-04T12:00:04.000Z' })
    expect(mail?.id).toMatch(/^msg_[0-7][0-9a-hjkmnp-tv-z]{25}$/)
    await stage.ask(accounts[1]!)
    await stage.ask(accounts[0]!)
    await expect(stage.ask(accounts[2]!)).rejects.toMatchObject(waits)
  })

  it('passes an unused invitation on after three days', async () => {
    const { stage, accounts } = await full(2)
    stage.ports.ceilings.maxLive = 2
    await stage.invite()
    stage.pass(3 * day - 1)
    await stage.invite()
    expect(stage.mailed()).toEqual([accounts[0]])
    stage.pass(1)
    await expect(stage.ask(accounts[0]!)).rejects.toMatchObject(waits)
    await stage.invite()
    expect(stage.mailed()).toEqual(accounts)
    stage.pass(3 * day)
    await stage.invite()
    expect(await stage.ports.waitingList.find(accounts[1]!)).toBeUndefined()
    // Who asked again began at the end, and got the mail that the answer spoke of.
    expect(stage.mailed()).toEqual([...accounts, accounts[0]])
    await expect(stage.ask(accounts[1]!)).rejects.toMatchObject(waits)
    await stage.ask(accounts[0]!)
  })

  it('keeps who asks again while their invitation ends', async () => {
    const { stage, accounts } = await full(1)
    stage.ports.ceilings.maxLive = 2
    await stage.invite()
    stage.pass(3 * day)
    const { lapsed } = stage.ports.waitingList
    vi.spyOn(stage.ports.waitingList, 'lapsed').mockImplementationOnce(async (...now) => {
      const found = await lapsed(...now)
      await expect(stage.ask(accounts[0]!)).rejects.toMatchObject(waits)
      return found
    })
    await stage.invite()
    expect(stage.mailed()).toEqual([accounts[0], accounts[0]])
  })

  it('sends one invitation although mail or store fail', async () => {
    const { stage, accounts } = await full(2)
    stage.ports.ceilings.maxLive = 3
    stage.world.mailOutage = new Error('outage')
    await expect(stage.invite()).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(await stage.ports.waitingList.count('invited', 10)).toBe(0)
    stage.world.mailOutage = undefined
    const replace = vi.spyOn(stage.ports.waitingList, 'replace').mockRejectedValue(new Error('the reply was lost'))
    await expect(stage.invite()).rejects.toMatchObject({ kind: 'Unavailable' })
    replace.mockRestore()
    await stage.invite()
    expect(stage.mailed().toSorted()).toEqual(accounts.toSorted())
    expect(stage.world.mails.size).toBe(2)
  })

  it('keeps an invitation until the site is open, so that a failed build costs nobody their turn', async () => {
    const { stage, accounts } = await full(2)
    const [first, second] = accounts
    stage.ports.ceilings.maxLive = 2
    await stage.invite()
    const building = await stage.ask(first!)
    if (building.status !== 'building') throw new Error('a site was ready')
    await stage.ports.sites.commit(fail(building))
    await stage.arrive()
    stage.pass(minute)
    await stage.invite()
    expect(stage.mailed()).toEqual([first])
    await stage.open(await stage.ask(first!))
    expect(await stage.ports.waitingList.find(first!)).toBeUndefined()
    expect(await stage.ports.waitingList.first({ blueprint: 'welcome' }, 10)).toMatchObject([{ accountId: second }])
  })

  it('reserves no second place for an invited account while its site is built', async () => {
    const { stage, accounts } = await full(2)
    stage.ports.ceilings.maxLive = 2
    await stage.invite()
    const building = await stage.ask(accounts[0]!)
    stage.ports.ceilings.maxLive = 3
    stage.pass(minute)
    await stage.invite()
    expect(stage.mailed()).toEqual(accounts)
    await stage.open(building)
    expect(await stage.ports.waitingList.count('invited', 10)).toBe(1)
  })

  it('counts the last request of an account, at the place of its first', async () => {
    const stage = await trialStage({ maxLive: 0, maxNewPerHour: 100 })
    const acme = offerSchema.parse({ id: 'acme', paths: ['/acme'], brand: { name: 'Acme' }, trials: 'one-per-offer' })
    const offers = createOffers([acme], stage.ports.consoleUrl)
    Object.assign(stage.ports, { offeredBlueprints: ['welcome', 'notes'], offers })
    const [account, later] = [stage.newAccount(), stage.newAccount()]
    const asks = [{ blueprint: 'notes' }, { offer: 'acme', blueprint: 'notes' }, { offer: 'acme' }, {}, {}]
    const entries: unknown[] = []
    for (const request of asks) {
      await expect(stage.ask(account, undefined, request)).rejects.toMatchObject(waits)
      const { joinedAt, ...entry } = (await stage.ports.waitingList.find(account)) ?? {}
      expect(joinedAt).toBe('2026-03-01T12:00:00.000Z')
      entries.push(entry)
      stage.pass(minute)
      await expect(stage.ask(later)).rejects.toMatchObject(waits)
    }
    const waiting = { schemaVersion: 1, accountId: account, status: 'waiting' }
    const [own, other] = [{}, { offer: 'acme', trialOf: 'acme' }]
    expect(entries).toEqual([
      { ...waiting, ...own, blueprint: 'notes' },
      { ...waiting, ...other, blueprint: 'notes' },
      { ...waiting, ...other, blueprint: 'welcome' },
      { ...waiting, ...own, blueprint: 'welcome' },
      { ...waiting, ...own, blueprint: 'welcome' },
    ])
    stage.ports.ceilings.maxLive = 1
    await stage.invite()
    expect(stage.mailed()).toEqual([account])
  })

  it('keeps who waits for a trial while another site of theirs is built and opened', async () => {
    const stage = await trialStage({ maxLive: 0, maxNewPerHour: 100 })
    const accountId = stage.newAccount()
    const request = { accountId, actor: { kind: 'system' }, causationId: 'req_1', slug: 'ours' } as const
    const own = await createUnderAllowance(stage.ports, request, { plan: 'trial', sites: 2 })
    await stage.arrive()
    await expect(stage.ask(accountId)).rejects.toMatchObject(waits)
    await stage.open(own)
    await createUnderAllowance(stage.ports, { ...request, slug: 'ours-too' }, { plan: 'trial', sites: 2 })
    await stage.arrive()
    expect(await stage.ports.waitingList.find(accountId)).toMatchObject({ status: 'waiting' })
  })

  it('forgets accounts that are gone or closed', async () => {
    const { stage, accounts } = await full(3)
    stage.ports.ceilings.maxLive = 3
    stage.world.gone.add(accounts[0]!)
    stage.world.closed.add(accounts[1]!)
    await stage.invite()
    await stage.invite()
    expect(stage.mailed()).toEqual([accounts[2]])
  })
})

describe('an allowance', () => {
  it('that was lowered gives no site in a place that is free, until the account has fewer', async () => {
    const stage = await trialStage({ maxLive: 9, maxNewPerHour: 100 })
    const { sites } = stage.ports
    const accountId = stage.newAccount()
    const create = (slug: string, allowed: number) => {
      const request = { accountId, actor: { kind: 'system' }, causationId: 'req_1', slug } as const
      return createUnderAllowance(stage.ports, request, { plan: 'enterprise', sites: allowed })
    }
    const built = await create('one', 2)
    await create('two', 2)
    await stage.open(built)
    const deletion = { requestedAt: context.clocks.domain(), by: 'owner' } as const
    const live = (await sites.get(built.id)) as ActiveSite
    const suspended = suspendSite(live, { because: 'owner-deletion', deletion }, context)
    const purging = confirmPurge(suspended.after, 'A test.', context)
    for (const change of [suspended, purging, purgeSite(purging.after as never, context)]) {
      expect(await sites.commit(change)).toMatchObject({ done: true })
    }
    await expect(create('three', 1)).rejects.toMatchObject({ kind: 'LimitsExceeded' })
    const third = await create('three', 2)
    expect(ownershipOf(third)).toMatchObject({ trialOf: 'allowance#1' })
    await sites.commit(fail(third as BuildingSite))
    expect(ownershipOf(await create('four', 2))).toMatchObject({ trialOf: 'allowance#1' })
  })
})

describe('somebody who waits for the trial of an offer', () => {
  // By the domain clock it is 2030.
  const ended = '2029-12-31'
  const invitedBy = async (
    ...settings: readonly { readonly id: string; readonly lastDay?: string; readonly trials?: string }[]
  ) => {
    const stage = await trialStage({ maxLive: 0, maxNewPerHour: 100 })
    const have = (offers: readonly object[]) => {
      const parsed = offers.map((one) => offerSchema.parse(one))
      Object.assign(stage.ports, { offers: createOffers(parsed, stage.ports.consoleUrl) })
    }
    const account = stage.newAccount()
    have(settings.map(({ lastDay: _, ...open }) => open))
    await expect(stage.ask(account, undefined, { offer: 'acme' })).rejects.toMatchObject(waits)
    have(settings)
    const { get } = stage.ports.accounts
    Object.assign(stage.ports, {
      accounts: { ...stage.ports.accounts, get: async (id: typeof account) => ({ ...(await get(id)), offer: 'fair' }) },
    })
    stage.ports.ceilings.maxLive = 1
    await stage.invite()
    const links = [...stage.world.mails.values()].flatMap((mail) => mail.links)
    return { links, status: (await stage.ports.waitingList.find(account))?.status }
  }
  const acme = { id: 'acme', paths: ['/acme'], brand: { name: 'Acme' } }
  const console = 'http://localhost:4000'

  it('is invited by it', async () => {
    expect(await invitedBy(acme)).toEqual({ links: [`${console}/acme`], status: 'invited' })
  })

  it.each([
    ['', {}],
    [' and has closed', { lastDay: ended }],
  ])('is invited by it where that of the first sign-up is another%s', async (_, first) => {
    const fair = { id: 'fair', paths: ['/fair'], brand: { name: 'Fair' }, trials: 'one-per-offer', ...first }
    const asked = await invitedBy(fair, { ...acme, trials: 'one-per-offer' })
    expect(asked).toEqual({ links: [`${console}/acme`], status: 'invited' })
  })

  it('keeps their place while the trial of another offer is built, and an invitation admits to one trial', async () => {
    const stage = await trialStage({ maxLive: 1, maxNewPerHour: 100 })
    const fair = { ...acme, id: 'fair', paths: ['/fair'] }
    const own = [acme, fair].map((offer) => offerSchema.parse({ ...offer, trials: 'one-per-offer' }))
    Object.assign(stage.ports, { offers: createOffers(own, console) })
    const account = stage.newAccount()
    const first = await stage.ask(account, undefined, { offer: 'acme' })
    stage.pass(minute)
    await expect(stage.ask(account, undefined, { offer: 'fair' })).rejects.toMatchObject(waits)
    await stage.open(first)
    expect(await stage.ports.waitingList.find(account)).toMatchObject({ offer: 'fair', status: 'waiting' })
    stage.ports.ceilings.maxLive = 2
    await stage.invite()
    await expect(stage.ask(account)).rejects.toMatchObject({ kind: 'TrialAlreadyUsed' })
    await stage.open(await stage.ask(account, undefined, { offer: 'fair' }))
    expect(await stage.ports.waitingList.find(account)).toBeUndefined()
  })

  it('is invited by the offer of the installation once it has closed', async () => {
    expect(await invitedBy({ ...acme, lastDay: ended })).toEqual({ links: [console], status: 'invited' })
  })

  it.each([
    [
      'both offers have closed',
      [
        { id: 'default', lastDay: ended },
        { ...acme, lastDay: ended },
      ],
    ],
    [
      'it gave trials of its own, as the account may have used the other',
      [{ ...acme, lastDay: ended, trials: 'one-per-offer' }],
    ],
  ])('leaves the list without a reserved place if %s', async (_, settings) => {
    expect(await invitedBy(...settings)).toEqual({ links: [], status: undefined })
  })
})

describe('paused trials', () => {
  it('put everybody on the list, the invited too, and keep their places', async () => {
    const stage = await trialStage({ maxLive: 1, maxNewPerHour: 100 })
    await stage.ask(stage.newAccount())
    const [first, second] = [stage.newAccount(), stage.newAccount()]
    await expect(stage.ask(first)).rejects.toMatchObject(waits)
    stage.ports.ceilings.maxLive = 10
    await stage.invite()
    await stage.pause(true)
    await expect(stage.ask(first)).rejects.toMatchObject(waits)
    await expect(stage.ask(second)).rejects.toMatchObject(waits)
    stage.pass(4 * day)
    await stage.invite()
    expect(stage.mailed()).toEqual([first])
    await stage.pause(false)
    await expect(stage.ask(stage.newAccount())).rejects.toMatchObject(waits)
    await stage.invite()
    await stage.ask(first)
    await stage.ask(second)
  })

  it('send a new invitation for one that lapsed during the pause, also if it is repeated', async () => {
    const stage = await trialStage({ maxLive: 0, maxNewPerHour: 100 })
    const account = stage.newAccount()
    await expect(stage.ask(account)).rejects.toMatchObject(waits)
    stage.ports.ceilings.maxLive = 1
    await stage.invite()
    await stage.pause(true)
    stage.pass(4 * day)
    await stage.invite()
    await stage.pause(false)
    const replace = vi.spyOn(stage.ports.waitingList, 'replace').mockRejectedValue(new Error('the reply was lost'))
    await expect(stage.invite()).rejects.toMatchObject({ kind: 'Unavailable' })
    replace.mockRestore()
    stage.pass(minute)
    await stage.invite()
    expect(stage.mailed()).toEqual([account, account])
    expect((await stage.ask(account)).status).toBe('building')
  })

  it.each([
    ['', minute],
    [' after the end of the first one', 4 * day],
  ])('send a new invitation to who asked during the pause%s, as the answer says', async (_, waited) => {
    const stage = await trialStage({ maxLive: 0, maxNewPerHour: 100 })
    const [account, later] = [stage.newAccount(), stage.newAccount()]
    await expect(stage.ask(account)).rejects.toMatchObject(waits)
    stage.pass(minute)
    await expect(stage.ask(later)).rejects.toMatchObject(waits)
    stage.ports.ceilings.maxLive = 1
    await stage.invite()
    await stage.pause(true)
    stage.pass(waited)
    await expect(stage.ask(account)).rejects.toMatchObject(waits)
    stage.pass(minute)
    await expect(stage.ask(account)).rejects.toMatchObject(waits)
    await stage.pause(false)
    await stage.invite()
    expect(stage.mailed()).toEqual([account, account])
    expect((await stage.ask(account)).status).toBe('building')
  })
})
