import middy from '@middy/core'
import * as z from 'zod'
import { type ErrorKind, isErrorOfKind } from '../../core/errors.ts'
import { eventSchema } from '../../core/events/event.ts'
import { matchesPattern } from '../../core/events/event-pattern.ts'
import type { Context } from '../../core/ports/context.ts'
import { attemptSchema } from './attempt.ts'
import type { CommonPorts } from './common-ports.ts'
import type { ClockTrigger, FunctionDefinition, LambdaHandler, TaskTrigger, Trigger } from './define-function.ts'
import type { Capability, Ports } from './ports.ts'

/**
 * One call repeats its check for this long. Then the state machine's Retry repeats the call, with pauses of at least a second. A
 * check may take long itself, so the time is measured; it stays well below the task's timeout.
 */
const patienceMilliseconds = 5000

/**
 * Repeats a check until it succeeds.
 * @throws any error of the check; the `waiting` kind only after this call's time.
 */
const checkAgain = async <Result>(
  { pause, pollMilliseconds, monotonic }: Pick<Context, 'pause' | 'pollMilliseconds' | 'monotonic'>,
  waiting: ErrorKind,
  check: () => Promise<Result>,
): Promise<Result> => {
  const lastCheckAt = monotonic() + patienceMilliseconds - pollMilliseconds
  for (;;) {
    try {
      return await check()
    } catch (error) {
      if (!isErrorOfKind(error, waiting) || monotonic() >= lastCheckAt) throw error
    }
    await pause(pollMilliseconds)
  }
}

const taskCallSchema = z.object({ task: z.string(), input: attemptSchema })
/** `time` is when the event happened or the clock called; one machine gives none. */
const deliverySchema = z.looseObject({
  id: z.string(),
  'detail-type': z.string(),
  time: z.string().optional(),
  detail: z.unknown().optional(),
})

const tick = 'Scheduled Event'

type Delivery = z.output<typeof deliverySchema>

const runTask = async <Available extends CommonPorts>(
  triggers: readonly Trigger<Available>[],
  ports: Available,
  { task, input: { error, ...attempt } }: z.output<typeof taskCallSchema>,
): Promise<unknown> => {
  const trigger = triggers.find(
    (candidate): candidate is TaskTrigger<Available> => 'task' in candidate && candidate.task === task,
  )
  if (trigger === undefined) throw new Error(`the function has no task ${task}`)
  const { run, waitsFor } = trigger
  const work = await run()
  const once = (): Promise<unknown> => work(ports, attempt, error?.Error ?? 'Error')
  return (await (waitsFor === undefined ? once() : checkAgain(ports, waitsFor, once))) ?? {}
}

const runOnClock = async <Available>(
  { run }: ClockTrigger<Available>,
  ports: Available,
  { id, 'detail-type': type, detail }: Delivery,
): Promise<unknown> => {
  const work = await run()
  if (type === tick) return work(ports, id)
  const event = eventSchema.parse(detail)
  return work(ports, event.id, event)
}

/** In minutes: EventBridge may call a minute late, and Lambda waits a minute before it retries. A call that is no later is never left out. */
const latestCall = 2

/**
 * Whether the clock has surely called again since. Lambda retries a failed or throttled call with the function's events, but the next call has
 * done its work: an old one must not fill the queue of failed events.
 */
const isOutdated = ({ everyMinutes }: ClockTrigger<never>, { clocks }: CommonPorts, { time }: Delivery): boolean =>
  time !== undefined && Date.parse(clocks.wall()) - Date.parse(time) >= (everyMinutes + latestCall) * 60_000

/** The calls of a trigger for a delivery; undefined if the delivery is not for it. */
const runOf = <Available extends CommonPorts>(
  trigger: Trigger<Available>,
  ports: Available,
  delivery: Delivery,
): (() => Promise<unknown>) | undefined => {
  if ('everyMinutes' in trigger) {
    const { wokenBy } = trigger
    const isTick = delivery['detail-type'] === tick
    if (isTick && isOutdated(trigger, ports, delivery)) return async () => undefined
    const isForIt = isTick || (wokenBy !== undefined && matchesPattern(delivery, wokenBy))
    return isForIt ? () => runOnClock(trigger, ports, delivery) : undefined
  }
  if ('events' in trigger && matchesPattern(delivery, trigger.events)) {
    return async () => (await trigger.run())(ports, eventSchema.parse(delivery.detail))
  }
  if ('platformEvents' in trigger && matchesPattern(delivery, trigger.platformEvents)) {
    return async () => (await trigger.run())(ports, delivery.detail, delivery.id)
  }
  return undefined
}

/** Runs all triggers of a delivery concurrently. None waits for another or stops it. */
const runDelivery = async <Available extends CommonPorts>(
  triggers: readonly Trigger<Available>[],
  ports: Available,
  call: unknown,
): Promise<unknown> => {
  const delivery = deliverySchema.parse(call)
  const runs = triggers.flatMap((trigger) => runOf(trigger, ports, delivery) ?? [])
  if (runs.length === 0) throw new Error(`the function has no trigger for ${delivery['detail-type']}`)
  const results = await Promise.allSettled(runs.map((run) => run()))
  const failures = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
  if (failures.length > 1) throw new AggregateError(failures, 'several triggers failed')
  if (failures.length === 1) throw failures[0]
  return results.length === 1 && results[0]?.status === 'fulfilled' ? results[0].value : undefined
}

const answerCalls =
  <Available extends CommonPorts>(
    name: string,
    answer: (ports: Available, call: unknown, causationId: string) => Promise<unknown>,
    ports: Available,
  ): LambdaHandler =>
  async (call, { awsRequestId }) => {
    try {
      return await answer(ports, call, awsRequestId)
    } catch (error) {
      ports.log.error({ function: name, err: error }, 'a function failed')
      throw error
    }
  }

/** A state machine asks again: it is how it waits for a site or a copy. */
const isWaiting = (error: unknown): boolean =>
  isErrorOfKind(error, 'SiteNotReady') || isErrorOfKind(error, 'ArchiveNotReady')

/**
 * Creates the handler of a function on its ports. An error of a task keeps its name, which the state machine's Retry and Catch
 * match.
 */
export const runTriggers = async <Uses extends Capability>(
  { name, triggers }: FunctionDefinition<string, Uses>,
  ports: Ports<Uses>,
): Promise<LambdaHandler> => {
  for (const trigger of triggers) {
    if ('operations' in trigger || 'stream' in trigger) return (await trigger.run())(ports)
    if ('calledBy' in trigger) return answerCalls(name, await trigger.run(), ports)
  }
  return middy<unknown, unknown>()
    .onError(({ error, event }) => {
      const fields = { function: name, err: error }
      const task = taskCallSchema.safeParse(event).data?.task
      // A state machine retries its task; events and ticks have no such retry.
      if (task === undefined) ports.log.error(fields, 'a function failed')
      else if (!isWaiting(error)) ports.log.info({ ...fields, task }, 'a task failed')
    })
    .handler(async (call: unknown) => {
      const task = taskCallSchema.safeParse(call)
      return task.success ? runTask(triggers, ports, task.data) : runDelivery(triggers, ports, call)
    })
}
