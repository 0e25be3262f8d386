import { Stripe } from 'stripe'
import * as z from 'zod'
import { createStripeClient, modeOfKey } from '../adapters/stripe/client.ts'
import { stepText } from '../adapters/stripe/sync/apply-step.ts'
import { planSync, type SyncPlan } from '../adapters/stripe/sync/sync-catalogue.ts'
import { namesOf } from '../cloud/names.ts'
import type { Config } from '../core/config/config.ts'
import { readHomeId } from '../local/home/home-identity.ts'
import { homeDirectory } from '../local/home/open-home.ts'
import config from '../sitewright.config.ts'
import { isPrivateUrl } from './command-line/private-url.ts'
import { messageOf, runCommand } from './command-line/read-options.ts'

const usage = `Syncs products, prices, portal and webhook at Stripe with sitewright.config.ts.

  STRIPE_SECRET_KEY=sk_test_… npm run stripe:sync -- --dry-run
  STRIPE_SECRET_KEY=sk_live_… npm run stripe:sync -- --live --stage production

  --dry-run         only shows what would be done
  --live            real money is meant; a live key is refused without, a test key with it
  --stage <name>    of the configuration; by default the host whose home is SITEWRIGHT_HOME (.sitewright)
  --url <address>   where Stripe sends events; for a stage, its console's /v1/webhooks/stripe

Removed plans are archived at Stripe, not deleted, and subscriptions keep their old prices. STRIPE_API_BASE is the URL of another
server with Stripe's API.
`

const optionsSchema = z.object({
  'dry-run': z.boolean().default(false),
  live: z.boolean().default(false),
  stage: z.string().optional(),
  url: z.string().optional(),
})

const apply = async ({ steps, apply: applySteps }: SyncPlan): Promise<void> => {
  const { webhookSecret } = await applySteps()
  console.log(steps.length === 1 ? 'Done: 1 change.' : `Done: ${steps.length} changes.`)
  if (webhookSecret === undefined) return
  console.log(
    `\nThe webhook's secret, which Stripe shows this once. Keep it where docs/deploy.md says:\n${webhookSecret}`,
  )
}

/** What to print for an error. Each step finds out what is there already, so a run that failed can be repeated. */
export const explain = (error: unknown): string =>
  error instanceof Stripe.errors.StripeError
    ? `Stripe did not do what it was asked: ${error.message || error.type} (${error.statusCode ?? 'no answer'}${
        error.requestId === undefined ? '' : `, ${error.requestId}`
      }). Correct that and run this again.`
    : messageOf(error)

/** The key of the account is sent there. */
const requirePrivate = (url: string | undefined): string | undefined => {
  const parsed = url ? URL.parse(url) : undefined
  if (parsed === undefined || (parsed !== null && isPrivateUrl(parsed))) return url
  throw new Error('STRIPE_API_BASE must begin with https://; only this machine may have http://')
}

/**
 * Syncs what the options name, with the key and the server of the environment.
 * @throws {Error} if the key or the server is refused, and what Stripe answers.
 */
export const sync = async (options: z.infer<typeof optionsSchema>): Promise<void> => {
  const { installation, webhookUrl, mode } = await installationOf(config, options.stage)
  const plan = await planSync({
    stripe: createStripeClient({
      secretKey: secretKeyFor(process.env['STRIPE_SECRET_KEY'], { isLive: options.live, mode }),
      apiBase: requirePrivate(process.env['STRIPE_API_BASE']),
      timeoutMilliseconds: 60_000,
    }),
    installation,
    plans: config.plans,
    brand: config.brand,
    webhookUrl: options.url ?? webhookUrl,
  })
  console.log(`${installation}, ${options.live ? 'live' : 'test'} mode:`)
  for (const step of plan.steps) console.log(`  ${stepText(step)}`)
  for (const remark of plan.remarks) console.log(`  ! ${remark}`)
  if (plan.steps.length === 0) {
    const rest = plan.remarks.length === 0 ? 'Stripe is in sync.' : 'Everything else is in sync.'
    return console.log(`  ${rest} Nothing to do.`)
  }
  if (options['dry-run']) return console.log('Nothing was changed.')
  await apply(plan)
}

interface Installation {
  readonly installation: string
  /** Absent for a host, which only its own machine reaches. */
  readonly webhookUrl: string | undefined
  /** The mode of Stripe; for a host, that of its key. */
  readonly mode: 'test' | 'live' | undefined
}

/**
 * @param stage of the configuration; by default the host whose home is `SITEWRIGHT_HOME`.
 * @throws {Error} without such a stage, or if no host has used the home yet.
 */
export const installationOf = async (
  { stages }: Pick<Config, 'stages'>,
  stage: string | undefined,
  home: string = homeDirectory(process.env),
): Promise<Installation> => {
  if (stage === undefined) {
    const homeId = await readHomeId(home)
    if (homeId === undefined) throw new Error(`No host has used ${home} yet. Start one first, or name a --stage.`)
    return { installation: homeId, webhookUrl: undefined, mode: undefined }
  }
  const described = stages[stage]
  if (described === undefined) {
    throw new Error(`sitewright.config.ts has no stage '${stage}'; it has: ${Object.keys(stages).join(', ')}`)
  }
  return {
    installation: namesOf(stage).installation,
    webhookUrl: `https://${described.console.hostname}/v1/webhooks/stripe`,
    mode: described.payments.mode,
  }
}

/**
 * Returns the key if it is of the intended mode.
 * @param mode of the stage; a host has no mode.
 * @throws {Error} without a key, or if it is of the other mode: only an explicit option allows real money.
 */
export const secretKeyFor = (
  key: string | undefined,
  { isLive, mode }: { readonly isLive: boolean; readonly mode: 'test' | 'live' | undefined },
): string => {
  if (key === undefined || key === '') throw new Error('Set STRIPE_SECRET_KEY to the key of a Stripe account.')
  const opened = modeOfKey(key)
  if (opened === 'live' && !isLive) throw new Error('This key is of live mode. Add --live if real money is meant.')
  if (opened === 'test' && isLive) throw new Error('--live was given, and this key is of test mode.')
  if (mode !== undefined && mode !== opened) {
    throw new Error(`The stage works with Stripe's ${mode} mode (payments.mode), and this key is of ${opened} mode.`)
  }
  return key
}

if (import.meta.main) await runCommand(optionsSchema, usage, sync, { explain })
