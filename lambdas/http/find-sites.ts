import { SitewrightError } from '../../core/errors.ts'
import { toInstant } from '../../core/instant.ts'
import type { SiteLists } from '../../core/ports/site-lists.ts'
import type { AccountStore, Page, SiteStore } from '../../core/ports/stores.ts'
import { emailHash } from '../../core/signup/email.ts'
import { nextStep } from '../../core/site/next-step.ts'
import type { Site, SiteStatus } from '../../core/site/site.ts'
import { ownershipOf } from '../../core/site/site.ts'
import type { TrialPolicies } from '../../core/site/trial-policies.ts'

export interface FindSitesPorts {
  readonly sites: SiteStore
  readonly siteLists: SiteLists
  readonly accounts: AccountStore
  readonly policies: TrialPolicies
}

interface SiteQuery {
  readonly status?: SiteStatus | undefined
  /** An e-mail address. */
  readonly owner?: string | undefined
  readonly hostname?: string | undefined
  /** Any UTC offset is accepted. */
  readonly dueBefore?: string | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

const everyStatus = ['building', 'ready', 'active', 'asleep', 'failed', 'suspended', 'archived', 'purged'] as const

const pageOf = ({ limit, cursor }: SiteQuery) => ({ limit, ...(cursor === undefined ? {} : { cursor }) })

const byHostname = async ({ sites }: FindSitesPorts, hostname: string, cursor?: string): Promise<Page<Site>> => {
  if (cursor !== undefined) {
    throw new SitewrightError(
      'InvalidRequest',
      'A search by hostname returns at most one site, so it takes no cursor.',
      {
        fields: [{ path: 'cursor', message: 'is not valid' }],
      },
    )
  }
  const site = await sites.findByHostname(hostname.trim().toLowerCase())
  return { items: site === undefined ? [] : [site] }
}

const byOwner = async (ports: FindSitesPorts, owner: string, query: SiteQuery): Promise<Page<Site>> => {
  const identity = await ports.accounts.findByEmailHash(emailHash(owner))
  return identity === undefined ? { items: [] } : ports.sites.listByAccount(identity.accountId, pageOf(query))
}

const isDueBefore = (site: Site, { policies }: FindSitesPorts, before: string): boolean => {
  const next = nextStep(site, policies.find(site.policyVersion))
  return next !== undefined && next.dueAt < before
}

const source = (ports: FindSitesPorts, query: SiteQuery, before: string | undefined): Promise<Page<Site>> => {
  if (query.hostname !== undefined) return byHostname(ports, query.hostname, query.cursor)
  if (query.owner !== undefined) return byOwner(ports, query.owner, query)
  if (before !== undefined) return ports.siteLists.pageByDue(before, pageOf(query))
  return ports.siteLists.pageByStatus(query.status === undefined ? everyStatus : [query.status], pageOf(query))
}

const isWhose = async ({ accounts }: FindSitesPorts, owner: string | undefined) => {
  if (owner === undefined) return () => true
  const identity = await accounts.findByEmailHash(emailHash(owner))
  return (site: Site): boolean => identity !== undefined && ownershipOf(site)?.accountId === identity.accountId
}

/**
 * The sites that meet every condition. The narrowest condition chooses the list to read; the others filter its
 * pages, so a page may have fewer sites than requested, or none, while more follow.
 * @throws {SitewrightError} `InvalidRequest` for an invalid cursor.
 */
export const findSites = async (ports: FindSitesPorts, query: SiteQuery): Promise<Page<Site>> => {
  const before = query.dueBefore === undefined ? undefined : toInstant(new Date(query.dueBefore))
  const page = await source(ports, query, before)
  const isOwners = await isWhose(ports, query.hostname === undefined ? undefined : query.owner)
  const items = page.items.filter(
    (site) =>
      (query.status === undefined || site.status === query.status) &&
      isOwners(site) &&
      (before === undefined || isDueBefore(site, ports, before)),
  )
  return { ...page, items }
}
