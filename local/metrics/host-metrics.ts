import type { Mailbox } from '../../adapters/mailbox/mailbox.ts'
import { awaitsDelivery } from '../../adapters/mailbox/spool.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import { isSiteEvent } from '../../core/events/event-names.ts'
import { endOfTime } from '../../core/instant.ts'
import type { Log } from '../../core/ports/context.ts'
import type { EveryPort } from '../../lambdas/_runtime/ports.ts'
import type { UsageStore } from '../../lambdas/reports/usage/ports.ts'
import { recentClaims } from '../../lambdas/sites/claim/count-site.ts'
import { countReadySites } from '../../lambdas/sites/pool/fill-pool.ts'
import { poolTargets } from '../../lambdas/sites/pool/pool.ts'
import type { Store } from '../open-store.ts'
import type { ConsoleRequests } from '../routers/host-endpoint.ts'
import { createCounter, type Metric, type Sample, serveMetrics } from './open-metrics.ts'

export interface HostMetricsParts {
  readonly ports: Pick<
    EveryPort,
    'totals' | 'sites' | 'capacities' | 'rateWindows' | 'pool' | 'offeredBlueprints' | 'clocks' | 'waitingList'
  >
  /** The lengths of queues by name. */
  readonly queues: Readonly<Record<string, () => Promise<number>>>
}

const gauge = (name: string, help: string, samples: readonly Sample[], unit?: Metric['unit']): Metric => ({
  name,
  type: 'gauge',
  help,
  samples,
  unit,
})

const maxOperations = 1000
const maxWaiting = 10_000

const operationOf = (event: DomainEvent): { readonly operation: string; readonly outcome: string } | undefined => {
  if (!isSiteEvent(event)) return undefined
  switch (event.type) {
    case 'SiteStocked':
    case 'SiteOpened':
      return { operation: 'build', outcome: 'done' }
    case 'SiteFailed':
      return { operation: 'build', outcome: 'failed' }
    case 'SiteOperationEnded':
      return { operation: event.data.operation, outcome: event.data.outcome }
    default:
      return undefined
  }
}

const poolsOf = async (ports: HostMetricsParts['ports']) => {
  const { offeredBlueprints, rateWindows, clocks, pool } = ports
  const claims = await recentClaims(rateWindows, offeredBlueprints, clocks.wall())
  const targets = poolTargets(pool, claims)
  return Promise.all(
    offeredBlueprints.map(async (blueprint, index) => ({
      labels: { blueprint },
      ready: await countReadySites(ports, { blueprint }),
      target: targets[index] ?? 0,
    })),
  )
}

const processMetrics = (): readonly Metric[] => {
  const { user, system } = process.cpuUsage()
  const cpu = createCounter('process_cpu_seconds', 'CPU time of the host, without routers and sites.', 'seconds')
  cpu.add({}, (user + system) / 1_000_000)
  const memory = [{ value: process.memoryUsage.rss() }]
  const help = 'Resident memory of the host, without routers and sites.'
  return [cpu.read(), gauge('process_resident_memory_bytes', help, memory, 'bytes')]
}

interface MetricsSources {
  readonly ports: HostMetricsParts['ports']
  readonly outbox: Pick<Store['outbox'], 'pending'>
  readonly mailbox: Pick<Mailbox, 'list'>
  readonly log: Log
}

/** Counts what passes the places where a host's parts meet since the start, and reads the rest on demand. */
export const measureHost = () => {
  const requests = createCounter(
    'sitewright_requests',
    'Answers of the console and the API by the class of their status.',
  )
  const siteRequests = createCounter(
    'sitewright_site_requests',
    'Answers of sites by class: 4xx, 5xx and others, as routers reported them within the last minute.',
  )
  const operations = createCounter(
    'sitewright_operations',
    'Ended builds and operations. One may count twice when the host was killed.',
  )
  const wakes = createCounter('sitewright_wakes', 'Sites that woke.')
  const wakeSeconds = createCounter('sitewright_wake_seconds', 'The time of all wakes together.', 'seconds')

  const gauges = async ({ ports, queues }: HostMetricsParts): Promise<readonly Metric[]> => {
    const [counted, pools, running, waiting, queued] = await Promise.all([
      ports.totals.read(),
      poolsOf(ports),
      ports.sites.countDue({ kind: 'operation', until: endOfTime, atMost: maxOperations }),
      ports.waitingList.count('waiting', maxWaiting),
      Promise.all(Object.entries(queues).map(async ([queue, length]) => ({ queue, value: await length() }))),
    ])
    const lengths = [...queued, { queue: 'waiting-list', value: waiting }]
    return [
      gauge(
        'sitewright_sites',
        'Sites that have or had an owner.',
        counted.map(({ status, plan, sites: value }) => ({ labels: { status, plan }, value })),
      ),
      gauge(
        'sitewright_pool_ready',
        'Sites of the pool that can be claimed.',
        pools.map(({ labels, ready }) => ({ labels, value: ready })),
      ),
      gauge(
        'sitewright_pool_target',
        'Sites that the pool should have.',
        pools.map(({ labels, target }) => ({ labels, value: target })),
      ),
      gauge(
        'sitewright_operations_running',
        `Operations in progress, without builds, counted up to ${maxOperations}.`,
        [{ value: running }],
      ),
      gauge(
        'sitewright_queue_length',
        'Events to publish, mails to deliver, people on the waiting list.',
        lengths.map(({ queue, value }) => ({ labels: { queue }, value })),
      ),
    ]
  }

  const read = async (parts: HostMetricsParts): Promise<readonly Metric[]> => [
    ...[requests, siteRequests, operations, wakes, wakeSeconds].map((counted) => counted.read()),
    ...(await gauges(parts)),
    ...processMetrics(),
  ]

  return {
    ofUsage: (usage: UsageStore): UsageStore => ({
      ...usage,
      addToHour: async (report) => {
        const { requests: all, clientErrors, serverErrors } = report.usage
        siteRequests.add({ class: '4xx' }, clientErrors)
        siteRequests.add({ class: '5xx' }, serverErrors)
        siteRequests.add({ class: 'other' }, Math.max(0, all - clientErrors - serverErrors))
        await usage.addToHour(report)
      },
    }),
    ofEvents:
      (next: (event: DomainEvent) => void) =>
      (event: DomainEvent): void => {
        const operation = operationOf(event)
        if (operation !== undefined) operations.add(operation)
        if (event.type === 'SiteWoke' && event.data.milliseconds !== undefined) {
          wakes.add({})
          wakeSeconds.add({}, event.data.milliseconds / 1000)
        }
        next(event)
      },
    ofConsole:
      (next: ConsoleRequests): ConsoleRequests =>
      (request, response, hostname) => {
        response.once('finish', () => requests.add({ class: `${Math.floor(response.statusCode / 100)}xx` }))
        return next(request, response, hostname)
      },
    read,
    /** @param port without it, nothing is served. @returns what ends it. */
    serve: async (
      port: number | undefined,
      { ports, outbox, mailbox, log }: MetricsSources,
    ): Promise<() => Promise<void>> => {
      if (port === undefined) return async () => undefined
      const queues = {
        events: async () => (await outbox.pending()).length,
        mails: async () => (await mailbox.list()).filter(awaitsDelivery).length,
      }
      return (await serveMetrics({ port, read: () => read({ ports, queues }), log })).close
    },
  }
}
