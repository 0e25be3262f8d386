import { createStripePayments } from '../../../../adapters/stripe/stripe-payments.ts'
import { createWebhookSignatures } from '../../../../adapters/stripe/webhook-signatures.ts'
import type { DomainEvent } from '../../../../core/events/event.ts'
import type { SiteId } from '../../../../core/ids.ts'
import type { Instant } from '../../../../core/instant.ts'
import type { Site } from '../../../../core/site/site.ts'
import { judgingPorts } from '../../../../local/capabilities.ts'
import config from '../../../../sitewright.config.ts'
import { MemoryTables } from '../../memory-table/memory-table.ts'
import { quickClients } from '../../memory-table/quick-client.ts'
import { samplePolicies } from '../../sample-policy.ts'
import { type Answer, type Asked, createHosts, scheduled, urgent } from '../../simulation/hosts.ts'
import { type LifeSurroundings, startLife } from '../../simulation/life.ts'
import { createOutsideWorld, type OutsideWorld } from '../../simulation/outside-world.ts'
import { seededInteger, seededRandomness } from '../../simulation/seeded.ts'
import { readStoredItems, type StoredItems, storedSite } from '../../simulation/stored-items.ts'
import { type FaultPlan, type FaultPoint, planFault } from '../fault-point.ts'
import { clientOn, installation, openStripeHere, type StripeHere, webhookSecret } from './stripe-here.ts'

/** A place with a table in memory, Stripe's stand-in, and one host after the other. */
export interface BillingWorld {
  readonly plan: FaultPlan
  readonly stripe: StripeHere
  readonly outside: OutsideWorld
  readonly now: () => Instant
  /** Asks once; no answer is what a host gives that is gone. */
  readonly ask: (request: Asked) => Promise<Answer | undefined>
  /** Asks until there is an answer that is not the host's own failure. */
  readonly insist: (request: Asked) => Promise<Answer>
  readonly site: (id: SiteId) => Site
  /** The router's answer for a hostname. */
  readonly lookUp: (hostname: string) => Promise<Site | undefined>
  readonly stored: () => StoredItems
  readonly logged: readonly string[]
  /** Tells the webhook of what it has not taken yet. */
  readonly deliver: () => Promise<void>
  /** Tells it of everything, once more. */
  readonly deliverAgain: () => Promise<void>
  readonly quiet: () => Promise<void>
  readonly tick: (functionName: string) => Promise<void>
  readonly sweep: () => Promise<void>
  /** Lets time pass, with a sweep twice a day of what deadlines hang on, or of these functions. */
  readonly pass: (days: number, functionNames?: readonly string[]) => Promise<void>
  /** Lets some minutes pass, in which nobody does anything. */
  readonly wait: (minutes: number) => void
  readonly heal: () => Promise<void>
  readonly end: () => Promise<void>
}

/** As often does somebody try who does not give up at once: one fault and one crash cost two. */
const tries = 6

const halfDay = 12 * 3_600_000

/** Longer than any wait of an aborted operation. */
const reprieve = 61 * 60_000

const letters = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789'

/** The token of an operator who may do everything. */
export const operatorToken = 'an.operators.token'

/** The services outside of it besides Stripe. */
interface Surroundings {
  readonly given: Pick<LifeSurroundings['given'], 'dns' | 'edge' | 'tenants'>
  readonly replace: NonNullable<LifeSurroundings['replace']>
}

