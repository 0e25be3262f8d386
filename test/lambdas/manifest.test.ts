import { describe, expect, it } from 'vitest'
import { type DomainEvent, siteEventTypes } from '../../core/events/event.ts'
import { eventSource } from '../../core/events/event-names.ts'
import { matchesPattern } from '../../core/events/event-pattern.ts'
import { transitions } from '../../core/site/lifecycle.ts'
import type { AnyFunction } from '../../lambdas/_runtime/define-function.ts'
import { followClosures } from '../../lambdas/accounts/follow-closures.ts'
import * as capabilities from '../../lambdas/capabilities.ts'
import { answerForms } from '../../lambdas/http/openapi.ts'
import {
  clocksOf,
  exportOf,
  type FunctionName,
  functions,
  httpTriggersOf,
  machineNames,
  minutesOf,
  operations,
  patternsOf,
  tableAccess,
  tasksOf,
} from '../../lambdas/manifest.ts'
import { healBuilds, healOperations } from '../../lambdas/sites/heal-work.ts'
import { lambdaContext } from '../../local/loaded-function.ts'
import { functionOfState, readStateMachine } from '../../statemachines/read-state-machine.ts'
import { eventOf } from './http-request.ts'

const root = new URL('../../', import.meta.url)
const definitions: readonly AnyFunction[] = functions
const definitionOf = (name: FunctionName) => functions.find((definition) => definition.name === name) as AnyFunction

const matches = (name: FunctionName, type: DomainEvent['type'], accountId?: string, more: object = {}): boolean => {
  const event = {
    source: eventSource,
    'detail-type': type,
    detail: { data: { ...(accountId === undefined ? {} : { accountId }), ...more } },
  }
  return patternsOf(definitionOf(name)).some((pattern) => matchesPattern(event, pattern))
}

describe('the manifest', () => {
  it('has no two functions of one name, and each in the module that exports it', async () => {
    expect(new Set(functions.map(({ name }) => name)).size).toBe(functions.length)
    for (const { name } of functions) {
      const { module, exported } = exportOf(name)
      const exports = (await import(new URL(module, root).href)) as Record<string, { name: string }>
      expect(exports[exported]?.name).toBe(name)
    }
  })

  it('says once what a name in `uses` gives of the tables', () => {
    const names = Object.values(capabilities).flatMap((exports) =>
      'access' in exports ? Object.keys(exports.access) : [],
    )
    expect(names.toSorted()).toEqual([...tableAccess.keys()].toSorted())
  })

  it.each(['sleep', 'dormancy', 'wake'])('leaves billing alone when a site’s operation is %s', (operation) => {
    const hears = (kind: string): boolean =>
      patternsOf(definitionOf('converge-billing')).some((pattern) =>
        matchesPattern(
          { source: eventSource, 'detail-type': 'SiteOperationEnded', detail: { data: { operation: kind } } },
          pattern,
        ),
      )
    expect([hears(operation), hears('suspend')]).toEqual([false, true])
  })

  it('has code for every trigger', async () => {
    for (const { triggers } of definitions) {
      for (const { run } of triggers) expect(await run()).toBeTypeOf('function')
    }
  })

  it('has a form for the answers of every operation', async () => {
    const forms = await answerForms()
    expect(Object.keys(forms).toSorted()).toEqual(operations.map(({ id }) => id).toSorted())
  })

  it('has no two operations of one method and path, or one name', () => {
    expect(new Set(operations.map(({ method, path }) => `${method} ${path}`)).size).toBe(operations.length)
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length)
  })

  it('names exactly the tasks of the state machines', () => {
    for (const machine of machineNames) {
      const tasks = definitions.flatMap((definition) =>
        tasksOf(definition)
          .filter(({ machines }) => machines.includes(machine))
          .map(({ task }) => task),
      )
      const definition = readStateMachine(machine)
      const states = Object.values(definition.States).filter(({ Type }) => Type === 'Task')
      expect(tasks.toSorted()).toEqual([...new Set(states.map((state) => functionOfState(state)))].toSorted())
    }
  })

  it('has one interval of the clock for each function', () => {
    for (const definition of definitions) {
      const paces = new Set(clocksOf(definition).map(({ everyMinutes }) => everyMinutes))
      expect(paces.size).toBeLessThanOrEqual(1)
    }
  })
})

