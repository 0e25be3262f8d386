import { describe, expect, it, test } from 'vitest'
import type { CustomDomainEvent } from '../../../core/events/event.ts'
import { system } from '../../../core/events/event-names.ts'
import type { SiteId } from '../../../core/ids.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import {
  type CheckDomainsPorts,
  checkDomain,
  checkDomains,
  withdrawDomain,
  withdrawLeftDomains,
} from '../../../lambdas/domains/check-domains.ts'
import {
  type CustomDomain,
  type DomainChange,
  domainTimes,
  ownershipName,
  ownershipValue,
} from '../../../lambdas/domains/custom-domain.ts'
import type { DomainTenants } from '../../../lambdas/domains/ports.ts'
import config from '../../../sitewright.config.ts'
import { fixedContext, recordingLog } from '../../support/fixed-ports.ts'
import { ownZone } from '../../support/own-zone.ts'
import { siteSamples } from '../../support/site-samples.ts'
import { domainSamples } from './domain-samples.ts'

const silence = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** Tenants whose calls are noted. */
const notedTenants = (done: string[], list: readonly string[] = []): DomainTenants => ({
  serve: async (hostname) => {
    done.push(`serve ${hostname}`)
    return 'waits'
  },
  withdraw: async (hostname) => {
    if (hostname.startsWith('failing')) throw new Error('it is not disabled yet')
    done.push(`withdraw ${hostname}`)
  },
  list: async () => list,
})

/** A verified domain that is due, and an edge that answers so. */
const scene = (serve: (release: () => void, retries: boolean) => ReturnType<DomainTenants['serve']>) => {
  const { clocks: fixed, randomness } = fixedContext()
  let now = fixed.domain()
  const clocks = { ...fixed, domain: () => now }
  const site = { ...siteSamples.active, plan: 'growth' }
  const zone = ownZone()
  const done: string[] = []
  const events: CustomDomainEvent[] = []
  let domain: CustomDomain | undefined = { ...domainSamples.verified, siteId: site.id }
  const { hostname } = domain
  zone.set(ownershipName(hostname), { TXT: [ownershipValue(domain)] })
  zone.set(hostname, { CNAME: zone.edge.targetOf(site.ownership.hostname) })
  const release = () => {
    domain = undefined
  }
  const tenants: DomainTenants = {
    ...notedTenants(done),
    serve: (_, { retries } = { retries: false }) => serve(release, retries),
  }
  const ports = {
    dns: zone.dns,
    edge: zone.edge,
    tenants,
    clocks,
    randomness,
    log: silence,
    plans: planCatalogue(config.plans),
    sites: { get: async () => site },
    domains: {
      listDue: async (until: string) => (domain === undefined || domain.nextCheckAt > until ? [] : [domain]),
      get: async () => domain,
      holderOf: async () => domain?.siteId,
      note: async (noted: CustomDomain) => {
        if (domain !== undefined) domain = noted
      },
      commit: async ({ before, after, event }: DomainChange) => {
        if (before?.version !== domain?.version) return 'version'
        domain = after
        events.push(event)
        return 'done'
      },
    },
  } as unknown as CheckDomainsPorts
  const check = () => checkDomains(ports, 'evt_1')
  const minutesPass = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      await check()
      now = plusMilliseconds(now, 60_000)
    }
  }
  const checkNow = () => checkDomain(ports, { siteId: site.id, hostname }, { actor: system, causationId: 'evt_1' })
  return { check, minutesPass, checkNow, domain: () => domain, events, done, now, hostname }
}

