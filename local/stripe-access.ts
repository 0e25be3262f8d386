import * as z from 'zod'
import type { TaxPolicy } from '../adapters/stripe/checkouts.ts'
import { StartUpError } from './home/start-up-error.ts'

/** How this host reaches a Stripe account, and knows what comes from it. */
export interface StripeAccess {
  readonly secretKey: string
  /** More than one while a secret is rolled. */
  readonly webhookSecrets: readonly [string, ...string[]]
  /** Of another server that speaks Stripe's API, without `/v1`. */
  readonly apiBase: string | undefined
  readonly tax: TaxPolicy
}

const webhookSecrets = z
  .string()
  .transform((list) => list.split(',').map((secret) => secret.trim()))
  .pipe(z.tuple([z.string()], z.string()))
  .refine((list) => list.every((secret) => /^whsec_\S+$/.test(secret)), 'must be secrets that begin with whsec_')

/** The variables of the environment; no message repeats a value. */
export const stripeEnvironment = {
  STRIPE_SECRET_KEY: z
    .string()
    .regex(/^(sk|rk)_(test|live)_\w+$/, 'must begin with sk_test_, rk_test_, sk_live_ or rk_live_')
    .optional(),
  /** Of the webhook endpoint; two with a comma between them while one is rolled. */
  STRIPE_WEBHOOK_SECRET: webhookSecrets.optional(),
  STRIPE_API_BASE: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
  /** By Stripe Tax, or not at all. */
  STRIPE_TAX: z.enum(['automatic', 'none']).optional(),
}

type StripeVariables = {
  readonly [Name in keyof typeof stripeEnvironment]?: z.output<(typeof stripeEnvironment)[Name]>
}

/** @throws {StartUpError} where one of the settings is useless without another, or would move real money by mistake. */
export const stripeAccess = (
  { STRIPE_SECRET_KEY, STRIPE_WEBHOOK_SECRET, STRIPE_API_BASE, STRIPE_TAX }: StripeVariables,
  isPublic: boolean,
): StripeAccess | undefined => {
  if (STRIPE_SECRET_KEY === undefined) {
    if (STRIPE_WEBHOOK_SECRET === undefined && STRIPE_API_BASE === undefined && STRIPE_TAX === undefined)
      return undefined
    throw new StartUpError('STRIPE_WEBHOOK_SECRET, STRIPE_API_BASE and STRIPE_TAX need STRIPE_SECRET_KEY as well')
  }
  if (STRIPE_WEBHOOK_SECRET === undefined) {
    throw new StartUpError('STRIPE_SECRET_KEY needs STRIPE_WEBHOOK_SECRET too: without it nobody hears of payments')
  }
  if (!isPublic && STRIPE_SECRET_KEY.includes('_live_')) {
    throw new StartUpError('STRIPE_SECRET_KEY is of the live mode, and this host is for one machine: use a test key')
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