/** Fails on each use: the test reads the routes, not their handlers. */
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

const handlerOf = async (name: string) => {
  const [trigger] = httpTriggersOf(definitions.find((definition) => definition.name === name)!)
  const handler = (await trigger!.run())(ports as never)
  return async (event: unknown) =>
    (await handler(event, lambdaContext('test', 15))) as { readonly statusCode: number; readonly body?: string }
}

describe('the functions behind the API', () => {
  const served = definitions.flatMap((definition) =>
    httpTriggersOf(definition).flatMap((trigger) =>
      trigger.operations.map((operation) => [operation, definition.name] as const),
    ),
  )

  it.each(served)('have a route for $method $path', async ({ method, path }, name) => {
    const handler = await handlerOf(name)
    const event = eventOf({ method, path: path.replaceAll(/\{\w+\}/g, 'x') })
    const result = await handler(event)
    expect(result.body ?? '').not.toContain('There is no such path.')
  })

  it.each(served.filter(([{ audience }]) => audience !== 'public'))(
    'authenticate before anything else at $method $path',
    async ({ method, path }, name) => {
      const handler = await handlerOf(name)
      const event = eventOf({ method, path: path.replaceAll(/\{\w+\}/g, 'x'), body: {}, query: { limit: 'x' } })
      expect((await handler(event)).statusCode).toBe(401)
    },
  )
})

describe('the subscriptions', () => {
  const account = 'acct_01jq3v5k8m0000000000000000'

  it('mail owners about their site, and nobody about the pool', () => {
    const mailed = siteEventTypes.filter((type) => matches('mail-owner', type, account))
    expect(mailed.toSorted()).toEqual([
      'PreparedSiteClaimed',
      'RelocationAccepted',
      'RelocationAnnounced',
      'RelocationDrafted',
      'RelocationMissed',
      'RelocationWithdrawn',
      'SiteArchived',
      'SiteBillingChanged',
      'SiteClaimed',
      'SiteDeletionRequested',
      'SiteDown',
      'SiteFailed',
      'SitePaymentReturned',
      'SitePlanChanged',
      'SitePurged',
      'SiteReminded',
      'SiteRequested',
      'SiteRestored',
      'SiteResumed',
      'SiteStorageNoted',
      'SiteSupportEntered',
      'SiteSuspended',
      'SiteWarned',
      'TrialExtended',
    ])
    expect(siteEventTypes.filter((type) => matches('mail-owner', type))).toEqual([])
    const environmentOf = 'site_01jq3v5k8m0000000000000000'
    const ofEnvironments = siteEventTypes.filter((type) => matches('mail-owner', type, undefined, { environmentOf }))
    expect(ofEnvironments.toSorted()).toEqual(['SiteReminded', 'SiteSupportEntered', 'SiteSuspended'])
  })

  it('decide when a site sleeps after each event that starts it or puts it to sleep, or may change its minutes', () => {
    const moved = Object.values(transitions).filter(({ to }) => to === 'active' || to === 'asleep')
    const types = [...moved.map(({ event }) => event), 'SitePlanChanged', 'SiteSleepChosen', 'SiteUpgraded'] as const
    for (const type of types) expect([type, matches('sleep-idle-sites', type, account)]).toEqual([type, true])
    expect(matches('sleep-idle-sites', 'SiteReminded', account)).toBe(false)
  })

  it('fill the pool after a claim, but not after a failed build', () => {
    const filling = siteEventTypes.filter((type) => matches('fill-pool', type))
    expect(filling.toSorted()).toEqual(['PreparedSiteClaimed', 'SiteClaimed', 'SiteRetired', 'SiteStocked'])
    expect(minutesOf(definitionOf('fill-pool'))).toBe(1)
  })
})

it('restarts lost builds, operations and closures every minute', async () => {
  const clocks = clocksOf(definitionOf('heal-work'))
  expect(await Promise.all(clocks.map(({ run }) => run()))).toEqual([healBuilds, healOperations, followClosures])
  expect(clocks.map(({ everyMinutes }) => everyMinutes)).toEqual([1, 1, 1])
})
