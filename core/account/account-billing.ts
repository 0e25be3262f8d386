import type { AccountBillingEvent } from '../events/event.ts'
import type { ChangeContext } from '../site/change.ts'
import type { Account } from './account.ts'

/** One step of an account's life, as it is written: all of it or nothing. */
export interface AccountChange {
  readonly before: Account
  readonly after: Account
  readonly event: AccountBillingEvent
}

const changed = (
  before: Account,
  type: AccountBillingEvent['type'],
  facts: { readonly customerId: string; readonly currency?: string },
  { actor, causationId, clocks, randomness }: ChangeContext,
): AccountChange => {
  const after = { ...before, ...facts, version: before.version + 1 }
  return {
    before,
    after,
    event: {
      schemaVersion: 1,
      id: randomness.id('evt'),
      type,
      aggregate: { type: 'account', id: after.id },
      version: after.version,
      at: clocks.domain(),
      actor,
      causationId,
      data: facts,
    },
  }
}

/**
 * The account gets its customer at Stripe.
 * @param former whom Stripe does not know any more; none where it never had one.
 * @returns undefined where it has another one by now, or this very one.
 */
export const openBilling = (
  account: Account,
  customerId: string,
  context: ChangeContext,
  former?: string,
): AccountChange | undefined =>
  account.customerId === former && former !== customerId
    ? changed(account, 'AccountBillingOpened', { customerId }, context)
    : undefined

/** What the first purchase was in; undefined where that is known, or nothing can have been bought. */
export const fixCurrency = (account: Account, currency: string, context: ChangeContext): AccountChange | undefined =>
  account.customerId === undefined || account.currency !== undefined
    ? undefined
    : changed(account, 'AccountCurrencyFixed', { customerId: account.customerId, currency }, context)
