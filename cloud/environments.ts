import * as z from 'zod'
import type { FunctionName } from '../lambdas/manifest.ts'

const arn = () => z.string().startsWith('arn:')

/** Every function: whose deployment it is part of. */
const common = () => ({ STAGE: z.string().min(1), LOG_LEVEL: z.enum(['debug', 'info', 'warn', 'error']) })
const store = () => ({ TABLES: z.string().min(3) })
const mail = () => ({ MAIL_FROM: z.email(), MAIL_CONFIGURATION: z.string() })
const workflows = () => ({ STATE_MACHINE_PREFIX: arn() })
const bus = () => ({ EVENT_BUS: z.string() })
const cells = () => ({ CELL_PARAMETERS: z.string().startsWith('/') })
/** What the routers answer for themselves at, and the secret that they know us by. */
const probe = () => ({ ROUTER_URL: z.url({ protocol: /^https?$/ }), PROBE_SECRET: arn() })
/** What a launch is made of besides its cell: secrets, the key of the parameters that hold them, the key that sites believe. */
const launch = () => ({ SITE_SECRET: arn(), ENTITLEMENT_KEY: z.string(), PARAMETER_KEY: arn() })
/** Where copies of sites' data are, and what came of the jobs that make them. */
const archives = () => ({ ARCHIVE_BUCKET: z.string().min(3) })
/** Whose tokens operators come with, and whom those are for. */
const operators = () => ({ OPERATOR_ISSUER: z.url({ protocol: /^https$/ }), OPERATOR_CLIENT: z.string().min(1) })
/** The key of Stripe's API. */
const stripe = () => ({ STRIPE_SECRET: arn() })
/** What tenants for custom domains are made in. */
const domains = () => ({ DOMAIN_DISTRIBUTION: z.string().min(1), DOMAIN_CONNECTION_GROUP: z.string().min(1) })
/** The secret that CloudFront sends along. */
const http = () => ({ ORIGIN_SECRET: arn() })

/**
 * What each function reads from its environment, and nothing else. The stacks are checked against it when they are compiled
 * and once more, as deployed, by a test; a function checks it on its first call. Made when it is asked
 * for: a cold start pays for one of them and not for all.
 */