/** @param point the one fault of this world; undefined where its calls are to be listed. */
export const createBillingWorld = async (
  point: FaultPoint | undefined,
  around?: Surroundings,
): Promise<BillingWorld> => {
  const plan = planFault(point)
  const integer = seededInteger(1)
  const randomness = seededRandomness(integer)
  const tables = new MemoryTables()
  const events: DomainEvent[] = []
  const logged: string[] = []
  const time = { at: Date.UTC(2026, 0, 5, 9) }
  const clock = (): Instant => new Date(time.at).toISOString()
  const stripe = await openStripeHere(clock, (length) =>
    Array.from({ length }, () => letters[integer(letters.length)]).join(''),
  )
  const line = (level: string) => (fields: object, message: string) => {
    logged.push(
      `${level}: ${message} ${JSON.stringify(fields, (_, value) => (value instanceof Error ? `${value}` : value))}`,
    )
  }
  const log = { info: line('info'), warn: line('warn'), error: line('error') }

  const recordOf = (siteId: SiteId) => storedSite(tables, siteId)
  const outside = createOutsideWorld({ recordOf, integer })

  const start = () =>
    startLife({
      clients: () => quickClients(tables),
      outside,
      domain: clock,
      wall: clock,
      randomness,
      policies: samplePolicies,
      log,
      take: plan.take,
      tasks: [],
      published: events,
      given: {
        payments: createStripePayments({ stripe: clientOn(stripe.port), installation, catalogue: config, log }),
        operatorTokens: {
          verify: async (token) => (token === operatorToken ? { operatorId: 'op_1', role: 'admin' } : undefined),
        },
        clockIsTurned: () => true,
        ...around?.given,
      },
      onCommitted: () => undefined,
      // A fault hits a single request to Stripe, and not the port, one call of which makes several.
      replace: (ports, watch) => {
        const wire = watch({ stripe: stripe.port }).stripe
        const payments = createStripePayments({ stripe: clientOn(wire), installation, catalogue: config, log })
        const { billing } = judgingPorts(ports, config, { ...ports, payments })
        const webhookSignatures = createWebhookSignatures({ secrets: [webhookSecret], clock })
        return { payments, billing, webhookSignatures: async () => webhookSignatures, ...around?.replace(ports, watch) }
      },
    })
  const hosts = createHosts(start, randomness)
  const { life, ask, quiet } = hosts

  const insist = async (request: Asked): Promise<Answer> => {
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      const answer = await ask(request)
      if (answer !== undefined && answer.status < 500) return answer
    }
    throw new Error(`${request.method} ${request.path} was not answered`)
  }

  const taken = new Set<string>()
  const deliver = async (): Promise<void> => {
    for (const { id, body, signature } of stripe.deliveries()) {
      if (taken.has(id)) continue
      const headers = { 'stripe-signature': signature }
      const { status } = await insist({ method: 'POST', path: '/v1/webhooks/stripe', body, headers })
      if (status !== 200) throw new Error(`the webhook answered ${status}`)
      taken.add(id)
    }
    await quiet()
  }
  const deliverAgain = async (): Promise<void> => {
    taken.clear()
    await deliver()
  }

  const tick = async (name: string): Promise<void> => {
    await hosts.tick(name)
    await quiet()
  }
  const sweep = async (): Promise<void> => {
    for (const name of scheduled) await tick(name)
  }

  return {
    plan,
    stripe,
    outside,
    now: clock,
    ask,
    insist,
    site: (id) => {
      const site = recordOf(id)
      if (site === undefined) throw new Error(`there is no ${id}`)
      return site
    },
    lookUp: async (hostname) => (await life()).store.sites.findByHostname(hostname),
    stored: () => readStoredItems(tables),
    logged,
    deliver,
    deliverAgain,
    quiet,
    tick,
    sweep,
    pass: async (days, functionNames = urgent) => {
      const end = time.at + days * 2 * halfDay
      while (time.at < end) {
        time.at = Math.min(end, time.at + halfDay)
        stripe.act()
        for (const name of functionNames) await tick(name)
      }
    },
    wait: (minutes) => {
      time.at += minutes * 60_000
    },
    heal: async () => {
      for (let round = 0; round < 3; round += 1) {
        await deliverAgain()
        await sweep()
        time.at += reprieve
      }
    },
    end: async () => {
      await hosts.close()
      await stripe.close()
    },
  }
}
