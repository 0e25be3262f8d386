import { Duration } from 'aws-cdk-lib'
import type { IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { type Alarm, AlarmStatusWidget, Dashboard, GraphWidget, PeriodOverride } from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import type { Alarms } from './alarms.ts'
import type { WatchedThings } from './watched-things.ts'

interface OverviewProps {
  readonly names: Pick<Names, 'installation'>
  readonly alarms: Alarms
  readonly api: Pick<IHttpApi, 'metricCount' | 'metricClientError' | 'metricServerError' | 'metricLatency'>
  readonly things: WatchedThings
}

/** The most alarms that CloudWatch shows in one widget. */
const mostAlarms = 100

const statusOf = (alarms: readonly Alarm[]): AlarmStatusWidget[][] =>
  Array.from({ length: Math.ceil(alarms.length / mostAlarms) }, (_, index) => {
    const shown = alarms.slice(index * mostAlarms, (index + 1) * mostAlarms)
    return [new AlarmStatusWidget({ title: 'Alarms', alarms: shown, width: 24, height: 6 })]
  })

/** A dashboard: alarms first, then requests, functions, workflows and dead letters. */
export class Overview extends Construct {
  constructor(scope: Construct, id: string, props: OverviewProps) {
    super(scope, id)
    const { names, alarms, api, things } = props
    const sum = { statistic: 'Sum', period: Duration.minutes(5) }
    const each = things.functions.map(({ function: one }) => one)
    const machines = [...things.machines.values()]
    new Dashboard(this, 'Dashboard', {
      dashboardName: names.installation,
      periodOverride: PeriodOverride.AUTO,
      widgets: [
        ...statusOf(alarms.all),
        [
          new GraphWidget({
            title: 'Requests and errors',
            width: 12,
            left: [api.metricCount(sum)],
            right: [api.metricClientError(sum), api.metricServerError(sum)],
          }),
          new GraphWidget({
            title: 'Latency of the API',
            width: 12,
            left: ['p50', 'p99'].map((statistic) => api.metricLatency({ ...sum, statistic })),
          }),
        ],
        [
          new GraphWidget({
            title: 'Calls of functions',
            width: 12,
            left: each.map((one) => one.metricInvocations(sum)),
          }),
          new GraphWidget({ title: 'Errors of functions', width: 12, left: each.map((one) => one.metricErrors(sum)) }),
        ],
        [
          new GraphWidget({
            title: 'Workflows',
            width: 12,
            left: machines.flatMap((machine) => [machine.metricStarted(sum), machine.metricFailed(sum)]),
          }),
          new GraphWidget({
            title: 'Dead letters',
            width: 12,
            left: [...things.deadLetters.values()].map((queue) => queue.metricApproximateNumberOfMessagesVisible()),
          }),
        ],
      ],
    })
  }
}
