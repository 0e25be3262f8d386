import { tokenHash } from '../../../core/digest.ts'
import { refuse, SitewrightError } from '../../../core/errors.ts'
import { isId, type SiteId } from '../../../core/ids.ts'
import { plusDays } from '../../../core/instant.ts'
import type { Clocks, Context } from '../../../core/ports/context.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { findOwnSite, type OwnerAct } from '../../../core/site/change-site.ts'
import { isKept, isLive, type KeptSite } from '../../../core/site/site.ts'
import type { Offers } from '../../offers/offers.ts'
import type { SummaryLinkStore } from './summary-link.ts'
import { maxSummaryLinks, type SummaryLink, summaryPage } from './summary-link.ts'

export interface OpenSummaryPorts {
  readonly sites: Pick<SiteStore, 'get'>
  readonly summaryLinks: Pick<SummaryLinkStore, 'find'>
  readonly clocks: Clocks
}

export interface ShareSummaryPorts extends OpenSummaryPorts, Pick<Context, 'randomness' | 'consoleUrl'> {
  readonly summaryLinks: SummaryLinkStore
  readonly offers: Offers
}

type OwnSite = Pick<OwnerAct, 'siteId' | 'accountId'>

const listValid = async ({ summaryLinks, clocks }: ShareSummaryPorts, siteId: SiteId, accountId: string) => {
  const now = clocks.wall()
  const found = await summaryLinks.list(siteId)
  return found.filter((link) => link.accountId === accountId && link.expiresAt > now)
}

/**
 * Makes a link to a site's read-only page. Its token is returned once.
 * @throws {SitewrightError} `NotFound`, also for another owner's site; `TransitionNotAllowed` if the site has 20 links or is gone.
 */
export const shareSummary = async (
  ports: ShareSummaryPorts,
  act: OwnSite,
  days: number,
): Promise<{ readonly link: SummaryLink; readonly url: string }> => {
  const { summaryLinks, clocks, randomness } = ports
  const site = await findOwnSite(ports, act)
  if (!isKept(site) || isDeleted(site)) return refuse(`You cannot share a page about a site that is ${site.status}.`)
  const { accountId } = site.ownership
  if ((await listValid(ports, site.id, accountId)).length >= maxSummaryLinks) {
    return refuse(`A site has at most ${maxSummaryLinks} links. Revoke one first.`)
  }
  const secret = randomness.token()
  const id = randomness.id('lnk')
  const createdAt = clocks.wall()
  const link: SummaryLink = {
    schemaVersion: 1,
    id,
    siteId: site.id,
    accountId,
    tokenHash: tokenHash(secret),
    createdAt,
    expiresAt: plusDays(createdAt, days),
  }
  await summaryLinks.keep(link)
  const { consoleUrl = ports.consoleUrl } = ports.offers.find(site.ownership.offer).brand
  return { link, url: `${consoleUrl}${summaryPage}${site.id}.${id}.${secret}` }
}

/** Lists the links of a site that still open its page, newest first. @throws {SitewrightError} `NotFound`. */
export const listSummaryLinks = async (ports: ShareSummaryPorts, act: OwnSite): Promise<readonly SummaryLink[]> => {
  const site = await findOwnSite(ports, act)
  const links = await listValid(ports, site.id, act.accountId)
  return links.toSorted((a, b) => (a.createdAt < b.createdAt ? 1 : -1))
}

/** Revokes a link; one that does not exist is revoked already. @throws {SitewrightError} `NotFound` for another owner's site. */
export const revokeSummaryLink = async (ports: ShareSummaryPorts, act: OwnSite, linkId: string): Promise<void> => {
  const site = await findOwnSite(ports, act)
  if (isId('lnk', linkId)) await ports.summaryLinks.remove(site.id, linkId)
}

/** Its owner asked for that, perhaps with the whole account. */
const isDeleted = (site: KeptSite): boolean => !isLive(site) && site.deletion !== undefined

const gone = (): SitewrightError =>
  new SitewrightError(
    'NotFound',
    'This link does not work. It has expired or was revoked: ask its sender for another one.',
  )

/** Finds the site and the link of a token. Says the same of every token that does not work. @throws {SitewrightError} `NotFound`. */
export const openSummary = async (
  { sites, summaryLinks, clocks }: OpenSummaryPorts,
  token: string,
): Promise<{ readonly site: KeptSite; readonly link: SummaryLink }> => {
  const [siteId = '', linkId = '', secret = '', ...rest] = token.split('.')
  if (!isId('site', siteId) || !isId('lnk', linkId) || rest.length > 0) throw gone()
  const link = await summaryLinks.find(siteId, linkId)
  if (link === undefined || link.tokenHash !== tokenHash(secret) || link.expiresAt <= clocks.wall()) throw gone()
  const site = await sites.get(siteId)
  if (site === undefined || !isKept(site) || site.ownership.accountId !== link.accountId || isDeleted(site))
    throw gone()
  return { site, link }
}
