import { defined } from '../../core/defined.ts'
import { emailHash } from '../../core/email.ts'
import { SitewrightError } from '../../core/errors.ts'
import { hostnameOf } from '../../core/hostname/slug.ts'
import { isId } from '../../core/ids.ts'
import { endOfTime, toInstant } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Order, SiteLists } from '../../core/ports/site-lists.ts'
import type { Page, SiteStore } from '../../core/ports/stores.ts'
import { isBeside } from '../../core/site/environment.ts'
import { nextLifeStep } from '../../core/site/next-step.ts'
import { ownershipOf, type Site, type SiteStatus, siteStatusSchema } from '../../core/site/site.ts'
import { wordsOf } from '../../core/site/site-words.ts'
import type { AccountStore } from '../accounts/ports.ts'

export interface FindSitesPorts extends Pick<Context, 'policies' | 'sitesDomain'> {
  readonly sites: SiteStore
  readonly siteLists: SiteLists
  readonly accounts: AccountStore
}

interface SiteQuery {
  readonly id?: string | undefined
  readonly hostname?: string | undefined
  /** An e-mail address. */
  readonly owner?: string | undefined
  /** What the slug begins with. */
  readonly slug?: string | undefined
  /** The beginnings of words of the name, the slug or the custom domain. */
  readonly words?: string | undefined
  readonly owned?: 'true' | undefined
  readonly status?: SiteStatus | undefined
  readonly plan?: string | undefined
  /** Any UTC offset is accepted. */
  readonly dueBefore?: string | undefined
  readonly sort?: 'created' | 'deadline' | undefined
  readonly order?: Order | undefined
  readonly limit: number
  readonly cursor?: string | undefined
}

/** Each word of a search is a query. */
const maxWords = 6

const pageOf = ({ limit, cursor }: SiteQuery) => ({ limit, ...defined({ cursor }) })

const refused = (path: string, message: string): SitewrightError =>
  new SitewrightError('InvalidRequest', `This combination of parameters is not supported: ${message}`, {
    fields: [{ path, message: 'cannot be combined with the other conditions' }],
  })

/** At most one. */
const single = async ({ sites }: FindSitesPorts, { id, hostname = '', cursor }: SiteQuery): Promise<Page<Site>> => {
  if (cursor !== undefined) {
    throw new SitewrightError('InvalidRequest', 'This search returns at most one site, so it takes no cursor.', {
      fields: [{ path: 'cursor', message: 'is not valid' }],
    })
  }
  if (id === undefined) return listed(await sites.findByHostname(hostname.trim().toLowerCase()))
  return listed(isId('site', id) ? await sites.get(id) : undefined)
}

const listed = (site: Site | undefined): Page<Site> => ({ items: site === undefined ? [] : [site] })

const byOwner = async (ports: FindSitesPorts, owner: string, query: SiteQuery): Promise<Page<Site>> => {
  const identity = await ports.accounts.findByEmailHash(emailHash(owner))
  return identity === undefined ? { items: [] } : ports.sites.listByAccount(identity.accountId, pageOf(query))
}

/** The exact slug comes first: in the order of hostnames, `shop-2` is before `shop`. */
const bySlug = async ({ sites, siteLists, sitesDomain }: FindSitesPorts, slug: string, query: SiteQuery) => {
  const isFirst = query.cursor === undefined
  const [page, exact] = await Promise.all([
    siteLists.pageBySlug(slug, pageOf(query)),
    isFirst ? sites.findByHostname(hostnameOf(slug, sitesDomain)) : undefined,
  ])
  const isExact = (site: Site): boolean => ownershipOf(site)?.slug === slug
  const others = page.items.filter((site) => !isExact(site))
  return { ...page, items: exact !== undefined && isExact(exact) ? [exact, ...others] : others }
}

const byWords = async ({ siteLists }: FindSitesPorts, text: string, query: SiteQuery): Promise<Page<Site>> => {
  const words = wordsOf(text).slice(0, maxWords)
  return words.length === 0 ? { items: [] } : siteLists.pageByWords(words, pageOf(query))
}

