import type { Account } from '../../account/account.ts'
import type { CheckoutSession, PriceChoice } from '../../ports/payments.ts'
import type { CheckoutRecord } from '../checkout-record.ts'
import type { CheckoutPorts } from './checkout-session.ts'
import { openSession } from './checkout-session.ts'

export interface OpenedCheckout {
  /** `cs_…` */
  readonly id: string
  /** Where the owner pays. */
  readonly url: string
  /** False where it was there before. */
  readonly isNew: boolean
}

const isSameChoice = (record: CheckoutRecord, price: PriceChoice): boolean =>
  record.plan === price.plan && record.interval === price.interval && record.currency === price.currency

/** The session of a record as it is now; whoever began it may have died before its id was noted. */
const sessionOf = async (
  ports: CheckoutPorts,
  record: CheckoutRecord,
  accountId: Account['id'],
): Promise<CheckoutSession | undefined> => {
  const { sessionId } = record
  if (sessionId !== undefined) return ports.payments.findCheckout(sessionId)
  const { id } = await openSession(ports, record, accountId)
  await ports.checkouts.noteSession({ ...record, sessionId: id })
  // What comes back for a key that was used before is the session as it was then.
  return ports.payments.findCheckout(id)
}

/**
 * What becomes of the checkout that was begun before. One for another choice is expired.
 * @returns it, where it is the one that is wanted; `paid` where it was, or its payment is on its way; `over` where nobody can
 *   pay in it any more.
 * @throws {SitewrightError} `Unavailable`.
 */
export const useEarlier = async (
  ports: CheckoutPorts,
  record: CheckoutRecord,
  price: PriceChoice,
  account: Account & { readonly customerId: string },
): Promise<OpenedCheckout | 'paid' | 'over'> => {
  const isOfCustomer = record.customerId === account.customerId
  // Of a customer that is gone no session is opened, nor paid in if there was one.
  if (!isOfCustomer && record.sessionId === undefined) return 'over'
  const session = await sessionOf(ports, record, account.id)
  if (session?.status === 'complete') return 'paid'
  if (session?.status !== 'open') return 'over'
  const { id, url } = session
  if (url !== undefined && isOfCustomer && isSameChoice(record, price)) return { id, url, isNew: false }
  // It may be paid in this very moment: that shows in the subscriptions, which are looked at next.
  return (await ports.payments.expireCheckout(id)).status === 'complete' ? 'paid' : 'over'
}
