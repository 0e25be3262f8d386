import { eachApart, eachAtOnce } from '../../core/each-at-once.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import { isCustomDomainEvent, system } from '../../core/events/event-names.ts'
import type { AccountId, DomainId, SiteId } from '../../core/ids.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import type { ChangeContext } from '../../core/site/lifecycle.ts'
import { isKept, isLive, type KeptSite, type Site } from '../../core/site/site.ts'
import {
  type CustomDomain,
  type DomainChange,
  type DomainClaim,
  type DomainSighting,
  enterState,
  type HeldDomain,
  isHeld,
  judgeDomain,
  nextCheckAt,
  ownershipName,
  ownershipValue,
  releaseDomain,
  withRefusal,
} from './custom-domain.ts'
import type { Dns, DomainEdge, DomainReach, DomainStore, DomainTenants } from './ports.ts'

interface LookUpPorts {
  readonly dns: Dns
  readonly edge: DomainEdge
  readonly reach: DomainReach
}

type Seen = DomainSighting['ownership']

/** A longer chain of aliases is a mistake or a loop. */
const maxAliases = 8

export const lookUpOwnership = async (dns: Pick<Dns, 'txt'>, claim: DomainClaim): Promise<Seen> => {
  const texts = await dns.txt(ownershipName(claim.hostname))
  if (texts === undefined) return 'unknown'
  // Some panels store the quotes that an owner types around it.
  const isRight = (text: string): boolean => text.trim().replace(/^"(.*)"$/, '$1') === ownershipValue(claim)
  return texts.some(isRight) ? 'right' : 'wrong'
}

/** An alias names one site; addresses are shared by all. */
interface Traffic {
  readonly seen: Seen
  readonly by: 'alias' | 'address'
}

const followAliases = async (dns: Pick<Dns, 'cname'>, hostname: string, target: string): Promise<Seen | undefined> => {
  let name = hostname
  for (let hop = 0; hop < maxAliases; hop += 1) {
    const aliases = await dns.cname(name)
    if (aliases === undefined) return 'unknown'
    const [alias] = aliases
    // The alias points elsewhere, even if that is a host of ours.
    if (alias === undefined) return hop === 0 ? undefined : 'wrong'
    if (alias === target) return 'right'
    name = alias
  }
  return 'wrong'
}

const lookUpTraffic = async ({ dns, edge, reach }: LookUpPorts, hostname: string, target: string): Promise<Traffic> => {
  const byAlias = await followAliases(dns, hostname, target)
  if (byAlias === 'right' || byAlias === 'unknown') return { seen: byAlias, by: 'alias' }
  const addresses = await dns.addresses(hostname)
  if (addresses === undefined) return { seen: 'unknown', by: 'address' }
  if (addresses.length === 0) return { seen: 'wrong', by: 'address' }
  const isReached = await edge.isReachedBy(addresses, target)
  if (isReached === undefined) return { seen: 'unknown', by: 'address' }
  // An alias that leads straight to us names another site.
  if (isReached) return { seen: byAlias ?? 'right', by: 'address' }
  return { seen: await reach.ask(hostname, addresses), by: 'address' }
}

/**
 * Looks up both records, and asks the domain itself if its traffic goes elsewhere.
 * @param claim.siteHostname of the domain's site.
 * @param claim.heldBy the other account that holds the domain. If traffic comes by address, which fits both sites, that
 *   account's proof must be gone.
 */
export const lookUpDomain = async (
  ports: LookUpPorts,
  claim: DomainClaim & { readonly siteHostname: string; readonly heldBy?: AccountId | undefined },
): Promise<Pick<DomainSighting, 'ownership' | 'traffic'>> => {
  const target = ports.edge.targetOf(claim.siteHostname)
  const [ownership, traffic] = await Promise.all([
    lookUpOwnership(ports.dns, claim),
    lookUpTraffic(ports, claim.hostname, target),
  ])
  if (ownership !== 'right' || traffic.seen !== 'right' || traffic.by === 'alias' || claim.heldBy === undefined) {
    return { ownership, traffic: traffic.seen }
  }
  const others = await lookUpOwnership(ports.dns, { accountId: claim.heldBy, hostname: claim.hostname })
  const reading = { right: 'wrong', wrong: 'right', unknown: 'unknown' } as const
  return { ownership: reading[others], traffic: traffic.seen }
}

export interface DomainPorts extends LookUpPorts, Pick<Context, 'plans' | 'clocks' | 'randomness' | 'log'> {
  readonly sites: Omit<SiteStore, 'commit'>
  readonly domains: DomainStore
}

export const customDomainFeature = 'customDomain'

type CheckContext = Pick<ChangeContext, 'actor' | 'causationId'>

const findRival = async ({ domains }: DomainPorts, domain: CustomDomain): Promise<CustomDomain | undefined> => {
  if (isHeld(domain)) return undefined
  const holder = await domains.holderOf(domain.hostname)
  return holder === undefined || holder === domain.siteId ? undefined : domains.get(holder, domain.hostname)
}

/** One that is restored needs its domains again. */
const hasLeft = (site: KeptSite): boolean =>
  !isLive(site) && site.suspendedBecause === 'moved' && site.operation?.kind !== 'restore'

