import { createHash } from 'node:crypto'
import type { Stripe } from 'stripe'
import { type AccountId, isId, type SiteId } from '../../core/ids.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Log } from '../../core/ports/context.ts'
import type { Payments } from '../../core/ports/payments.ts'
import type { Asking } from './stripe-errors.ts'

/** The types say that it is there; old objects may have none. */
export type Metadata = Readonly<Record<string, string>> | null | undefined

/** One Stripe account may serve others besides us: only what carries our installation's name is ours. */
export const isOurs = (installation: string, metadata: Metadata): boolean => metadata?.['installation'] === installation

export const siteOf = (installation: string, metadata: Metadata): SiteId | undefined => {
  const id = metadata?.['siteId']
  return isOurs(installation, metadata) && id !== undefined && isId('site', id) ? id : undefined
}

export const marksOf = (installation: string, { siteId, accountId }: { siteId: SiteId; accountId: AccountId }) => ({
  installation,
  siteId,
  accountId,
})

export interface StripeWorld {
  readonly stripe: Stripe
  /** Whose things are ours: the name of this installation, in the metadata of all that we make. */
  readonly installation: string
  /** Whose prices are sold. */
  readonly catalogue: Pick<PlanCatalogue, 'plans'>
  readonly asking: Asking
  readonly patiently: Payments['patiently']
  readonly log: Log
}

/** The id in an expandable field. */
export const idOf = (thing: string | { readonly id: string }): string => (typeof thing === 'string' ? thing : thing.id)

/**
 * Makes parameters that may change between two tries, such as a price, a part of the idempotency key: for a day Stripe refuses
 * a key that comes again with other parameters.
 */
export const keyFor = (idempotencyKey: string, params: object): string =>
  `${idempotencyKey}-${createHash('sha256').update(JSON.stringify(params)).digest('hex').slice(0, 16)}`