export const environments = {
  get 'public-api'() {
    return z.object({ ...common(), ...store(), ...mail(), ...http(), CODE_SECRET: arn() })
  },
  get 'owner-api'() {
    return z.object({ ...common(), ...store(), ...http(), ...workflows(), ...archives(), ...stripe() })
  },
  get 'stripe-webhook'() {
    return z.object({ ...common(), ...store(), ...http(), STRIPE_WEBHOOK_SECRET: arn() })
  },
  get 'operator-api'() {
    return z.object({ ...common(), ...store(), ...http(), ...workflows(), ...operators() })
  },
  get 'prepare-storage'() {
    return z.object({ ...common(), ...store(), ...cells() })
  },
  get 'start-site'() {
    return z.object({ ...common(), ...store(), ...cells(), ...launch() })
  },
  get 'await-site'() {
    return z.object({ ...common(), ...store(), ...cells(), ...probe() })
  },
  get 'open-site'() {
    return z.object({ ...common(), ...store() })
  },
  get 'fail-site'() {
    return z.object({ ...common(), ...store() })
  },
  get 'remove-failed-site'() {
    return z.object({ ...common(), ...store(), ...cells() })
  },
  get 'publish-events'() {
    return z.object({ ...common(), ...bus() })
  },
  get 'mail-owner'() {
    return z.object({ ...common(), ...store(), ...mail() })
  },
  get 'fill-pool'() {
    return z.object({ ...common(), ...store(), ...workflows() })
  },
  get 'heal-builds'() {
    return z.object({ ...common(), ...store(), ...workflows() })
  },
  get 'reconcile-sites'() {
    return z.object({ ...common(), ...store(), ...cells(), ...launch(), ...probe(), ...workflows() })
  },
  get 'follow-task'() {
    return z.object({ ...common(), ...store(), ...cells(), ...probe() })
  },
  get 'converge-billing'() {
    return z.object({ ...common(), ...store(), ...workflows(), ...stripe() })
  },
  get 'reconcile-billing'() {
    return z.object({ ...common(), ...store(), ...workflows(), ...stripe() })
  },
  get 'suspend-due-site'() {
    return z.object({ ...common(), ...store(), ...stripe() })
  },
  get 'stop-site'() {
    return z.object({ ...common(), ...store(), ...cells() })
  },
  get 'finish-operation'() {
    return z.object({ ...common(), ...store() })
  },
  get 'fail-operation'() {
    return z.object({ ...common(), ...store(), ...cells(), ...archives() })
  },
  get 'copy-data'() {
    return z.object({ ...common(), ...store(), ...cells(), ...archives() })
  },
  get 'verify-copy'() {
    return z.object({ ...common(), ...store(), ...cells(), ...archives() })
  },
  get 'archive-due-site'() {
    return z.object({ ...common(), ...store(), ...cells(), ...archives(), ...stripe() })
  },
  get 'release-data'() {
    return z.object({ ...common(), ...store(), ...cells(), ...archives() })
  },
  get 'restore-data'() {
    return z.object({ ...common(), ...store(), ...cells(), ...archives() })
  },
  get 'start-restored'() {
    return z.object({ ...common(), ...store(), ...cells(), ...launch() })
  },
  get 'open-restored'() {
    return z.object({ ...common(), ...store(), ...cells(), ...probe() })
  },
  get 'purge-due-site'() {
    return z.object({ ...common(), ...store(), ...stripe() })
  },
  get 'remove-remains'() {
    return z.object({ ...common(), ...store(), ...cells(), ...archives() })
  },
  get 'pause-site'() {
    return z.object({ ...common(), ...store() })
  },
  get 'unpause-site'() {
    return z.object({ ...common(), ...store(), ...cells(), ...launch(), ...probe() })
  },
  get 'make-way'() {
    return z.object({ ...common(), ...store(), ...cells() })
  },
  get 'move-to-size'() {
    return z.object({ ...common(), ...store(), ...cells(), ...launch(), ...probe() })
  },
  get 'leave-old-size'() {
    return z.object({ ...common(), ...store(), ...cells(), ...launch() })
  },
  get 'fail-resize'() {
    return z.object({ ...common(), ...store(), ...cells(), ...launch(), ...probe() })
  },
  get 'follow-plan'() {
    return z.object({ ...common(), ...store(), ...workflows() })
  },
  get 'check-domains'() {
    return z.object({ ...common(), ...store(), ...domains() })
  },
  get 'follow-site-domains'() {
    return z.object({ ...common(), ...store() })
  },
  get 'mail-domain'() {
    return z.object({ ...common(), ...store(), ...mail() })
  },
  get 'withdraw-domain'() {
    return z.object({ ...common(), ...store(), ...domains() })
  },
  get 'record-owner-copy'() {
    return z.object({ ...common(), ...store(), ...cells(), ...archives() })
  },
  get 'start-again'() {
    return z.object({ ...common(), ...store(), ...cells(), ...launch(), ...probe() })
  },
  get 'act-on-deadlines'() {
    return z.object({ ...common(), ...store(), ...workflows() })
  },
  get 'admit-waiting'() {
    return z.object({ ...common(), ...store(), ...mail() })
  },
  get 'count-sites'() {
    return z.object({ ...common(), ...store() })
  },
  get 'meter-storage'() {
    return z.object({ ...common(), ...store(), ...cells(), ...archives(), ...workflows() })
  },
  get 'clear-leftovers'() {
    return z.object({ ...common(), ...store(), ...cells(), ...archives() })
  },
  get 'complete-jobs'() {
    return z.object({ ...common(), ...store(), ...cells(), ...archives() })
  },
  get 'heal-operations'() {
    return z.object({ ...common(), ...store(), ...workflows() })
  },
} as const satisfies Readonly<Record<FunctionName, z.ZodObject>>

/** What a router, which is no function, reads from its environment. */
export const routerEnvironment = z.object({
  ...common(),
  ...store(),
  ENTITLEMENT_KEY: z.string(),
  PROBE_SECRET: arn(),
  ORIGIN_SECRET: arn(),
  PORT: z.coerce.number().int().min(1).max(65_535),
})

export type FunctionEnvironment<Name extends FunctionName> = z.output<(typeof environments)[Name]>
