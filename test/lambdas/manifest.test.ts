import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import type { DomainEvent } from '../../core/events/event.ts'
import { siteEventTypes } from '../../core/events/event.ts'
import { matchesPattern } from '../../core/events/event-pattern.ts'
import { eventSource } from '../../core/events/event-source.ts'
import type { Operation } from '../../lambdas/_runtime/operation.ts'
import { api } from '../../lambdas/http/api.ts'
import { create as createOperatorApi } from '../../lambdas/http/operator-api.ts'
import { create as createOwnerApi } from '../../lambdas/http/owner-api.ts'
import { create as createPublicApi } from '../../lambdas/http/public-api.ts'
import type { FunctionEntry } from '../../lambdas/manifest/function-entry.ts'
import type { FunctionName } from '../../lambdas/manifest.ts'
import { functionEntries, manifest } from '../../lambdas/manifest.ts'
import { create as createStripeWebhook } from '../../lambdas/webhooks/stripe-webhook.ts'
import { lambdaContext } from '../../local/lambda-context.ts'
import { functionOfState } from '../../statemachines/read-state-machine.ts'
import { eventOf } from './http-request.ts'

const root = new URL('../../', import.meta.url)
const operations: readonly Operation[] = Object.values(api)
const entries: readonly FunctionEntry[] = functionEntries.map(([, entry]) => entry)
const ofKind = <Kind extends FunctionEntry['kind']>(kind: Kind) =>
  entries.filter((entry): entry is Extract<FunctionEntry, { kind: Kind }> => entry.kind === kind)

const matches = (name: FunctionName, type: DomainEvent['type'], accountId?: string): boolean => {
  const entry: FunctionEntry = manifest[name]
  const event = {
    source: eventSource,
    'detail-type': type,
    detail: { data: accountId === undefined ? {} : { accountId } },
  }
  return entry.kind === 'event' && entry.pattern !== undefined && matchesPattern(event, entry.pattern)
}

describe('the manifest', () => {
  it.each(functionEntries)(
    'has a module that makes %s, and doing nothing else is imported',
    async (_name, { entry }) => {
      expect(existsSync(new URL(entry, root))).toBe(true)
      const module: unknown = await import(new URL(entry, root).href)
      expect(module).toHaveProperty('create', expect.any(Function))
    },
  )

  it('has every operation of the API in exactly one function', () => {
    const listed = ofKind('http').flatMap((entry) => entry.operations)
    expect(listed.map(({ id }) => id).toSorted()).toEqual(operations.map(({ id }) => id).toSorted())
  })

  it('has no two operations of one method and path, or one name', () => {
    expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(operations.length)
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length)
    for (const [name, { id }] of Object.entries(api)) expect(id).toBe(name)
  })

  it('names exactly the tasks of the state machines', async () => {
    for (const machine of new Set(ofKind('task').flatMap(({ machines }) => machines))) {
      const tasks = ofKind('task').filter(({ machines }) => machines.includes(machine))
      const definition = JSON.parse(await readFile(new URL(`statemachines/${machine}.asl.json`, root), 'utf8')) as {
        States: Record<string, { Type: string; Resource?: string; TimeoutSeconds?: number }>
      }
      const states = Object.values(definition.States).filter(({ Type }) => Type === 'Task')
      const called = new Set(states.map(functionOfState))
      expect(tasks.map(({ state }) => state).toSorted()).toEqual([...called].toSorted())
      for (const asked of states) {
        const { TimeoutSeconds } = asked
        const name = functionOfState(asked)
        // A state that gives up first would begin again beside a function that still runs.
        expect(TimeoutSeconds).toBeGreaterThanOrEqual(tasks.find(({ state }) => state === name)?.timeoutSeconds ?? 0)
      }
    }
  })

  it('wakes every function that waits for an event or the clock', () => {
    for (const { pattern, everyMinutes } of ofKind('event')) expect(pattern ?? everyMinutes).toBeDefined()
  })
})

/** Fails whoever uses it: the routes are asked for, not what is behind them. */
const untouchable = new Proxy({}, { get: (_target, name) => (name === 'then' ? undefined : untouchable) })
const ports = new Proxy(
  {},
  {
    get: (_target, name) => {
      if (name === 'log') return { info: () => undefined, error: () => undefined }
      // As where nothing is in front of the API.
      return name === 'originSecrets' ? undefined : untouchable
    },
  },
)

const handlerOf = (entry: string) => {
  if (entry.endsWith('operator-api.ts')) return createOperatorApi(ports as Parameters<typeof createOperatorApi>[0])
  if (entry.endsWith('owner-api.ts')) return createOwnerApi(ports as Parameters<typeof createOwnerApi>[0])
  if (entry.endsWith('stripe-webhook.ts')) {
    return createStripeWebhook(ports as Parameters<typeof createStripeWebhook>[0])
  }
  return createPublicApi(ports as Parameters<typeof createPublicApi>[0])
}

describe('the functions behind the API', () => {
  it.each(
    ofKind('http').flatMap(({ entry, operations: listed }) => listed.map((operation) => [operation, entry] as const)),
  )('have a route for $method $path', async ({ method, path }, entry) => {
    const handler = handlerOf(entry)
    const event = eventOf({ method, path: path.replaceAll(/\{\w+\}/g, 'x') })
    const result = await handler(event, lambdaContext('test', 15))
    expect(JSON.parse(result.body ?? '{}')).not.toMatchObject({ detail: 'There is no such path.' })
  })

  it.each(operations.filter(({ audience }) => audience !== 'public'))(
    'ask who it is before anything else at $method $path',
    async ({ method, path, audience }) => {
      const handler = handlerOf(`${audience}-api.ts`)
      const event = eventOf({ method, path: path.replaceAll(/\{\w+\}/g, 'x'), body: {}, query: { limit: 'x' } })
      expect((await handler(event, lambdaContext('test', 15))).statusCode).toBe(401)
    },
  )
})

describe('the subscriptions', () => {
  const account = 'acct_01jq3v5k8m0000000000000000'

  it('mail an owner about what became of their site, and nobody about the pool', () => {
    const mailed = siteEventTypes.filter((type) => matches('mail-owner', type, account))
    expect(mailed.toSorted()).toEqual([
      'SiteArchived',
      'SiteBillingChanged',
      'SiteClaimed',
      'SiteDeletionRequested',
      'SiteFailed',
      'SitePaymentReturned',
      'SitePlanChanged',
      'SitePurged',
      'SiteReminded',
      'SiteRequested',
      'SiteRestored',
      'SiteResumed',
      'SiteStorageNoted',
      'SiteSuspended',
      'SiteWarned',
      'TrialExtended',
    ])
    expect(siteEventTypes.filter((type) => matches('mail-owner', type))).toEqual([])
  })

  it('fill the pool when a site has left it, and leave a failed build to the clock', () => {
    const filling = siteEventTypes.filter((type) => matches('fill-pool', type))
    expect(filling.toSorted()).toEqual(['SiteClaimed', 'SiteRetired', 'SiteStocked'])
    expect(manifest['fill-pool'].everyMinutes).toBe(1)
  })
})
