import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { DomainEvent } from '../../../core/events/event.ts'
import { system } from '../../../core/events/event-names.ts'
import { plusMilliseconds, toInstant } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { Account } from '../../../lambdas/accounts/account.ts'
import { create as createLeadApi } from '../../../lambdas/leads/api.ts'
import { followLeadOf } from '../../../lambdas/leads/follow-leads.ts'
import { recordEvent } from '../../../lambdas/reports/record-rows.ts'
import { lambdaContext } from '../../../local/loaded-function.ts'
import config from '../../../sitewright.config.ts'
import { eventOf } from '../http-event.ts'
import type { Measurement, Section } from '../measurement.ts'
import { openBenchStore, silent } from '../open-bench-store.ts'
import { dynamodbCallsOf } from '../round-trips/dynamodb-calls.ts'
import { median } from '../statistics.ts'
import { eventsOfLead, seedLeads } from './seed-leads.ts'

const wall = (): string => toInstant(new Date())
const rounds = 15
/** The leads of the first figure; each has ten events. */
const few = 100
const people = ['ada@example.com', 'grace@example.com', 'katherine@example.com']

/** The functions of leads on an engine of its own. */
const openLeads = async (directory: string) => {
  await using opening = new AsyncDisposableStack()
  const { client, store } = opening.use(await openBenchStore(directory))
  const ports = {
    ...store,
    clocks: { domain: wall, wall },
    randomness: createRandomness(),
    log: silent,
    isStopping: () => false,
    meter: { measure: async () => undefined },
    plans: planCatalogue(config.plans),
    leadPolicy: { ...config.leads, people },
    operatorTokens: { verify: async () => ({ operatorId: 'op_bench', role: 'sales' }) as const },
    operatorDirectory: { roleOf: async () => 'sales' as const },
    auditPolicy: config.audit,
    abuse: config.abuse,
    consoleUrl: 'http://localhost',
  }
  const opened = opening.move()
  return { ports, client, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

type Opened = Awaited<ReturnType<typeof openLeads>>

/** What one more event of an account costs: its lead is scored, and reports get a row. */
const measureEvents = async ({ ports }: Opened, accounts: readonly Account[]) => {
  const times: number[] = []
  let calls: readonly string[] = []
  // The first of them load code and open connections.
  for (const [index, { id, ownerId, createdAt }] of [...accounts, ...accounts].entries()) {
    const event: DomainEvent = {
      schemaVersion: 1,
      id: ports.randomness.id('evt'),
      type: 'AccountOpened',
      aggregate: { type: 'account', id },
      version: 1,
      at: createdAt,
      actor: system,
      causationId: 'bench',
      data: { personId: ownerId },
    }
    calls = await dynamodbCallsOf(async () => {
      const begunAt = performance.now()
      await followLeadOf(ports, event)
      await recordEvent(ports, event)
      if (index >= accounts.length) times.push(performance.now() - begunAt)
    })
  }
  return { calls, milliseconds: median(times) }
}

const listsOf = () => {
  const list = (query: string) => `/v1/operator/leads${query}`
  return [
    list(''),
    list('?stage=engaged'),
    list('?sort=deadline'),
    list(`?sort=next-step&assignee=${encodeURIComponent(people[0] ?? '')}`),
    list('?limit=100'),
  ]
}

const measureLists = async ({ ports }: Opened): Promise<readonly Measurement[]> => {
  const handle = createLeadApi(ports)
  const measurements: Measurement[] = []
  for (const path of listsOf()) {
    const times: number[] = []
    for (let round = -1; round < rounds; round += 1) {
      const begunAt = performance.now()
      const event = eventOf(path, '/v1/operator/leads', {})
      const { statusCode, body } = await handle(event, lambdaContext('lead-api', 15))
      if (statusCode !== 200) throw new Error(`${path} answered ${statusCode}: ${body}`)
      if (round >= 0) times.push(performance.now() - begunAt)
    }
    const name = path.replace('/v1/operator', '')
    measurements.push({ name: `${name}, median`, value: median(times), unit: 'ms' })
    measurements.push({ name: `${name}, slowest`, value: Math.max(...times), unit: 'ms', bar: { atMost: 300 } })
  }
  return measurements
}

/** Times the lists of so many leads, and one more event with few and with all of them. */
export const measureLeads = async (count: number): Promise<Section> => {
  await using directory = await mkdtempDisposable(join(tmpdir(), 'sitewright-bench-leads-'))
  await using opened = await openLeads(directory.path)
  const seed = { now: plusMilliseconds(wall(), -3_600_000), people }
  const first = await seedLeads(opened.client, { ...seed, from: 0, count: few })
  const before = await measureEvents(opened, first)
  const startedAt = performance.now()
  const some = await seedLeads(opened.client, { ...seed, from: few, count: count - few })
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  const after = await measureEvents(opened, some)
  const lists = await measureLists(opened)
  const [fewEvents, allEvents] = [few, count].map((leads) => leads * eventsOfLead)
  return {
    title: `${count} leads with ${allEvents} events`,
    measurements: [
      ...lists,
      { name: `one more event after ${fewEvents}`, value: before.milliseconds, unit: 'ms' },
      { name: `one more event after ${allEvents}`, value: after.milliseconds, unit: 'ms' },
      {
        name: 'the second / the first',
        value: after.milliseconds / before.milliseconds,
        unit: '×',
        bar: { atMost: 1.2 },
      },
      { name: `calls to DynamoDB after ${fewEvents}`, value: before.calls.length, unit: 'calls' },
      {
        name: `calls to DynamoDB after ${allEvents}`,
        value: after.calls.length,
        unit: 'calls',
        bar: { atMost: before.calls.length },
      },
    ],
    notes: [`${rounds} calls of each list. Writing the leads took ${seconds} s. The median of ${few} events.`],
  }
}
