import { isId } from '../../ids.ts'
import type { SiteStore } from '../../ports/stores.ts'
import type { OwnerAct } from '../../site/change-site.ts'
import { requireOwnSite } from '../../site/change-site.ts'
import type { Site } from '../../site/site.ts'

/** @throws {SitewrightError} `NotFound`, also for somebody else's site. */
export const findOwnSite = async (
  { sites }: { readonly sites: Pick<SiteStore, 'get'> },
  { siteId, accountId }: Pick<OwnerAct, 'siteId' | 'accountId'>,
): Promise<Site> => requireOwnSite(isId('site', siteId) ? await sites.get(siteId) : undefined, accountId)
