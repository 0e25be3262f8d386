import type { Refund } from '../ports/payments.ts'
import type { ChangeContext, SiteChange } from './change.ts'
import { siteChange } from './change.ts'
import type { KeptSite, PurgedSite } from './site.ts'

/** Why a subscription is not wanted: the site has another one, or is gone. */
export type ReturnReason = 'second-subscription' | 'site-purged'

/** Notes that a subscription is cancelled that nobody has anything of, and what was given back of it. */
export const returnPayment = (
  site: KeptSite | PurgedSite,
  {
    subscriptionId,
    because,
    refund,
  }: { readonly subscriptionId: string; readonly because: ReturnReason; readonly refund: Refund | undefined },
  context: ChangeContext,
): SiteChange =>
  siteChange(
    {
      transition: 'returnPayment',
      before: site,
      after: { ...site, version: site.version + 1 },
      details: { because, returned: { subscriptionId, ...refund } },
    },
    context,
  )