describe('a verified domain', () => {
  it('rests for hours once it is served', async () => {
    const { check, domain, now, done } = scene(async () => 'served')
    await check()
    expect(domain()?.nextCheckAt).toBe(plusMilliseconds(now, domainTimes.verifiedCheck))
    expect(done).toEqual([])
  })

  it('tells of the first time that it is served, once', async () => {
    const answers = ['waits', 'served', 'served'] as const
    let asked = 0
    const { minutesPass, domain, events } = scene(async () => answers[asked++] ?? 'waits')
    await minutesPass(1)
    expect([events, domain()?.servedAt]).toEqual([[], undefined])
    await minutesPass(1)
    const { version, servedAt } = domain() ?? {}
    expect(servedAt).toEqual(expect.any(String))
    expect(version).toBe(domainSamples.verified.version + 1)
    await minutesPass(6 * 60)
    expect(asked).toBe(3)
    expect(domain()).toMatchObject({ version, servedAt })
    expect(events).toMatchObject([
      { type: 'CustomDomainVerified', version, data: { state: 'verified', previousState: 'verified' } },
    ])
  })

  it('is checked by the next run while it is not served yet', async () => {
    const { check, domain, now } = scene(async () => 'waits')
    await check()
    expect(domain()?.nextCheckAt).toBe(now)
  })

  it('is checked by the next run where the edge does not answer', async () => {
    const { check, domain, now } = scene(async () => {
      throw new Error('no answer')
    })
    await expect(check()).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(domain()?.nextCheckAt).toBe(now)
  })

  it('leaves nothing behind that is released while it is being served', async () => {
    const { check, done, hostname } = scene(async (release) => {
      release()
      return 'waits'
    })
    await check()
    expect(done).toEqual([`withdraw ${hostname}`])
  })

  it('gets another certificate after a pause that doubles to a day if each is refused, however often its owner checks', async () => {
    const requested: number[] = []
    let minute = 0
    const { minutesPass, checkNow, domain } = scene(async (_, retries) => {
      if (retries) requested.push(minute)
      return retries ? 'waits' : 'refused'
    })
    for (; minute < 5 * 1440; minute += 1) {
      if (minute % 7 === 0) await checkNow()
      await minutesPass(1)
    }
    expect(requested).toEqual([10, 31, 72, 153, 314, 635, 1276, 2557, 3998, 5439, 6880])
    expect(domain()?.refused).toMatchObject({ times: 12, retryAt: expect.any(String) })
  })

  it('is looked at in each run after such a request, and forgets the refusals once it is served', async () => {
    const answers = ['refused', 'waits', 'waits', 'served'] as const
    let asked = 0
    const { minutesPass, domain } = scene(async () => answers[asked++] ?? 'served')
    await minutesPass(10)
    expect(asked).toBe(1)
    await minutesPass(2)
    expect(domain()?.refused).toEqual({ times: 1 })
    await minutesPass(1)
    expect(asked).toBe(4)
    expect(domain()).not.toHaveProperty('refused')
  })
})

const { verified } = domainSamples
const other: SiteId = 'site_01jq3v5k8m0000000000000009'

/** The calls at the edge, where these tenants have the hostname, one after the other. */
const withdrawing = async (holders: readonly (SiteId | undefined)[], isKnown = true) => {
  const done: string[] = []
  const left = [...holders]
  await withdrawDomain(
    {
      domains: { find: async () => (isKnown ? verified : undefined), holderOf: async () => left.shift() },
      tenants: notedTenants(done),
    },
    verified,
  )
  return done
}

describe('what served a domain that was released', () => {
  it('is removed', async () => {
    expect(await withdrawing([undefined, undefined])).toEqual(['withdraw www.example.com'])
  })

  it('keeps serving a domain that another site holds', async () => {
    expect(await withdrawing([other])).toEqual([])
  })

  it('serves it again if another site takes it at that moment', async () => {
    expect(await withdrawing([undefined, other])).toEqual(['withdraw www.example.com', 'serve www.example.com'])
  })

  it('ignores an unknown domain', async () => {
    expect(await withdrawing([], false)).toEqual([])
  })
})

test('a sweep removes what no site holds, and continues where one cannot be removed', async () => {
  const done: string[] = []
  const log = recordingLog()
  const holders: Readonly<Record<string, SiteId>> = { 'held.example.com': other }
  const sweep = withdrawLeftDomains({
    domains: { holderOf: async (hostname) => holders[hostname] },
    tenants: notedTenants(done, ['failing.example.com', 'held.example.com', 'left.example.com']),
    log,
  })
  await expect(sweep).rejects.toMatchObject({
    kind: 'Unavailable',
    message: expect.stringContaining('failing.example.com'),
  })
  expect(done).toEqual(['withdraw left.example.com'])
  expect(log.lines).toMatchObject([{ fields: { hostname: 'failing.example.com' } }])
})
