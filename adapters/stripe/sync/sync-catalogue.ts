import type { Stripe } from 'stripe'
import type { Plan } from '../../../core/plan/plan.ts'
import { apiVersion } from '../client.ts'
import { applyStep, type Step } from './apply-step.ts'
import { readFound } from './found.ts'
import { conflicts, countingProducts, planSteps, staleWebhooks } from './plan-steps.ts'
import { wantedOf } from './wanted.ts'

export interface SyncOptions {
  readonly stripe: Stripe
  readonly installation: string
  readonly plans: readonly Plan[]
  /** The beginning of products' names. */
  readonly brand: string
  /** Where events are to come in; nothing is done about webhooks without. */
  readonly webhookUrl?: string | undefined
}

export interface SyncPlan {
  /** In the order in which they are done; empty if Stripe holds what it should. */
  readonly steps: readonly Step[]
  /** Lines about what only a person can do. */
  readonly remarks: readonly string[]
  /** @returns the secret of a webhook endpoint that was made, which Stripe shows this once. */
  readonly apply: () => Promise<{ readonly webhookSecret: string | undefined }>
}

/**
 * Compares Stripe with our products, prices, portal and webhook, and plans the steps that are missing.
 * @throws {Error} where another installation has the lookup keys of our prices.
 */
export const planSync = async (options: SyncOptions): Promise<SyncPlan> => {
  const { stripe, installation } = options
  const wanted = wantedOf(options, options.webhookUrl)
  const found = await readFound(stripe, installation)
  const problems = conflicts(wanted, found)
  if (problems.length > 0) {
    throw new Error(`${problems.join('\n')}\nGive each installation a Stripe account, or a sandbox, of its own.`)
  }
  const steps = planSteps(wanted, found, apiVersion)
  return {
    steps,
    remarks: staleWebhooks(wanted, found, apiVersion),
    apply: async () => {
      let webhookSecret: string | undefined
      const hearSecret = (secret: string): void => {
        webhookSecret = secret
      }
      const products = new Map([...countingProducts(found)].map(([plan, { id }]) => [plan, id]))
      for (const step of steps) await applyStep({ stripe, installation, products, hearSecret }, step)
      return { webhookSecret }
    },
  }
}
