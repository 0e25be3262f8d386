import { createHash } from 'node:crypto'

/**
 * Stripe refuses an idempotency key that comes again with other parameters, for a day. What may rightly change between two
 * tries, such as the id of a price, becomes part of the key by this.
 */
export const keyFor = (idempotencyKey: string, params: object): string =>
  `${idempotencyKey}-${createHash('sha256').update(JSON.stringify(params)).digest('hex').slice(0, 16)}`
