import * as z from 'zod'
import type { TaxPolicy } from '../adapters/stripe/ours.ts'
import { StartUpError } from './home/start-up-error.ts'

/** How this host calls a Stripe account and checks its webhooks. */
export interface StripeAccess {
  readonly secretKey: string
  /** More than one while a secret is rotated. */
  readonly webhookSecrets: readonly [string, ...string[]]
  /** The URL of another server with Stripe's API, without `/v1`. */
  readonly apiBase: string | undefined
  readonly tax: TaxPolicy
}

const webhookSecrets = z
  .string()
  .transform((list) => list.split(',').map((secret) => secret.trim()))
  .pipe(z.tuple([z.string()], z.string()))
  .refine((list) => list.every((secret) => /^whsec_\S+$/.test(secret)), 'must be secrets that begin with whsec_')

/** The environment variables; no message repeats a value. */
export const stripeEnvironment = {
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_\w+$/, 'must begin with sk_test_, rk_test_, sk_live_ or rk_live_')
    .optional(),
  /** The secrets of the webhook endpoint, comma-separated; two while one is rotated. */
  STRIPE_WEBHOOK_SECRET: webhookSecrets.optional(),
  STRIPE_API_BASE: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
  /** `automatic` lets Stripe Tax add tax. */
  STRIPE_TAX: z.enum(['automatic', 'none']).optional(),
}

type StripeVariables = {
  readonly [Name in keyof typeof stripeEnvironment]?: z.output<(typeof stripeEnvironment)[Name]>
}

/** @throws {StartUpError} if a setting lacks another that it needs, or would move real money by mistake. */
export const stripeAccess = (
  { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_API_BASE, STRIPE_TAX }: StripeVariables,
  isPublic: boolean,
): StripeAccess | undefined => {
  if (STRIPE_SECRET_KEY === undefined) {
    if (STRIPE_WEBHOOK_SECRET === undefined && STRIPE_API_BASE === undefined && STRIPE_TAX === undefined)
      return undefined
    throw new StartUpError('STRIPE_WEBHOOK_SECRET, STRIPE_API_BASE and STRIPE_TAX require STRIPE_SECRET_KEY')
  }
  if (STRIPE_WEBHOOK_SECRET === undefined) {
    throw new StartUpError('STRIPE_SECRET_KEY requires STRIPE_WEBHOOK_SECRET: without it the host learns of no payment')
  }
  if (!isPublic && STRIPE_SECRET_KEY.includes('_live_')) {
    throw new StartUpError('STRIPE_SECRET_KEY is a live key, and this host is for one machine: use a test key')
  }
  if (isPublic && STRIPE_API_BASE?.startsWith('http:')) {
    throw new StartUpError(
      'STRIPE_API_BASE of a public host must be an https address: the secret key passes through it',
    )
  }
  return {
    secretKey: STRIPE_SECRET_KEY,
    webhookSecrets: STRIPE_WEBHOOK_SECRET,
    apiBase: STRIPE_API_BASE,
    tax: STRIPE_TAX ?? 'none',
  }
}
