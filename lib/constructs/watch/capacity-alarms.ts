import { Duration } from 'aws-cdk-lib'
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch'
import type { JsonPattern } from 'aws-cdk-lib/aws-logs'
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs'
import type { CapacityUse } from '../../../core/cells/count-cells.ts'
import type { LogEvent } from '../../../core/log-events.ts'
import type { Alarms } from './alarms.ts'
import type { WatchedThings } from './watched-things.ts'

const counts = (kind: CapacityUse['kind']): JsonPattern =>
  FilterPattern.all(
    FilterPattern.stringValue('$.event', '=', 'capacity-counted' satisfies LogEvent),
    FilterPattern.stringValue('$.kind', '=', kind),
  )

const noMoreSites = 'Nothing yet; at the limit, nobody gets a new site and restored sites do not start.'

/** Quotas that the sweep counts, because AWS publishes no metric of their use. */
const quotas = {
  'addresses-near-quota': { kind: 'addresses', feels: noMoreSites },
  'cells-nearly-full': { kind: 'cells', feels: 'Nothing yet; once all cells are full, people go to the waiting list.' },
  'interfaces-near-quota': { kind: 'network-interfaces', feels: noMoreSites },
  'roles-near-quota': { kind: 'roles', feels: noMoreSites },
  'services-near-quota': { kind: 'services', feels: noMoreSites },
} as const satisfies Readonly<Record<string, { kind: CapacityUse['kind']; feels: string }>>

/** Percent of a quota. AWS takes up to days to raise one. */
const nearQuota = 80

const quarter = Duration.minutes(15)

/** Adds the alarms on quotas: those that the sweep counts, and Fargate's own metric of Spot vCPUs. */
export const watchCapacity = (alarms: Alarms, things: WatchedThings, installation: string): void => {
  for (const [id, { kind, feels }] of Object.entries(quotas)) {
    const filter = new MetricFilter(alarms, `${id}-in-reconcile-sites`, {
      logGroup: things.of('reconcile-sites').log,
      metricNamespace: installation,
      metricName: id,
      filterPattern: counts(kind),
      metricValue: '$.percent',
    })
    alarms.add(id, { metric: filter.metric({ period: quarter, statistic: 'Maximum' }), feels, threshold: nearQuota })
  }
  const spot = new Metric({
    namespace: 'AWS/Usage',
    metricName: 'ResourceCount',
    dimensionsMap: { Service: 'Fargate', Type: 'Resource', Resource: 'vCPU', Class: 'Standard/Spot' },
    statistic: 'Maximum',
    period: quarter,
  })
  alarms.add('spot-near-quota', {
    metric: new MathExpression({
      expression: '100 * (spot / SERVICE_QUOTA(spot))',
      usingMetrics: { spot },
      period: quarter,
    }),
    feels: 'Nothing yet; at the limit, trials start on more expensive on-demand capacity, and then not at all.',
    threshold: nearQuota,
  })
}
