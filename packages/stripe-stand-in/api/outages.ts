import * as z from 'zod'
import type { Answer } from './idempotency.ts'

/** Why Stripe refuses a refund: https://docs.stripe.com/error-codes */
const refusals = [
  'balance_insufficient',
  'charge_already_refunded',
  'charge_disputed',
  'charge_not_refundable',
  'refund_disputed_payment',
] as const

/**
 * Errors that Stripe answers although the request is right. 429 comes before the check of the idempotency key, and 409 says
 * that it is in use: neither is saved. Once execution has begun, 400 and 500 are: https://docs.stripe.com/error-low-level
 */
export const outageSchema = z.strictObject({
  status: z.union([z.literal(400), z.literal(409), z.literal(429), z.literal(500)]),
  /** How many requests get it. */
  times: z.int().min(1).max(1_000_000).default(1),
  method: z.enum(['DELETE', 'GET', 'POST']).optional(),
  /** The beginning of the path, such as `/v1/customers`. */
  path: z.string().default('/v1/'),
  /** What a 400 says. */
  code: z.enum(refusals).default('balance_insufficient'),
  /** How much of the work a 500 has done. */
  does: z.enum(['nothing', 'all']).default('nothing'),
  /** In seconds; the answer has no `Retry-After` without. */
  retryAfter: z.int().optional(),
})
export type Outage = z.output<typeof outageSchema>

const errors = {
  400: { type: 'invalid_request_error', message: 'The refund is refused.' },
  409: {
    type: 'idempotency_error',
    code: 'idempotency_key_in_use',
    message: 'There is another request with this key.',
  },
  429: { type: 'invalid_request_error', code: 'rate_limit', message: 'Request rate limit exceeded.' },
  500: { type: 'api_error', message: 'An unknown error occurred.' },
} as const

export const outageAnswer = ({
  status,
  retryAfter,
  code,
}: Outage): Answer & { readonly retryAfter: number | undefined } => ({
  status,
  body: JSON.stringify({ error: { ...errors[status], ...(status === 400 ? { code } : {}) } }, null, 2),
  retryAfter,
})

/** The outages that a test has asked for. They end with the process. */
export const createOutages = () => {
  let planned: readonly Outage[] = []
  return {
    plan: (outage: Outage): void => {
      planned = [...planned, outage]
    },
    end: (): void => {
      planned = []
    },
    /** The first outage for this request, which uses up one of its times. */
    take: ({ method, path }: { readonly method: string; readonly path: string }): Outage | undefined => {
      const found = planned.find((one) => (one.method ?? method) === method && path.startsWith(one.path))
      planned = planned.flatMap((one) => {
        if (one !== found) return [one]
        return one.times === 1 ? [] : [{ ...one, times: one.times - 1 }]
      })
      return found
    },
  }
}
