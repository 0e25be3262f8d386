import { describe, expect, it, test } from 'vitest'
import type { SiteId } from '../../../core/ids.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import {
  type CheckDomainsPorts,
  checkDomains,
  withdrawDomain,
  withdrawLeftDomains,
} from '../../../lambdas/domains/check-domains.ts'
import {
  type CustomDomain,
  type DomainTenants,
  domainTimes,
  ownershipName,
  ownershipValue,
} from '../../../lambdas/domains/custom-domain.ts'
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
    return false
  },
  withdraw: async (hostname) => {
    if (hostname.startsWith('failing')) throw new Error('it is not disabled yet')
    done.push(`withdraw ${hostname}`)
  },
  list: async () => list,
})

/** A verified domain that is due, and an edge that answers so. */
const scene = (serve: (release: () => void) => Promise<boolean>) => {
  const { clocks, randomness } = fixedContext()
  const site = { ...siteSamples.active, plan: 'growth' }
  const zone = ownZone()
  const done: string[] = []
  let domain: CustomDomain | undefined = { ...domainSamples.verified, siteId: site.id }
  const { hostname } = domain
  zone.set(ownershipName(hostname), { TXT: [ownershipValue(domain)] })
  zone.set(hostname, { CNAME: zone.edge.targetOf(site.ownership.hostname) })
  const release = () => {
    domain = undefined
  }
  const tenants: DomainTenants = { ...notedTenants(done), serve: () => serve(release) }
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
      listDue: async () => (domain === undefined ? [] : [domain]),
      get: async () => domain,
      holderOf: async () => domain?.siteId,
      note: async (noted: CustomDomain) => {
        if (domain !== undefined) domain = noted
      },
    },
  } as unknown as CheckDomainsPorts
  return { check: () => checkDomains(ports, 'evt_1'), domain: () => domain, done, now: clocks.domain(), hostname }
}

describe('a verified domain', () => {
  it('rests for hours once it is served', async () => {
    const { check, domain, now, done } = scene(async () => true)
    await check()
    expect(domain()?.nextLookAt).toBe(plusMilliseconds(now, domainTimes.verifiedLook))
    expect(done).toEqual([])
  })

  it('is checked by the next run while it is not served yet', async () => {
    const { check, domain, now } = scene(async () => false)
    await check()
    expect(domain()?.nextLookAt).toBe(now)
  })

  it('is checked by the next run where the edge does not answer', async () => {
    const { check, domain, now } = scene(async () => {
      throw new Error('no answer')
    })
    await expect(check()).rejects.toMatchObject({ kind: 'Unavailable' })
    expect(domain()?.nextLookAt).toBe(now)
  })

  it('leaves nothing behind that is released while it is being served', async () => {
    const { check, done, hostname } = scene(async (release) => {
      release()
      return false
    })
    await check()
    expect(done).toEqual([`withdraw ${hostname}`])
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