const isDueBefore = (site: Site, { policies }: FindSitesPorts, before: string): boolean => {
  const next = nextLifeStep(site, policies.of(site))
  return next !== undefined && next.dueAt < before
}

/** What no index answers: each would have to read all sites. */
const refusals: readonly (readonly [string, string, (query: SiteQuery) => boolean])[] = [
  ['hostname', 'an id finds its site alone.', ({ id, hostname }) => id !== undefined && hostname !== undefined],
  [
    'slug',
    'a search by slug takes no other condition.',
    ({ slug, id, hostname, owner, words, status, plan, dueBefore }) =>
      slug !== undefined && [id, hostname, owner, words, status, plan, dueBefore].some((one) => one !== undefined),
  ],
  [
    'words',
    'a search by words takes a status and a plan only.',
    ({ words, id, hostname, owner, dueBefore }) =>
      words !== undefined && [id, hostname, owner, dueBefore].some((one) => one !== undefined),
  ],
  [
    'sort',
    'a search by id, hostname, owner, slug or words has its own order.',
    (query) => isSearch(query) && (query.sort !== undefined || query.order !== undefined),
  ],
  [
    'sort',
    'sites with a deadline are listed by deadline.',
    ({ sort, dueBefore }) => sort === 'created' && dueBefore !== undefined,
  ],
  [
    'plan',
    'sites are not indexed by plan. Add an id, a hostname or an owner.',
    (query) => query.plan !== undefined && !isSearch(query),
  ],
]

const isSearch = ({ id, hostname, owner, slug, words }: SiteQuery): boolean =>
  [id, hostname, owner, slug, words].some((one) => one !== undefined)

const requireAnswerable = (query: SiteQuery): void => {
  for (const [path, message, isRefused] of refusals) if (isRefused(query)) throw refused(path, message)
}

const source = (ports: FindSitesPorts, query: SiteQuery, before: string | undefined): Promise<Page<Site>> => {
  const { id, hostname, owner, slug, words, status, sort, order } = query
  if (id !== undefined || hostname !== undefined) return single(ports, query)
  if (owner !== undefined) return byOwner(ports, owner, query)
  if (slug !== undefined) return bySlug(ports, slug.trim().toLowerCase(), query)
  if (words !== undefined) return byWords(ports, words, query)
  const page = { ...pageOf(query), ...defined({ order }) }
  if (before !== undefined || sort === 'deadline') return ports.siteLists.pageByDue(before ?? endOfTime, page)
  const every = siteStatusSchema.options
  const statuses = query.owned === undefined ? every : every.filter((one) => one !== 'ready')
  return ports.siteLists.pageByStatus(status === undefined ? statuses : [status], page)
}

const isWhose = async ({ accounts }: FindSitesPorts, owner: string | undefined) => {
  if (owner === undefined) return () => true
  const identity = await accounts.findByEmailHash(emailHash(owner))
  return (site: Site): boolean => identity !== undefined && ownershipOf(site)?.accountId === identity.accountId
}

/**
 * The sites that meet every condition. One condition chooses the index to read; the others filter its
 * pages, so a page may have fewer sites than requested, or none, while more follow.
 * @throws {SitewrightError} `InvalidRequest` for an invalid cursor, and for conditions that no index answers.
 */
export const findSites = async (ports: FindSitesPorts, query: SiteQuery): Promise<Page<Site>> => {
  requireAnswerable(query)
  const before = query.dueBefore === undefined ? undefined : toInstant(new Date(query.dueBefore))
  const page = await source(ports, query, before)
  const isOwners = await isWhose(
    ports,
    query.id === undefined && query.hostname === undefined ? undefined : query.owner,
  )
  const items = page.items.filter(
    (site) =>
      (!isBeside(site) || query.id !== undefined) &&
      (query.status === undefined || site.status === query.status) &&
      (query.plan === undefined || site.plan === query.plan) &&
      (query.owned === undefined || ownershipOf(site) !== undefined) &&
      isOwners(site) &&
      (before === undefined || isDueBefore(site, ports, before)),
  )
  return { ...page, items }
}