const decide = async (
  ports: DomainPorts,
  domain: CustomDomain,
  site: Site | undefined,
  context: CheckContext,
): Promise<{ readonly changes: readonly [DomainChange, ...DomainChange[]] } | { readonly note: CustomDomain }> => {
  const { clocks, randomness, plans } = ports
  const change = { ...context, clocks, randomness }
  // It is being imported.
  if (site?.status === 'building')
    return { note: { ...domain, nextCheckAt: plusMilliseconds(clocks.domain(), 60_000) } }
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
    hasLeft: hasLeft(site),
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
export const checkDomain = async (
  ports: DomainPorts,
  { siteId, hostname }: Pick<CustomDomain, 'siteId' | 'hostname'>,
  context: CheckContext,
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

export interface CheckDomainsPorts extends DomainPorts {
  readonly tenants: DomainTenants
}

const domainsOfRun = 300
const atOnce = 20

/** Notes that a domain is served: the first time with an event, because the URL of its site follows. */
const noteServed = async (ports: CheckDomainsPorts, domain: HeldDomain, context: CheckContext): Promise<void> => {
  const { domains, clocks, randomness } = ports
  if (domain.servedAt !== undefined || domain.state !== 'verified') return domains.note(domain)
  const served = { ...domain, servedAt: clocks.domain(), version: domain.version + 1 }
  // If it has changed meanwhile, it is still due, and the next run repeats this.
  await domains.commit(enterState(domain, served, { ...context, clocks, randomness }))
}

/** Has the edge serve a domain. The next check is postponed only after that: the next run repeats what failed. */
const serve = async (ports: CheckDomainsPorts, domain: HeldDomain, context: CheckContext): Promise<void> => {
  const { tenants, domains, clocks } = ports
  const now = clocks.domain()
  const { refused, ...kept } = domain
  const { times = 0, retryAt } = refused ?? {}
  const retries = retryAt !== undefined && retryAt <= now
  const answer = await tenants.serve(domain.hostname, { retries })
  // It may have been released meanwhile.
  if ((await domains.holderOf(domain.hostname)) === undefined) return tenants.withdraw(domain.hostname)
  if (answer === 'served') await noteServed(ports, { ...kept, nextCheckAt: nextCheckAt(domain, now) }, context)
  else if (answer === 'refused') await domains.note(withRefusal(domain, now))
  else if (retries) await domains.note({ ...kept, refused: { times } })
}

const checkDueDomain = async (ports: CheckDomainsPorts, due: CustomDomain, causationId: string): Promise<void> => {
  const context = { actor: system, causationId }
  const domain = await checkDomain(ports, due, context)
  if (domain !== undefined && isHeld(domain)) await serve(ports, domain, context)
}

/**
 * Checks every domain that is due. One failure does not stop the others.
 * @throws {SitewrightError} `Unavailable` at the end if a domain failed.
 */
export const checkDomains = async (ports: CheckDomainsPorts, causationId: string): Promise<void> => {
  const { domains, clocks, log } = ports
  const due = await domains.listDue(clocks.domain(), domainsOfRun)
  const failed: string[] = []
  await eachAtOnce(due, atOnce, async (domain) => {
    try {
      await checkDueDomain(ports, domain, causationId)
    } catch (error) {
      log.error({ domainId: domain.id, err: error }, 'a domain could not be checked; the next run tries again')
      failed.push(domain.id)
    }
  })
  if (failed.length > 0) {
    throw new SitewrightError('Unavailable', `These domains could not be checked: ${failed.join(', ')}`)
  }
}

/** Checks the domains of a site whose plan has changed, or which is gone. */
export const followSite = async (ports: DomainPorts, siteId: SiteId, causationId: string): Promise<void> => {
  for (const domain of await ports.domains.listBySite(siteId)) {
    await checkDomain(ports, domain, { actor: system, causationId })
  }
}

interface WithdrawPorts {
  readonly domains: Pick<DomainStore, 'find' | 'holderOf'>
  readonly tenants: DomainTenants
}

const withdrawHostname = async (
  { domains, tenants }: Pick<WithdrawPorts, 'tenants'> & { readonly domains: Pick<DomainStore, 'holderOf'> },
  hostname: string,
): Promise<void> => {
  if ((await domains.holderOf(hostname)) !== undefined) return
  await tenants.withdraw(hostname)
  // Another site may have got it at this moment.
  if ((await domains.holderOf(hostname)) !== undefined) await tenants.serve(hostname)
}

/** Removes a released domain from the edge, unless another site holds it by now. */
export const withdrawDomain = async (
  ports: WithdrawPorts,
  named: { readonly siteId: SiteId; readonly id: DomainId },
): Promise<void> => {
  const released = await ports.domains.find(named)
  if (released !== undefined) await withdrawHostname(ports, released.hostname)
}

export const withdrawReleasedDomain = async (ports: WithdrawPorts, event: DomainEvent): Promise<void> => {
  if (!isCustomDomainEvent(event)) return
  await withdrawDomain(ports, { siteId: event.data.siteId, id: event.aggregate.id })
}

/**
 * Removes from the edge what no site holds, such as a domain of which all attempts to withdraw it failed.
 * @throws {SitewrightError} `Unavailable` at the end if a domain failed.
 */
export const withdrawLeftDomains = async (
  ports: Pick<CheckDomainsPorts, 'tenants' | 'log'> & { readonly domains: Pick<DomainStore, 'holderOf'> },
): Promise<void> => {
  const terms = {
    log: ports.log,
    named: (hostname: string) => ['hostname', hostname] as const,
    failed: 'a domain could not be removed from the edge; the next run tries again',
    summary: 'These domains could not be removed from the edge',
    atOnce,
  }
  await eachApart(await ports.tenants.list(), terms, (hostname) => withdrawHostname(ports, hostname))
}
