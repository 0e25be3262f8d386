import type { AccountId } from '../../core/ids.ts'
import {
  type Dns,
  type DomainClaim,
  type DomainEdge,
  type DomainReach,
  type DomainSighting,
  ownershipName,
  ownershipValue,
} from './custom-domain.ts'

export interface LookUpPorts {
  readonly dns: Dns
  readonly edge: DomainEdge
  readonly reach: DomainReach
}

type Seen = DomainSighting['ownership']

/** A longer chain of aliases is a mistake or a loop. */
const mostAliases = 8

export const lookUpOwnership = async (dns: Pick<Dns, 'txt'>, claim: DomainClaim): Promise<Seen> => {
  const texts = await dns.txt(ownershipName(claim.hostname))
  if (texts === undefined) return 'unknown'
  return texts.some((text) => text.trim() === ownershipValue(claim)) ? 'right' : 'wrong'
}

/** An alias names one site; addresses are shared by all. */
interface Traffic {
  readonly seen: Seen
  readonly by: 'alias' | 'address'
}

/** Undefined if the name has no alias. */
const followAliases = async (dns: Pick<Dns, 'cname'>, hostname: string, target: string): Promise<Seen | undefined> => {
  let name = hostname
  for (let hop = 0; hop < mostAliases; hop += 1) {
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
