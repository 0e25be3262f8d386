import type { ServerResponse } from 'node:http'
import type { DomainEvent } from '../../core/events/event.ts'
import { isSiteEvent } from '../../core/events/event-names.ts'
import type { EveryPort } from '../../lambdas/_runtime/ports.ts'
import type { Usage } from '../../lambdas/reports/usage/usage.ts'
import { recentClaims } from '../../lambdas/sites/pool/count-claims.ts'
import { countReadySites } from '../../lambdas/sites/pool/fill-pool.ts'
import { poolTargets } from '../../lambdas/sites/pool/pool.ts'
import { createCounter, type Metric } from './open-metrics.ts'

export interface HostMetricsParts {
  readonly ports: Pick<
    EveryPort,
    'totals' | 'sites' | 'capacities' | 'rateWindows' | 'pool' | 'offeredBlueprints' | 'clocks' | 'waitingList'
  >
  /** The lengths of queues by name. */
  readonly queues: Readonly<Record<string, () => Promise<number>>>
}

const mostOperations = 1000
const mostWaiting = 10_000
const endOfTime = '9999-12-31T23:59:59.999Z'

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

const poolSamples = async ({ ports }: HostMetricsParts) => {
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
  const seconds = (microseconds: number): number => microseconds / 1_000_000
  return [
    {
      name: 'process_cpu_seconds',
      type: 'counter',
      unit: 'seconds',
      help: 'CPU time of the host, without routers and sites.',
      samples: [{ value: seconds(user + system) }],
    },
    {
      name: 'process_resident_memory_bytes',
      type: 'gauge',
      unit: 'bytes',
      help: 'Resident memory of the host, without routers and sites.',
      samples: [{ value: process.memoryUsage.rss() }],
    },
  ]
}

/** Counts what passes since the start, and reads the rest on demand. */
export const createHostMetrics = () => {
  const requests = createCounter()
  const siteRequests = createCounter()
  const operations = createCounter()
  const wakes = createCounter()
  const wakeSeconds = createCounter()

  const counters = (): readonly Metric[] => [
    {
      name: 'sitewright_requests',
      type: 'counter',
      help: 'Answers of the console and the API by the class of their status.',
      samples: requests.samples(),
    },
    {
      name: 'sitewright_site_requests',
      type: 'counter',
      help: 'Answers of sites by class: 4xx, 5xx and others, as routers reported them within the last minute.',
      samples: siteRequests.samples(),
    },
    {
      name: 'sitewright_operations',
      type: 'counter',
      help: 'Ended builds and operations. One may count twice when the host was killed.',
      samples: operations.samples(),
    },
    { name: 'sitewright_wakes', type: 'counter', help: 'Sites that woke.', samples: wakes.samples() },
    {
      name: 'sitewright_wake_seconds',
      type: 'counter',
      unit: 'seconds',
      help: 'The time of all wakes together.',
      samples: wakeSeconds.samples(),
    },
  ]

  const gauges = async (parts: HostMetricsParts): Promise<readonly Metric[]> => {
    const { totals, sites, waitingList } = parts.ports
    const [counted, pools, running, waiting, queued] = await Promise.all([
      totals.read(),
      poolSamples(parts),
      sites.countDue({ kind: 'operation', until: endOfTime, atMost: mostOperations }),
      waitingList.count('waiting', mostWaiting),
      Promise.all(Object.entries(parts.queues).map(async ([queue, length]) => ({ queue, value: await length() }))),
    ])
    const queues = [...queued, { queue: 'waiting-list', value: waiting }]
    return [
      {
        name: 'sitewright_sites',
        type: 'gauge',
        help: 'Sites that have or had an owner.',
        samples: counted.map(({ status, plan, sites: value }) => ({ labels: { status, plan }, value })),
      },
      {
        name: 'sitewright_pool_ready',
        type: 'gauge',
        help: 'Sites of the pool that can be claimed.',
        samples: pools.map(({ labels, ready }) => ({ labels, value: ready })),
      },
      {
        name: 'sitewright_pool_target',
        type: 'gauge',
        help: 'Sites that the pool should have.',
        samples: pools.map(({ labels, target }) => ({ labels, value: target })),
      },
      {
        name: 'sitewright_operations_running',
        type: 'gauge',
        help: `Operations in progress, without builds, counted up to ${mostOperations}.`,
        samples: [{ value: running }],
      },
      {
        name: 'sitewright_queue_length',
        type: 'gauge',
        help: 'Events to publish, mails to deliver, people on the waiting list.',
        samples: queues.map(({ queue, value }) => ({ labels: { queue }, value })),
      },
    ]
  }

  return {
    /** Counts the answer to a request for the console or the API. */
    watch: (response: ServerResponse): void => {
      response.once('finish', () => requests.add({ class: `${Math.floor(response.statusCode / 100)}xx` }))
    },
    noteUsage: ({ requests: all, clientErrors, serverErrors }: Usage): void => {
      siteRequests.add({ class: '4xx' }, clientErrors)
      siteRequests.add({ class: '5xx' }, serverErrors)
      siteRequests.add({ class: 'other' }, Math.max(0, all - clientErrors - serverErrors))
    },
    noteEvent: (event: DomainEvent): void => {
      const operation = operationOf(event)
      if (operation !== undefined) operations.add(operation)
      if (event.type !== 'SiteWoke' || event.data.milliseconds === undefined) return
      wakes.add({})
      wakeSeconds.add({}, event.data.milliseconds / 1000)
    },
    read: async (parts: HostMetricsParts): Promise<readonly Metric[]> => [
      ...counters(),
      ...(await gauges(parts)),
      ...processMetrics(),
    ],
  }
}
