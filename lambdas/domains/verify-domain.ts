import { SitewrightError } from '../../core/errors.ts'
import type { AccountId } from '../../core/ids.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import { findOwnSite, type OwnerAct } from '../../core/site/change-site.ts'
import { type AdmitPorts, admitInWindow } from '../rate-limits/admit-in-window.ts'
import type { CustomDomain } from './custom-domain.ts'
import { readHostname } from './custom-hostname.ts'
import { releaseDomain } from './domain-verdict.ts'
import { type DomainPorts, lookAtDomain } from './look-at-domain.ts'

type OwnDomainAct = OwnerAct & { readonly hostname: string }

const requireDomain = async (ports: Pick<DomainPorts, 'sites' | 'domains'>, act: OwnDomainAct) => {
  const site = await findOwnSite(ports, act)
  const read = readHostname(act.hostname, [])
  const domain = 'hostname' in read ? await ports.domains.get(site.id, read.hostname) : undefined
  if (domain === undefined) throw new SitewrightError('NotFound', 'This site has no such domain.')
  return domain
}

/**
 * Checks a domain now.
 * @throws {SitewrightError} `NotFound`, also if the check releases it; `VersionConflict`.
 */
export const verifyOwnDomain = async (ports: DomainPorts, act: OwnDomainAct): Promise<CustomDomain> => {
  const domain = await requireDomain(ports, act)
  const after = await lookAtDomain(ports, domain, act)
  if (after === undefined) throw new SitewrightError('NotFound', 'This site no longer has this domain.')
  return after
}

/** @throws {SitewrightError} `NotFound`, `VersionConflict`. */
export const releaseOwnDomain = async (
  ports: Pick<DomainPorts, 'sites' | 'domains' | 'clocks' | 'randomness'>,
  act: OwnDomainAct,
): Promise<void> => {
  const { domains, clocks, randomness } = ports
  const { actor, causationId } = act
  await retryOnConflict('The domain', async () => {
    const domain = await requireDomain(ports, act)
    const change = releaseDomain(domain, 'owner', { actor, causationId, clocks, randomness })
    return (await domains.commit(change)) === 'done' ? undefined : conflict
  })
}

/** Each check queries DNS servers of others. */
export const looksInWindow = 60

/**
 * Rate-limits DNS checks that owners request.
 * @throws {SitewrightError} `RateLimited`.
 */
export const admitLook = (ports: AdmitPorts, accountId: AccountId): Promise<void> =>
  admitInWindow(ports, {
    key: `looks-${accountId}`,
    limit: looksInWindow,
    milliseconds: 10 * 60_000,
    message: () => 'Too many checks. We also check your domains automatically.',
  })
