import { isId } from '../../core/ids.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { requireSite } from '../../core/site/change-site.ts'
import { ownershipOf, type Site } from '../../core/site/site.ts'
import type { Account } from '../accounts/account.ts'
import type { AccountStore } from '../accounts/ports.ts'

/** @throws {SitewrightError} `NotFound`. */
export const siteOf = async ({ sites }: { readonly sites: Pick<SiteStore, 'get'> }, id: string): Promise<Site> =>
  requireSite(isId('site', id) ? await sites.get(id) : undefined)

export const accountOf = async (
  { accounts }: { readonly accounts: Pick<AccountStore, 'get'> },
  site: Site,
): Promise<Account | undefined> => {
  const accountId = ownershipOf(site)?.accountId
  return accountId === undefined ? undefined : accounts.get(accountId)
}

/** The ids of whose data an answer about a site has, for the audit log. */
export const concernsOf = (site: Site, account: Pick<Account, 'id' | 'ownerId'> | undefined): readonly string[] => [
  site.id,
  ...(account === undefined ? [] : [account.id, account.ownerId]),
]
