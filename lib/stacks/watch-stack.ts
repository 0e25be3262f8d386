import { Duration } from 'aws-cdk-lib'
import type { IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard,
  GraphWidget,
  type IMetric,
  PeriodOverride,
} from 'aws-cdk-lib/aws-cloudwatch'
import { Construct } from 'constructs'
import type { Names } from '../../cloud/names.ts'
import { Alarms } from '../constructs/watch/alarms.ts'
import { watchCapacity, watchTables } from '../constructs/watch/capacity-alarms.ts'
import { watchLives } from '../constructs/watch/life-alarms.ts'
import {
  watchApi,
  watchDeadLetters,
  watchEdge,
  watchFunctions,
  watchMail,
  watchPublisher,
  watchWorkflows,
} from '../constructs/watch/service-alarms.ts'
import { WatchedResources } from '../constructs/watch/watched-resources.ts'
import { type Deployment, StageStack } from '../deployment.ts'
import type { ApiStack } from './api-stack.ts'
import type { EdgeStack } from './edge-stack.ts'

/** The most alarms that CloudWatch shows in one widget. */
const maxAlarms = 100

const statusOf = (alarms: readonly Alarm[]): AlarmStatusWidget[][] =>
  Array.from({ length: Math.ceil(alarms.length / maxAlarms) }, (_, index) => {
    const shown = alarms.slice(index * maxAlarms, (index + 1) * maxAlarms)
    return [new AlarmStatusWidget({ title: 'Alarms', alarms: shown, width: 24, height: 6 })]
  })

const graph = (title: string, left: IMetric[], right: IMetric[] = []): GraphWidget =>
  new GraphWidget({ title, width: 12, left, right })

/** A dashboard: alarms first, then requests, functions, workflows and dead letters. */
const addOverview = (
  scope: Construct,
  names: Names,
  { alarms, api, resources }: { readonly alarms: Alarms; readonly api: IHttpApi; readonly resources: WatchedResources },
): void => {
  const sum = { statistic: 'Sum', period: Duration.minutes(5) }
  const each = resources.functions.map(({ function: one }) => one)
  const machines = [...resources.machines.values()]
  new Dashboard(scope, 'Dashboard', {
    dashboardName: names.installation,
    periodOverride: PeriodOverride.AUTO,
    widgets: [
      ...statusOf(alarms.all),
      [
        graph('Requests and errors', [api.metricCount(sum)], [api.metricClientError(sum), api.metricServerError(sum)]),
        graph(
          'Latency of the API',
          ['p50', 'p99'].map((statistic) => api.metricLatency({ ...sum, statistic })),
        ),
      ],
      [
        graph(
          'Calls of functions',
          each.map((one) => one.metricInvocations(sum)),
        ),
        graph(
          'Errors of functions',
          each.map((one) => one.metricErrors(sum)),
        ),
      ],
      [
        graph(
          'Workflows',
          machines.flatMap((machine) => [machine.metricStarted(sum), machine.metricFailed(sum)]),
        ),
        graph(
          'Dead letters',
          [...resources.deadLetters.values()].map((queue) => queue.metricApproximateNumberOfMessagesVisible()),
        ),
      ],
    ],
  })
}

/** The alarms of all other stacks. It is a separate stack because CloudFormation allows 500 resources in one. */
export class WatchStack extends StageStack {
  constructor(
    scope: Construct,
    deployment: Deployment,
    { edge, api: { api } }: { readonly edge: EdgeStack; readonly api: ApiStack },
  ) {
    const { names, stage } = deployment
    super(scope, deployment, 'watch', { description: 'Sitewright: alarms, and the page that says how it goes' })
    const resources = new WatchedResources(this, 'Resources', { names })
    const alarms = new Alarms(this, 'Alarms', { names, contact: stage.alarmContact })
    watchFunctions(alarms, resources)
    watchWorkflows(alarms, resources)
    watchDeadLetters(alarms, resources)
    watchPublisher(alarms, resources)
    watchApi(alarms, api, resources, names)
    watchLives(alarms, resources, names.installation)
    watchCapacity(alarms, resources, deployment)
    watchMail(alarms, names)
    watchTables(alarms, names)
    watchEdge(alarms, edge, resources, names)
    addOverview(new Construct(this, 'Overview'), names, { alarms, api, resources })
  }
}
