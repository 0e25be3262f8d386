import { unmarshall } from '@aws-sdk/util-dynamodb'
import { siteKey } from '../../../../adapters/dynamodb/keys.ts'
import { createStripePayments } from '../../../../adapters/stripe/stripe-payments.ts'
import { createWebhookSignatures } from '../../../../adapters/stripe/webhook-signatures.ts'
import type { DomainEvent } from '../../../../core/events/event.ts'
import type { SiteId } from '../../../../core/ids.ts'
import type { Instant } from '../../../../core/instant.ts'
import { type Site, siteSchema } from '../../../../core/site/site.ts'
import { functions as definitions, minutesOf } from '../../../../lambdas/manifest.ts'
import { judgingPorts } from '../../../../local/capabilities.ts'
import { createRoutes } from '../../../../local/gateway/api-gateway.ts'
import config from '../../../../sitewright.config.ts'
import { MemoryTables } from '../../memory-table/memory-table.ts'
import { quickClients } from '../../memory-table/quick-client.ts'
import { samplePolicies } from '../../sample-policy.ts'
import { type Life, type LifeSurroundings, startLife } from '../../simulation/life.ts'
import { createOutsideWorld, type OutsideWorld } from '../../simulation/outside-world.ts'
import { seededInteger, seededRandomness } from '../../simulation/seeded.ts'
import { readStoredItems, type StoredItems } from '../../simulation/stored-items.ts'
import { type FaultPlan, type FaultPoint, planFault } from '../fault-point.ts'
import { clientOn, installation, openStripeHere, type StripeHere, webhookSecret } from './stripe-here.ts'

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
}

interface Request {
  readonly method: string
  readonly path: string
  /** An object is sent as JSON, text as it is. */
  readonly body?: object | string
  readonly headers?: Readonly<Record<string, string>>
}

/** A place with a table in memory, Stripe's stand-in, and one host after the other. */
export interface BillingWorld {
  readonly plan: FaultPlan
  readonly stripe: StripeHere
  readonly outside: OutsideWorld
  readonly now: () => Instant
  /** Asks once; no answer is what a host gives that is gone. */
  readonly ask: (request: Request) => Promise<Answer | undefined>
  /** Asks until there is an answer that is not the host's own failure. */
  readonly insist: (request: Request) => Promise<Answer>
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

const scheduled = definitions.filter((definition) => minutesOf(definition) !== undefined).map(({ name }) => name)

const urgent: readonly string[] = ['act-on-deadlines', 'heal-work']

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

  const recordOf = (siteId: SiteId): Site | undefined => {
    const { pk, sk } = siteKey(siteId)
    const { Item } = tables.getItem({ TableName: 'sitewright', Key: { pk: { S: pk }, sk: { S: sk } } }) as {
      Item?: Record<string, never>
    }
    return Item === undefined ? undefined : siteSchema.parse(unmarshall(Item)['content'])
  }
  const outside = createOutsideWorld({ recordOf, integer })

  let current: Life | undefined
  const life = async (): Promise<Life> => {
    if (current !== undefined && !current.line.isGone()) return current
    await current?.line.settled()
    await current?.close()
    current = await startLife({
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
    return current
  }

  const call = async (name: string, event: unknown): Promise<unknown> => {
    const { functions, line: present } = await life()
    const found = functions.find((candidate) => candidate.name === name)
    const work = found?.invoke(event).catch((error: unknown) => ({ error }))
    return Promise.race([work, present.gone])
  }

  const ask = async ({ method, path, body, headers = {} }: Request): Promise<Answer | undefined> => {
    const { functions } = await life()
    const routing = createRoutes(functions)(method, path)
    if (!('match' in routing)) throw new Error(`there is no ${method} ${path}`)
    const { function: found, routeKey, pathParameters } = routing.match
    const isText = typeof body === 'string'
    const answer = (await call(found.name, {
      version: '2.0',
      routeKey,
      rawPath: path,
      rawQueryString: '',
      headers: { ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers },
      pathParameters,
      requestContext: {
        http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'visitor' },
        requestId: randomness.id('req'),
        routeKey,
        stage: '$default',
      },
      ...(body === undefined ? {} : { body: isText ? body : JSON.stringify(body) }),
      isBase64Encoded: false,
    })) as { statusCode?: number; body?: string } | undefined
    if (answer?.statusCode === undefined) return undefined
    return { status: answer.statusCode, body: JSON.parse(answer.body ?? '{}') }
  }

  const insist = async (request: Request): Promise<Answer> => {
    for (let attempt = 1; attempt <= tries; attempt += 1) {
      const answer = await ask(request)
      if (answer !== undefined && answer.status < 500) return answer
    }
    throw new Error(`${request.method} ${request.path} was not answered`)
  }

  const quiet = async (): Promise<void> => {
    for (;;) {
      const present = await life()
      await present.quiet()
      if (!present.line.isGone()) return
    }
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
    await call(name, { id: randomness.id('evt'), 'detail-type': 'Scheduled Event', detail: {} })
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
      await current?.close()
      await stripe.close()
    },
  }
}
