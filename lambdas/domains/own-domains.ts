import { type FieldProblem, notFound, SitewrightError } from '../../core/errors.ts'
import type { AccountId } from '../../core/ids.ts'
import { requireFeature } from '../../core/plan/plan-catalogue.ts'
import type { Context } from '../../core/ports/context.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import { actContext, findOwnSite, type OwnerAct, requireKept } from '../../core/site/change-site.ts'
import { refuseEnvironment } from '../../core/site/environment.ts'
import type { Site } from '../../core/site/site.ts'
import { type AdmitPorts, admitInWindow } from '../rate-limits/admit-in-window.ts'
import { checkDomain, customDomainFeature, type DomainPorts, lookUpOwnership } from './check-domains.ts'
import {
  type CustomDomain,
  enterState,
  newDomain,
  ownershipName,
  ownershipValue,
  releaseDomain,
} from './custom-domain.ts'
import { hostnameProblemText, readHostname } from './custom-hostname.ts'
import type { RegistrableDomains } from './ports.ts'

export interface AddDomainPorts extends DomainPorts, Pick<Context, 'consoleUrl' | 'sitesDomain'> {
  readonly registrableDomains: RegistrableDomains
}

export const domainsOfSite = 20

const refused = (code: string, message: string): SitewrightError => {
  const fields = [{ path: 'hostname', message, code }]
  return new SitewrightError('HostnameNotAllowed', `This hostname ${message}.`, { fields })
}

const requireHostname = async (
  { registrableDomains, consoleUrl, sitesDomain }: AddDomainPorts,
  typed: string,
): Promise<string> => {
  const read = readHostname(typed, [new URL(consoleUrl).hostname, sitesDomain])
  if ('problem' in read) throw refused(read.problem, hostnameProblemText[read.problem])
  if ((await registrableDomains.of(read.hostname)) === undefined) {
    throw refused('public-suffix', 'is a public suffix, not a domain of yours')
  }
  return read.hostname
}

const taken = (message: string, field: Pick<FieldProblem, 'code' | 'values'>): SitewrightError =>
  new SitewrightError('HostnameTaken', message, { fields: [{ path: 'hostname', message: 'is in use', ...field }] })

/** The owner of the DNS zone may take a domain over; others learn only that it is in use. */
const requireFree = async (ports: AddDomainPorts, site: Site, { accountId }: OwnerAct, hostname: string) => {
  const { domains, dns } = ports
  const holder = await domains.holderOf(hostname)
  if (holder === undefined || holder === site.id) return
  const held = await domains.get(holder, hostname)
  if (held?.accountId === accountId) {
    throw taken(`${hostname} is used by another of your sites. Remove it there first.`, { code: 'own-site' })
  }
  const claim = { accountId, hostname }
  const ownership = await lookUpOwnership(dns, claim)
  if (ownership === 'right') return
  if (ownership === 'unknown') throw new SitewrightError('Unavailable', 'The DNS lookup failed. Try again.')
  const [name, value] = [ownershipName(hostname), ownershipValue(claim)]
  throw taken(
    `${hostname} is in use by another site. If it is yours, set the TXT record ${name} to "${value}", and add it again.`,
    { code: 'other-site', values: { name, value } },
  )
}

/**
 * Adds a domain to the owner's site and begins to check its records. Adding it again changes nothing.
 * @param typed the hostname as it was typed.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`, `FeatureNotInPlan`, `HostnameNotAllowed`,
 *   `HostnameTaken`, `LimitsExceeded`, `VersionConflict`, `Unavailable`.
 */
export const addDomain = async (
  ports: AddDomainPorts,
  act: OwnerAct,
  typed: string,
): Promise<{ readonly domain: CustomDomain; readonly isNew: boolean }> => {
  const { domains, plans, clocks } = ports
  const site = await findOwnSite(ports, act)
  refuseEnvironment(site, 'has no custom domains')
  requireFeature(plans, site.plan, customDomainFeature, 'Custom domains')
  requireKept(site)
  const hostname = await requireHostname(ports, typed)
  const others = await domains.listBySite(site.id)
  const known = others.find((other) => other.hostname === hostname)
  if (known !== undefined) return { domain: known, isNew: false }
  if (others.length >= domainsOfSite) {
    throw new SitewrightError('LimitsExceeded', `A site has at most ${domainsOfSite} domains. Remove one first.`)
  }
  await requireFree(ports, site, act, hostname)
  // The records may be set already.
  const domain = newDomain({ siteId: site.id, accountId: act.accountId, hostname }, clocks.domain(), ports)
  const result = await domains.commit(enterState(undefined, domain, actContext(ports, act)))
  if (result === 'done') return { domain, isNew: true }
  const meanwhile = await domains.get(site.id, hostname)
  if (meanwhile !== undefined) return { domain: meanwhile, isNew: false }
  throw new SitewrightError('VersionConflict', 'The domain was changed at the same time. Try again.')
}

type OwnDomainAct = OwnerAct & { readonly hostname: string }

const requireDomain = async (ports: Pick<DomainPorts, 'sites' | 'domains'>, act: OwnDomainAct) => {
  const site = await findOwnSite(ports, act)
  const read = readHostname(act.hostname, [])
  const domain = 'hostname' in read ? await ports.domains.get(site.id, read.hostname) : undefined
  return domain ?? notFound('This site has no such domain.')
}

/**
 * Checks a domain now.
 * @throws {SitewrightError} `NotFound`, also if the check releases it; `VersionConflict`.
 */
export const verifyOwnDomain = async (ports: DomainPorts, act: OwnDomainAct): Promise<CustomDomain> => {
  const domain = await requireDomain(ports, act)
  return (await checkDomain(ports, domain, act)) ?? notFound('This site no longer has this domain.')
}

/** @throws {SitewrightError} `NotFound`, `VersionConflict`. */
export const releaseOwnDomain = async (
  ports: Pick<DomainPorts, 'sites' | 'domains' | 'clocks' | 'randomness'>,
  act: OwnDomainAct,
): Promise<void> => {
  await retryOnConflict('The domain', async () => {
    const change = releaseDomain(await requireDomain(ports, act), 'owner', actContext(ports, act))
    return (await ports.domains.commit(change)) === 'done' ? undefined : conflict
  })
}

/** Each check queries DNS servers of others. */
export const checksInWindow = 60

/**
 * Rate-limits DNS checks that owners request.
 * @throws {SitewrightError} `RateLimited`.
 */
export const admitCheck = (ports: AdmitPorts, accountId: AccountId): Promise<void> =>
  admitInWindow(ports, {
    key: `looks-${accountId}`,
    limit: checksInWindow,
    milliseconds: 10 * 60_000,
    message: () => 'Too many checks. We also check your domains automatically.',
  })
