import { describe, expect, it } from 'vitest'
import { eventSchema, type SiteEvent } from '../../../../core/events/event.ts'
import type { AccountId } from '../../../../core/ids.ts'
import type { CountedSite } from '../../../../core/ports/site-lists.ts'
import { countSite } from '../../../../lambdas/sites/claim/count-site.ts'
import { unpurgedSites } from '../../../../lambdas/trials/brake.ts'
import { liveTrials, newTrialsInHour } from '../../../../lambdas/trials/waiting-list/admit-trials.ts'
import type { WaitingEntry } from '../../../../lambdas/trials/waiting-list/waiting-entry.ts'
import events from '../../../fixtures/event.json' with { type: 'json' }
import { countedWindows } from '../../../support/counted-windows.ts'
import { wallNow } from '../../../support/fixed-ports.ts'

const {
  'account-opened': accountOpened,
  'site-claimed': claimed,
  'site-stocked': stocked,
  'site-suspended': suspended,
} = events

const counting = () => {
  const counted: CountedSite[] = []
  const left: AccountId[] = []
  const entries: WaitingEntry[] = []
  const rateWindows = countedWindows()
  return {
    counted,
    left,
    entries,
    newInHour: () => newTrialsInHour(rateWindows, wallNow),
    ports: {
      totals: {
        count: async (site: CountedSite) => {
          const isKnown = counted.some(({ id }) => id === site.id)
          counted.push(site)
          return isKnown ? ('known' as const) : ('new' as const)
        },
      },
      rateWindows,
      waitingList: {
        find: async (accountId: AccountId): Promise<WaitingEntry> =>
          entries.at(-1) ?? {
            ...{ schemaVersion: 1, status: 'waiting' },
            ...{ accountId, blueprint: 'welcome', joinedAt: wallNow },
          },
        replace: async (_: WaitingEntry, after: WaitingEntry) => entries.push(after) > 0,
        leave: async (accountId: AccountId) => {
          left.push(accountId)
        },
      },
      clocks: { wall: () => wallNow, domain: () => '2030-01-01T00:00:00.000Z' },
    },
  }
}
const claim = eventSchema.parse(claimed) as SiteEvent

describe('counting a site', () => {
  it('counts the event’s status, and a new trial once by the wall clock', async () => {
    const { ports, counted, newInHour } = counting()
    await countSite(ports, claim)
    const { status, plan } = claim.data
    expect(counted).toEqual([{ id: claim.aggregate.id, version: claim.version, status, plan, at: claim.at }])
    await countSite(ports, claim)
    expect(await newInHour()).toBe(1)
  })

  it('counts a site under an allowance as no new trial and no conversion', async () => {
    const { ports, counted, newInHour } = counting()
    await countSite(ports, eventSchema.parse({ ...claimed, data: { ...claimed.data, plan: 'enterprise' } }))
    expect(counted).toMatchObject([{ plan: 'enterprise', isByAgreement: true }])
    expect(await newInHour()).toBe(0)
  })

  it('removes an account with a site from the waiting list, repeatedly', async () => {
    const { ports, left } = counting()
    await countSite(ports, claim)
    await countSite(ports, claim)
    expect(left).toEqual([claim.data.accountId, claim.data.accountId])
  })

  it('notes which site an invited account uses its invitation for until the build fails, whatever comes late', async () => {
    const { ports, entries, left } = counting()
    const [one, other] = ['site_01jq3v5k8m0000000000000008', 'site_01jq3v5k8m0000000000000009']
    const happens = (type: string, id: string, status: string) => {
      const data = { ...claimed.data, status, ...(type !== 'SiteRequested' && { step: 'run' }) }
      return countSite(ports, eventSchema.parse({ ...claimed, type, aggregate: { type: 'site', id }, data }))
    }
    entries.push({ ...(await ports.waitingList.find(claim.data.accountId!)), status: 'invited', until: wallNow })
    const uses = () => entries.map((entry) => ('site' in entry ? entry.site : undefined))
    await happens('SiteRequested', one, 'building')
    await happens('SiteFailed', one, 'failed')
    await happens('SiteRequested', one, 'building')
    expect(uses()).toEqual([undefined, one, undefined])
    await happens('SiteRequested', other, 'building')
    await happens('SiteFailed', one, 'failed')
    expect(uses()).toEqual([undefined, one, undefined, other])
    expect(left).toEqual([])
    await happens('SiteOpened', other, 'active')
    expect(left).toEqual([claim.data.accountId])
  })

  it('counts what happens to a site later, and that is no new trial', async () => {
    const { ports, counted, left, newInHour } = counting()
    await countSite(ports, eventSchema.parse(suspended))
    expect(counted).toMatchObject([{ status: 'suspended' }])
    expect(left).toEqual([])
    expect(await newInHour()).toBe(0)
  })

  it.each([
    ['a site of the pool', stocked],
    ['an account', accountOpened],
  ])('leaves out %s', async (_what, event) => {
    const { ports, counted } = counting()
    await countSite(ports, eventSchema.parse(event))
    expect(counted).toEqual([])
  })
})

describe('the totals', () => {
  const totals = [
    { status: 'building', plan: 'trial', sites: 2 },
    { status: 'active', plan: 'trial', sites: 30 },
    { status: 'active', plan: 'starter', sites: 400 },
    { status: 'suspended', plan: 'trial', sites: 5000 },
    { status: 'archived', plan: 'trial', sites: 60_000 },
    { status: 'purged', plan: 'trial', sites: 700_000 },
    { status: 'failed', plan: 'trial', sites: 8_000_000 },
  ] as const

  it('say how many sites are not purged, and how many trials live', () => {
    expect(unpurgedSites(totals)).toBe(65_432)
    expect(liveTrials(totals)).toBe(32)
  })

  it('are never less than nothing, whatever late events make of them', () => {
    expect(unpurgedSites([{ status: 'active', plan: 'trial', sites: -2 }])).toBe(0)
    expect(liveTrials([])).toBe(0)
  })
})
