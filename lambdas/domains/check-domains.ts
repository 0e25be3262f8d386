import { eachApart, eachAtOnce } from '../../core/each-at-once.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import { isCustomDomainEvent, system } from '../../core/events/event-names.ts'
import type { DomainId, SiteId } from '../../core/ids.ts'
import { type CustomDomain, type DomainTenants, type HeldDomain, isHeld, nextLookAt } from './custom-domain.ts'
import type { DomainStore } from './domain-verdict.ts'
import { type DomainPorts, lookAtDomain } from './look-at-domain.ts'

export interface CheckDomainsPorts extends DomainPorts {
  readonly tenants: DomainTenants
}

const domainsOfRun = 300
const atOnce = 20

/** Has the edge serve a domain. The next check is postponed only after that, so that a failure is retried by the next run. */
const serve = async ({ tenants, domains, clocks }: CheckDomainsPorts, domain: HeldDomain): Promise<void> => {
  const isServed = await tenants.serve(domain.hostname)
  // It may have been released meanwhile.
  if ((await domains.holderOf(domain.hostname)) === undefined) return tenants.withdraw(domain.hostname)
  if (isServed) await domains.note({ ...domain, nextLookAt: nextLookAt(domain, clocks.domain()) })
}

const checkDomain = async (ports: CheckDomainsPorts, due: CustomDomain, causationId: string): Promise<void> => {
  const domain = await lookAtDomain(ports, due, { actor: system, causationId })
  if (domain !== undefined && isHeld(domain)) await serve(ports, domain)
}

/**
 * Checks every domain that is due. One failure does not stop the others.
 * @throws {SitewrightError} `Unavailable` at the end if a domain failed.
 */
export const checkDomains = async (ports: CheckDomainsPorts, causationId: string): Promise<{ looked: number }> => {
  const { domains, clocks, log } = ports
  const due = await domains.listDue(clocks.domain(), domainsOfRun)
  const failed: string[] = []
  await eachAtOnce(due, atOnce, async (domain) => {
    try {
      await checkDomain(ports, domain, causationId)
    } catch (error) {
      log.error({ domainId: domain.id, err: error }, 'a domain could not be checked; the next run tries again')
      failed.push(domain.id)
    }
  })
  if (failed.length > 0) {
    throw new SitewrightError('Unavailable', `These domains could not be checked: ${failed.join(', ')}`)
  }
  return { looked: due.length }
}

/** Checks the domains of a site whose plan has changed, or which is gone. */
export const followSite = async (ports: DomainPorts, siteId: SiteId, causationId: string): Promise<void> => {
  for (const domain of await ports.domains.listBySite(siteId)) {
    await lookAtDomain(ports, domain, { actor: system, causationId })
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
