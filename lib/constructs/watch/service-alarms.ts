import { Duration } from 'aws-cdk-lib'
import type { IHttpApi } from 'aws-cdk-lib/aws-apigatewayv2'
import { Metric } from 'aws-cdk-lib/aws-cloudwatch'
import {
  HttpCodeElb,
  type IApplicationLoadBalancer,
  type IApplicationTargetGroup,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs'
import type { Names } from '../../../cloud/names.ts'
import type { LogEvent } from '../../../core/log-events.ts'
import type { AnyFunction } from '../../../lambdas/_runtime/define-function.ts'
import { isHttp, minutesOf, operationOf, workflows } from '../../../lambdas/manifest.ts'
import type { DeadLetterPurpose } from '../control/dead-letters.ts'
import type { Alarms } from './alarms.ts'
import type { WatchedFunction, WatchedResources } from './watched-resources.ts'

const sum = { period: Duration.minutes(5), statistic: 'Sum' }

/** Long enough for one error more than tolerated, even if each call of the clock fails once and no event does. */
const periodOfErrors = (definition: AnyFunction): Duration => {
  const everyMinutes = minutesOf(definition)
  if (everyMinutes === undefined) return sum.period
  const minutes = definition.alarm.tolerated * (everyMinutes + definition.timeout / 60) + 1
  return Duration.minutes(Math.ceil(minutes / 5) * 5)
}

/** Functions of staff share what is not reserved: one of them shows for all that it is used up. */
const sharesPool = ({ name, triggers }: AnyFunction): boolean =>
  name !== 'operator-api' &&
  triggers.every(
    (trigger) => 'operations' in trigger && trigger.operations.every(({ audience }) => audience === 'operator'),
  )

const watchFunction = (alarms: Alarms, { name, definition, function: watched }: WatchedFunction): void => {
  const { feels, todo, tolerated } = definition.alarm
  const everyMinutes = minutesOf(definition)
  const errors = watched.metricErrors({ ...sum, period: periodOfErrors(definition) })
  alarms.add(`${name}-errors`, { metric: errors, feels, todo, threshold: tolerated + 1 })
  if (isHttp(definition) && !sharesPool(definition)) {
    alarms.add(`${name}-throttled`, {
      metric: watched.metricThrottles(sum),
      feels: 'Some requests to the console are refused as if it were broken.',
      todo,
      threshold: 1,
    })
  }
  if (everyMinutes !== undefined) {
    alarms.add(`${name}-silent`, {
      metric: watched.metricInvocations(sum),
      feels,
      todo,
      threshold: 1,
      // One call may take its whole time, and no other begins meanwhile.
      checks: Math.ceil(everyMinutes / 5) + Math.ceil(definition.timeout / 300),
      isFloor: true,
    })
  }
}

export const watchFunctions = (alarms: Alarms, { functions }: WatchedResources): void => {
  for (const watched of functions) watchFunction(alarms, watched)
}

const deadLetterFeels: Readonly<Record<DeadLetterPurpose, string>> = {
  undelivered: 'Effects of an event, such as a welcome mail, are missing.',
  failed: 'A mail or a webhook was not sent, or a site or an environment did not follow an event.',
  unpublished: 'Effects of events, such as welcome mails, are missing.',
}

export const watchDeadLetters = (alarms: Alarms, { deadLetters }: WatchedResources): void => {
  for (const [purpose, queue] of deadLetters) {
    alarms.add(`${purpose}-messages`, {
      metric: queue.metricApproximateNumberOfMessagesVisible({ ...sum, statistic: 'Maximum' }),
      feels: deadLetterFeels[purpose],
      threshold: 1,
    })
  }
}

export const watchWorkflows = (alarms: Alarms, { machines }: WatchedResources): void => {
  for (const [name, machine] of machines) {
    const { failed, timedOut = failed, todo } = workflows[name]
    alarms.add(`${name}-failed`, { metric: machine.metricFailed(sum), feels: failed, todo, threshold: 1 })
    alarms.add(`${name}-timed-out`, { metric: machine.metricTimedOut(sum), feels: timedOut, todo, threshold: 1 })
  }
}

/** In milliseconds. People notice events that wait longer in the stream. */
const longestWait = 5 * 60_000

export const watchPublisher = (alarms: Alarms, resources: WatchedResources): void => {
  const { function: publisher } = resources.of('publish-events')
  alarms.add('stream-age', {
    metric: publisher.metric('IteratorAge', { ...sum, statistic: 'Maximum' }),
    feels: 'Welcome mails and refills of the pool come late.',
    threshold: longestWait,
  })
}

/** In milliseconds. Nine of ten requests are far below; longer ones seem broken. */
const slowAnswer = 3000

export const watchApi = (alarms: Alarms, api: IHttpApi, resources: WatchedResources, { installation }: Names): void => {
  alarms.add('api-errors', {
    metric: api.metricServerError(sum),
    feels: 'Visitors and owners get errors from the console.',
    threshold: 5,
  })
  alarms.add('api-latency', {
    metric: api.metricLatency({ ...sum, statistic: 'p99' }),
    feels: 'The console is slow.',
    threshold: slowAnswer,
    checks: 3,
  })
  const { method, path } = operationOf('createSite')
  // The API answers 201 with a site of the pool, and 202 when a site has to be built.
  const filter = new MetricFilter(alarms, 'PoolEmpty', {
    logGroup: resources.apiLog,
    metricNamespace: installation,
    metricName: 'SitesBuiltOnDemand',
    filterPattern: FilterPattern.all(
      FilterPattern.stringValue('$.route', '=', `${method} ${path}`),
      FilterPattern.stringValue('$.status', '=', '202'),
    ),
  })
  alarms.add('pool-empty', {
    metric: filter.metric({ period: Duration.minutes(15), statistic: 'Sum' }),
    feels: 'New owners wait a minute or more for their site.',
    threshold: 3,
  })
}

export const watchMail = (alarms: Alarms, { mailConfiguration }: Names): void => {
  /** The share of the mails sent, from 0 to 1. */
  const reputation = (name: 'BounceRate' | 'ComplaintRate'): Metric =>
    new Metric({
      namespace: 'AWS/SES',
      metricName: `Reputation.${name}`,
      dimensionsMap: { 'ses:configuration-set': mailConfiguration },
      statistic: 'Maximum',
      period: Duration.hours(1),
    })
  // SES reviews an account at 5 % and 0.1 %; the alarms come earlier.
  const feels = 'Nothing yet; SES stops sending sign-in codes if this continues.'
  alarms.add('mail-bounces', { metric: reputation('BounceRate'), feels, threshold: 0.03 })
  alarms.add('mail-complaints', { metric: reputation('ComplaintRate'), feels, threshold: 0.0008 })
}

/** Watches the routers, the errors that they return by themselves, and those that the load balancer returns because none answers. */
export const watchEdge = (
  alarms: Alarms,
  { alb, routers }: { readonly alb: IApplicationLoadBalancer; readonly routers: IApplicationTargetGroup },
  { routerLog }: WatchedResources,
  { installation }: Names,
): void => {
  alarms.add('routers-unhealthy', {
    metric: routers.metrics.unhealthyHostCount({ ...sum, statistic: 'Maximum' }),
    feels: 'Nothing while other routers serve; with one router, no site answers.',
    threshold: 1,
    // A router that is replaced fails some checks.
    checks: 3,
  })
  alarms.add('routers-missing', {
    // Without a router that is registered, none is unhealthy.
    metric: routers.metrics.healthyHostCount({ ...sum, statistic: 'Maximum' }),
    feels: 'No site answers.',
    threshold: 1,
    isFloor: true,
  })
  const failures = new MetricFilter(alarms, 'SitesNotLookedUp', {
    logGroup: routerLog,
    metricNamespace: installation,
    metricName: 'sites-not-looked-up',
    filterPattern: FilterPattern.stringValue('$.event', '=', 'site-not-looked-up' satisfies LogEvent),
  })
  alarms.add('sites-not-looked-up', {
    metric: failures.metric(sum),
    feels: 'Visitors of sites see that the site cannot be reached, though it runs.',
    threshold: 20,
    checks: 2,
  })
  alarms.add('routers-busy', {
    metric: new Metric({
      ...sum,
      namespace: 'AWS/ECS',
      metricName: 'CPUUtilization',
      dimensionsMap: { ClusterName: `${installation}-edge`, ServiceName: `${installation}-router` },
      statistic: 'Average',
    }),
    feels: 'Sites answer slowly.',
    // Routers are added above 60.
    threshold: 85,
    checks: 3,
  })
  alarms.add('edge-errors', {
    metric: alb.metrics.httpCodeElb(HttpCodeElb.ELB_5XX_COUNT, sum),
    feels: 'Visitors of sites get errors that the sites did not cause.',
    threshold: 10,
  })
}
