import { Duration } from 'aws-cdk-lib'
import type { AnyFunction } from '../../../lambdas/_runtime/define-function.ts'
import { isHttp, minutesOf } from '../../../lambdas/manifest.ts'
import type { Alarms } from './alarms.ts'
import type { WatchedFunction, WatchedThings } from './watched-things.ts'

const fiveMinutes = { period: Duration.minutes(5), statistic: 'Sum' }

/**
 * What the clock wakes one at a time fails no oftener than it is called, and each call may take its whole time: so long that one
 * error more than are tolerated fits in.
 */
const periodOfErrors = (definition: AnyFunction): Duration => {
  const everyMinutes = minutesOf(definition)
  if (everyMinutes === undefined) return fiveMinutes.period
  const minutes = definition.alarm.tolerated * (everyMinutes + definition.timeout / 60) + 1
  return Duration.minutes(Math.ceil(minutes / 5) * 5)
}

const watchOne = (alarms: Alarms, { name, definition, function: watched }: WatchedFunction): void => {
  const { feels, tolerated } = definition.alarm
  const everyMinutes = minutesOf(definition)
  const errors = watched.metricErrors({ ...fiveMinutes, period: periodOfErrors(definition) })
  alarms.add(`${name}-errors`, { metric: errors, feels, threshold: tolerated + 1 })
  if (isHttp(definition)) {
    alarms.add(`${name}-throttled`, {
      metric: watched.metricThrottles(fiveMinutes),
      feels: 'Some requests to the console are refused as if it were broken.',
      threshold: 1,
    })
  }
  if (everyMinutes !== undefined) {
    alarms.add(`${name}-silent`, {
      metric: watched.metricInvocations(fiveMinutes),
      feels,
      threshold: 1,
      // One call may take its whole time, and no other begins meanwhile.
      looks: Math.ceil(everyMinutes / 5) + Math.ceil(definition.timeout / 300),
      isFloor: true,
    })
  }
}

/** Watches over every function: what it fails at, what is turned away, and whether the clock still wakes it. */
export const watchFunctions = (alarms: Alarms, { functions }: WatchedThings): void => {
  for (const watched of functions) watchOne(alarms, watched)
}
