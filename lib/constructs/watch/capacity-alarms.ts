import { Duration } from 'aws-cdk-lib'
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import { FilterPattern, type JsonPattern, MetricFilter } from 'aws-cdk-lib/aws-logs'
import type { Names } from '../../../cloud/names.ts'
import type { CapacityUse } from '../../../core/config/count-cells.ts'
import type { LogEvent } from '../../../core/log-events.ts'
import type { Deployment } from '../../deployment.ts'
import type { Alarms } from './alarms.ts'
import type { WatchedResources } from './watched-resources.ts'

/** Percent of a quota. AWS takes up to days to raise one. */
const nearQuota = 80

/** Matches near the quota only: a metric costs nothing in an hour without a figure. */
const counts = (kinds: CountedQuota['kinds']): JsonPattern =>
  FilterPattern.all(
    FilterPattern.stringValue('$.event', '=', 'capacity-counted' satisfies LogEvent),
    FilterPattern.any(...kinds.map((kind) => FilterPattern.stringValue('$.kind', '=', kind))),
    FilterPattern.numberValue('$.percent', '>=', nearQuota),
  )

const noMoreSites = 'Nothing yet; at the limit, nobody gets a new site and restored sites do not start.'

interface CountedQuota {
  /** More than one where the same is to be done about all: each alarm is paid for. */
  readonly kinds: readonly CapacityUse['kind'][]
  readonly feels: string
  /** The sweep that counts it: each minute, or with what is left over, each hour. */
  readonly in: 'reconcile-sites' | 'clear-leftovers'
}

/** Quotas that sweeps count, because AWS publishes no metric of their use. */
const quotas = {
  'access-points-near-quota': { kinds: ['access-points'], feels: noMoreSites, in: 'clear-leftovers' },
  'account-near-quota': { kinds: ['roles', 'network-interfaces'], feels: noMoreSites, in: 'reconcile-sites' },
  'cell-near-quota': { kinds: ['services', 'addresses'], feels: noMoreSites, in: 'reconcile-sites' },
  'cells-nearly-full': {
    kinds: ['cells'],
    feels: 'Nothing yet; once all cells are full, people go to the waiting list.',
    in: 'reconcile-sites',
  },
  'parameters-near-quota': { kinds: ['parameters'], feels: noMoreSites, in: 'clear-leftovers' },
} as const satisfies Readonly<Record<string, CountedQuota>>

const quarter = Duration.minutes(15)

/** Fargate's own metric of vCPUs, which Service Quotas knows the quota of. */
const vcpusOf = (id: 'spot' | 'demand', kind: 'Standard/Spot' | 'Standard/OnDemand'): MathExpression => {
  const used = new Metric({
    namespace: 'AWS/Usage',
    metricName: 'ResourceCount',
    dimensionsMap: { Service: 'Fargate', Type: 'Resource', Resource: 'vCPU', Class: kind },
    statistic: 'Maximum',
    period: quarter,
  })
  return new MathExpression({
    expression: `100 * (${id} / SERVICE_QUOTA(${id}))`,
    usingMetrics: { [id]: used },
    period: quarter,
  })
}

/** Adds the alarms on quotas: those that sweeps count, and those that AWS measures. */
export const watchCapacity = (alarms: Alarms, resources: WatchedResources, { names, stage }: Deployment): void => {
  for (const [id, { kinds, feels, in: sweep }] of Object.entries(quotas)) {
    const filter = new MetricFilter(alarms, `${id}-in-${sweep}`, {
      logGroup: resources.of(sweep).log,
      metricNamespace: names.installation,
      metricName: id,
      filterPattern: counts(kinds),
      metricValue: '$.percent',
    })
    const period = sweep === 'clear-leftovers' ? Duration.hours(3) : quarter
    alarms.add(id, { metric: filter.metric({ period, statistic: 'Maximum' }), feels, threshold: nearQuota })
  }
  alarms.add('spot-near-quota', {
    metric: vcpusOf('spot', 'Standard/Spot'),
    feels: 'Nothing yet; at the limit, trials start on more expensive on-demand capacity, and then not at all.',
    threshold: nearQuota,
  })
  alarms.add('on-demand-near-quota', {
    metric: vcpusOf('demand', 'Standard/OnDemand'),
    feels: 'Nothing yet; at the limit, paid sites do not start, and no router is added.',
    threshold: nearQuota,
  })
  alarms.add('concurrency-near-quota', {
    // With what functions reserve. Lambda's quota has no metric that SERVICE_QUOTA takes.
    metric: new Metric({
      namespace: 'AWS/Lambda',
      metricName: 'ClaimedAccountConcurrency',
      statistic: 'Maximum',
      period: Duration.minutes(5),
    }),
    feels: 'Nothing yet; at the limit, mails, builds and restarts of sites are late.',
    threshold: (nearQuota / 100) * stage.quotas.lambdaConcurrency,
  })
}

export const watchTables = (alarms: Alarms, { tables }: Names): void => {
  const period = Duration.minutes(5)
  const events = [tables, `${tables}-short`].flatMap((TableName, at) =>
    ['Read', 'Write'].map((kind): readonly [string, Metric] => [
      `${kind.toLowerCase()}${at}`,
      new Metric({
        period,
        statistic: 'Sum',
        namespace: 'AWS/DynamoDB',
        metricName: `${kind}ThrottleEvents`,
        dimensionsMap: { TableName },
      }),
    ]),
  )
  alarms.add('throttled-tables', {
    metric: new MathExpression({
      expression: events.map(([id]) => `FILL(${id}, 0)`).join(' + '),
      usingMetrics: Object.fromEntries(events),
      period,
    }),
    feels: 'The console is slow, or answers some requests with an error.',
    // The SDK repeats a call that was throttled.
    threshold: 10,
  })
}
