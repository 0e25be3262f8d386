import type { Actor } from '../events/event.ts'
import { system } from '../events/event-names.ts'
import type { SiteId } from '../ids.ts'
import { conflict, retryOnConflict } from '../retry-on-conflict.ts'
import type { Site } from '../site/site.ts'
import { isKept } from '../site/site.ts'
import type { CustomDomain } from './custom-domain.ts'
import { isHeld } from './custom-domain.ts'
import type { DomainChange } from './domain-change.ts'
import { enterState, releaseDomain } from './domain-change.ts'
import { judgeDomain } from './domain-verdict.ts'
import type { DomainPorts } from './look-up-domain.ts'
import { customDomainFeature, lookUpDomain } from './look-up-domain.ts'

interface LookContext {
  readonly actor: Actor
  readonly causationId: string
}

/** The domain of another site under the same hostname. */
const findRival = async ({ domains }: DomainPorts, domain: CustomDomain): Promise<CustomDomain | undefined> => {
  if (isHeld(domain)) return undefined
  const holder = await domains.holderOf(domain.hostname)
  return holder === undefined || holder === domain.siteId ? undefined : domains.get(holder, domain.hostname)
}

const decide = async (
  ports: DomainPorts,
  domain: CustomDomain,
  site: Site | undefined,
  context: LookContext,
): Promise<{ readonly changes: readonly [DomainChange, ...DomainChange[]] } | { readonly note: CustomDomain }> => {
  const { clocks, randomness, plans } = ports
  const change = { ...context, clocks, randomness }
  if (!isKept(site)) return { changes: [releaseDomain(domain, 'site-gone', change)] }
  const rival = await findRival(ports, domain)
  const isOtherwiseUsed = rival?.accountId === domain.accountId
  const sighting = await lookUpDomain(ports, {
    accountId: domain.accountId,
    hostname: domain.hostname,
    siteHostname: site.ownership.hostname,
    heldBy: isOtherwiseUsed ? undefined : rival?.accountId,
  })
  const judgement = judgeDomain(domain, {
    sighting,
    isEntitled: plans.find(site.plan).features.includes(customDomainFeature),
    isOtherwiseUsed,
    now: clocks.domain(),
  })
  if ('release' in judgement) return { changes: [releaseDomain(domain, judgement.release, change)] }
  const { become } = judgement
  if (become.version === domain.version) return { note: become }
  const entering = enterState(domain, become, change)
  return {
    changes: isHeld(become) && rival !== undefined ? [entering, releaseDomain(rival, 'moved', change)] : [entering],
  }
}

/**
 * Checks a domain's records and acts on them: verifies it, takes it over from another account, warns, or releases it.
 * @returns the domain; undefined if it is released.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const lookAtDomain = async (
  ports: DomainPorts,
  { siteId, hostname }: Pick<CustomDomain, 'siteId' | 'hostname'>,
  context: LookContext,
): Promise<CustomDomain | undefined> => {
  const { sites, domains } = ports
  return retryOnConflict('The domain', async () => {
    const [site, domain] = await Promise.all([sites.get(siteId), domains.get(siteId, hostname)])
    if (domain === undefined) return undefined
    const decision = await decide(ports, domain, site, context)
    if ('note' in decision) {
      await domains.note(decision.note)
      return decision.note
    }
    return (await domains.commit(...decision.changes)) === 'done' ? decision.changes[0].after : conflict
  })
}

/** Checks the domains of a site whose plan or status has changed. */
export const followSite = async (ports: DomainPorts, siteId: SiteId, causationId: string): Promise<void> => {
  for (const domain of await ports.domains.listBySite(siteId)) {
    await lookAtDomain(ports, domain, { actor: system, causationId })
  }
}
