import { Duration } from 'aws-cdk-lib'
import { MathExpression, Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch'
import type { ILogGroup } from 'aws-cdk-lib/aws-logs'
import type { Stage } from '../../../core/config/stage.ts'
import type { Alarms } from '../watch/alarms.ts'

interface WatchedCell {
  readonly cell: Stage['cells'][number]
  readonly fileSystemId: string
  readonly logs: ILogGroup
}

const [mebibyte, gibibyte] = [2 ** 20, 2 ** 30]
const hour = { statistic: 'Sum', period: Duration.hours(1) }
const day = Duration.days(1)

/** Adds alarms on what all sites of a cell write, which AWS charges by the byte. The thresholds are estimates: nothing was measured. */
export const watchCell = (alarms: Alarms, { cell: { name, sites }, fileSystemId, logs }: WatchedCell): void => {
  const ofFiles = (metricName: string, options: MetricOptions, dimensions = {}): Metric =>
    new Metric({
      namespace: 'AWS/EFS',
      metricName,
      dimensionsMap: { FileSystemId: fileSystemId, ...dimensions },
      ...options,
    })
  const said = {
    feels: 'Nothing; the month costs much more than planned.',
    todo: 'docs/runbook.md#a-cell-that-writes-a-lot',
  }
  alarms.add(`cell-${name}-logs`, {
    ...said,
    metric: logs.metricIncomingBytes(hour),
    threshold: Math.max(2 * gibibyte, sites * mebibyte),
  })
  alarms.add(`cell-${name}-file-traffic`, {
    ...said,
    metric: ofFiles('MeteredIOBytes', hour),
    threshold: Math.max(20 * gibibyte, 20 * sites * mebibyte),
  })
  const stored = ofFiles('StorageBytes', { statistic: 'Maximum', period: day }, { StorageClass: 'Total' })
  alarms.add(`cell-${name}-storage`, {
    ...said,
    metric: new MathExpression({ expression: 'DIFF(stored)', usingMetrics: { stored }, period: day }),
    threshold: 50 * gibibyte,
  })
}
