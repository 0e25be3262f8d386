import type { Refund } from '../ports/payments.ts'
import type { ChangeContext, SiteChange } from './change.ts'
import { siteChange } from './change.ts'
import type { KeptSite, PurgedSite } from './site.ts'

/** Why a subscription is not wanted: the site has another one, or is gone. */
export type ReturnReason = 'second-subscription' | 'site-purged'

/** More than anybody pays for in vain. */
const mostReturned = 20

/**
 * Notes that a subscription is cancelled that nobody has anything of, and what was given back of it. Several may do so at the same
 * time, for one payment comes with several events: the owner is told once.
 * @param returned.refund all that was given back of it by now.
 * @returns undefined where that is noted already.
 */
export const returnPayment = (
  site: KeptSite | PurgedSite,
  {
    subscriptionId,
    because,
    refund,
  }: { readonly subscriptionId: string; readonly because: ReturnReason; readonly refund: Refund | undefined },
  context: ChangeContext,
): SiteChange | undefined => {
  const known = site.returned?.find((one) => one.subscriptionId === subscriptionId)
  const amount = refund?.amount ?? 0
  if (known !== undefined && known.amount >= amount) return undefined
  const others = site.returned?.filter((one) => one !== known) ?? []
  const news = refund === undefined ? {} : { ...refund, amount: amount - (known?.amount ?? 0) }
  return siteChange(
    {
      transition: 'returnPayment',
      before: site,
      after: {
        ...site,
        version: site.version + 1,
        returned: [...others, { subscriptionId, amount }].slice(-mostReturned),
      },
      details: { because, returned: { subscriptionId, ...news } },
    },
    context,
  )
}
