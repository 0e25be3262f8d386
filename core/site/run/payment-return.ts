import type { Instant } from '../../instant.ts'
import type { Returned } from '../../ports/payments.ts'
import type { ChangeContext, SiteChange } from '../change.ts'
import { siteChange } from '../change.ts'
import type { KeptSite, PurgedSite } from '../site.ts'

/** Why a subscription is not wanted: the site has another one, or is gone, or what was paid for is over before we heard of it. */
export type ReturnReason = 'second-subscription' | 'site-purged' | 'noticed-too-late'

export interface PaymentReturn {
  readonly subscriptionId: string
  readonly because: ReturnReason
  /** What became by now of all that was charged for it; undefined where nothing was. */
  readonly returned: Returned | undefined
  /** It is only about to be given back. */
  readonly isPending?: true
  /** Until when was paid what nothing more can be done for; absent where something was, or nothing is to be given back. */
  readonly settledThrough?: Instant | undefined
}

/** More than anybody pays for in vain. */
const mostReturned = 20

const settlement = ({ returned, settledThrough }: PaymentReturn) => {
  if (settledThrough === undefined) return {}
  const left = returned?.left ?? 0
  return left === 0 ? { settledThrough } : { settledThrough, left }
}

/**
 * Notes that a subscription is cancelled that nobody has anything of, and what was given back of it. Several may do so at the same
 * time, for one payment comes with several events: the owner is told once. Where nothing more can be done it notes that too, so
 * that it is not tried for ever; and that it is about to be done, where nothing else would show that to whoever comes after a crash.
 * @returns undefined where that is noted already.
 */
export const returnPayment = (
  site: KeptSite | PurgedSite,
  done: PaymentReturn,
  context: ChangeContext,
): SiteChange | undefined => {
  const { subscriptionId, because, returned, settledThrough, isPending } = done
  const known = site.returned?.find((one) => one.subscriptionId === subscriptionId)
  const amount = returned?.amount ?? 0
  const isNew = settledThrough !== undefined && known?.settledThrough !== settledThrough
  const isMore = known === undefined || amount > known.amount || known.isPending !== isPending
  if (!(isMore || isNew)) return undefined
  const others = site.returned?.filter((one) => one !== known) ?? []
  const news = amount - (known?.amount ?? 0)
  // Of what a bank gave back to us later the owner was told before, and is not again.
  const entry = {
    subscriptionId,
    amount: Math.max(amount, known?.amount ?? 0),
    ...settlement(done),
    ...(isPending && { isPending }),
  }
  return siteChange(
    {
      transition: 'returnPayment',
      before: site,
      after: { ...site, version: site.version + 1, returned: [...others, entry].slice(-mostReturned) },
      details: {
        because,
        returned: { subscriptionId, ...(returned && news > 0 ? { amount: news, currency: returned.currency } : {}) },
      },
    },
    context,
  )
}
