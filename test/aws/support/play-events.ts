import { setTimeout as pause } from 'node:timers/promises'
import {
  CreateEventBusCommand,
  DeleteRuleCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import * as z from 'zod'
import { eventSource } from '../../../core/events/event-names.ts'
import type { EventPattern } from '../../../core/events/event-pattern.ts'
import { patternsOf } from '../../../lambdas/manifest.ts'
import { coalesceCalls, type LoadedFunction } from '../../../local/loaded-function.ts'
import { waitFor } from '../../support/wait-for.ts'
import { clientSettings } from '../client-settings.ts'
import { sayPlayed } from '../say-played.ts'
import type { AwsWorld } from './aws-world.ts'
import { openTableStream, type StreamRecord } from './table-stream.ts'

export interface PlayedEvents {
  /** What a function was called with, in the order that it came. */
  readonly deliveredTo: (name: string) => readonly unknown[]
  /** Calls of subscribers that failed to the last. */
  readonly failures: () => readonly string[]
  /** Until there is nothing to be published or delivered, but for what is held, and each call has ended. */
  readonly settled: () => Promise<void>
  /** From where this resolves, a function is told nothing, and what it misses waits, until what is returned is called. */
  readonly hold: (name: string) => Promise<() => void>
  /** Takes the messages that wait for a function that gets no events. */
  readonly take: (name: string) => Promise<readonly unknown[]>
  readonly close: () => Promise<void>
}

const pollEvery = 80
const tries = 3
const pauseBetweenTries = 200

const batchResult = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) })

const timeSchema = z.number().transform((seconds) => new Date(seconds * 1000).toISOString())
const toldSchema = z.object({ to: z.string(), event: z.looseObject({ time: timeSchema }) })
type Told = z.output<typeof toldSchema>

/** The queue of all functions: an emulator asked for forty queues again and again does little else. */
const openQueue = async (sqs: SQSClient, name: string) => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }))
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))

  const receive = async (): Promise<readonly Told[]> => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    if (Messages.length === 0) return []
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
    return [...Messages.map(({ Body = '' }) => toldSchema.parse(JSON.parse(Body))), ...(await receive())]
  }
  return { arn: Attributes?.QueueArn, receive }
}

/** A rule of a bus, as in the manifest, whose target is the queue. @returns what removes it. */
const addRule = async (
  { eventBridge, queueArn }: { readonly eventBridge: EventBridgeClient; readonly queueArn: string | undefined },
  to: string,
  ruleName: string,
  pattern: EventPattern,
  ownBus: string,
) => {
  const isOurs = JSON.stringify(pattern['source']) === JSON.stringify([eventSource])
  const bus = isOurs ? { EventBusName: ownBus } : {}
  const rule = { ...bus, Name: `${ownBus}-${ruleName}` }
  await eventBridge.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify(pattern) }))
  // Without a path of its own, the emulator looks for many.
  const InputTransformer = {
    InputPathsMap: { id: '$.id' },
    InputTemplate: `{"to": ${JSON.stringify(to)}, "event": <aws.events.event.json>}`,
  }
  const Targets = [{ Id: 'queue', Arn: queueArn, InputTransformer }]
  await eventBridge.send(new PutTargetsCommand({ ...bus, Rule: rule.Name, Targets }))
  return async (): Promise<void> => {
    await eventBridge.send(new RemoveTargetsCommand({ ...bus, Rule: rule.Name, Ids: ['queue'] }))
    await eventBridge.send(new DeleteRuleCommand(rule))
  }
}

/**
 * The way of events: from the table's stream through `publish-events` to the bus, and from there, and from the account's own
 * bus, by the rules of the manifest to the functions. Stream, buses, rules and queues are the emulator's.
 */
export const playEvents = async (world: AwsWorld): Promise<PlayedEvents> => {
  sayPlayed("Lambda reads the table's stream, and what EventBridge has for functions out of queues")
  sayPlayed("ECS puts its events on the account's own bus")
  const ownBus = world.environment['EVENT_BUS'] ?? ''
  const clients = { eventBridge: new EventBridgeClient(clientSettings()), sqs: new SQSClient(clientSettings()) }
  await clients.eventBridge.send(new CreateEventBusCommand({ Name: ownBus }))
  const readStream = await openTableStream(world.tables)
  const publish = world.functions.find(({ name }) => name === 'publish-events')

  const delivered = new Map<string, unknown[]>()
  const failures: string[] = []
  const held = new Set<string>()
  const underWay = new Set<Promise<void>>()
  let closed = false

  const callOf = ({ name, definition, invoke }: LoadedFunction) => {
    const inTurn = definition.oneAtATime ? coalesceCalls(invoke) : invoke
    return async (event: unknown): Promise<void> => {
      for (let attempt = 1; ; attempt += 1) {
        try {
          await inTurn(event)
          return
        } catch (error) {
          if (attempt === tries || closed) {
            failures.push(`${name}: ${String(error)}`)
            return
          }
          await pause(pauseBetweenTries)
        }
      }
    }
  }

  const queue = await openQueue(clients.sqs, ownBus)
  const bridge = { eventBridge: clients.eventBridge, queueArn: queue.arn }
  const calls = new Map(world.functions.map((loaded) => [loaded.name, callOf(loaded)]))
  const removals = await Promise.all(
    world.functions.flatMap(({ name, definition }) =>
      patternsOf(definition).map((pattern, index) => addRule(bridge, name, `${name}-${index}`, pattern, ownBus)),
    ),
  )

  let unpublished: readonly StreamRecord[] = []
  const publishNext = async (): Promise<number> => {
    unpublished = [...unpublished, ...(await readStream())]
    const count = unpublished.length
    if (count === 0) return count
    const answer = await publish?.invoke({ Records: unpublished }).then(
      (given) => batchResult.parse(given),
      () => undefined,
    )
    // Lambda repeats a whole batch that failed as a whole.
    if (answer === undefined) return count
    const [failure] = answer.batchItemFailures
    const firstFailure = unpublished.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === failure?.itemIdentifier)
    unpublished = firstFailure < 0 ? [] : unpublished.slice(firstFailure)
    return count
  }

  /** What functions that are told nothing have missed. */
  let missed: readonly Told[] = []
  const deliverNext = async (): Promise<number> => {
    const fresh = await queue.receive()
    const received = [...missed, ...fresh]
    missed = received.filter(({ to }) => held.has(to))
    const deliverable = received.filter(({ to }) => !held.has(to))
    for (const { to, event } of deliverable) {
      delivered.set(to, [...(delivered.get(to) ?? []), event])
      const work = (calls.get(to)?.(event) ?? Promise.resolve()).finally(() => underWay.delete(work))
      underWay.add(work)
    }
    return deliverable.length
  }

  // One after the other, so that they stand in the queue in the order of what they tell.
  let told: Promise<unknown> = Promise.resolve()
  let round: Promise<number> = Promise.resolve(0)
  let idleRounds = 0
  const loop = async (): Promise<void> => {
    while (!closed) {
      await told
      const running = underWay.size
      const records = await publishNext()
      round = deliverNext()
      idleRounds = running + records + (await round) === 0 ? idleRounds + 1 : 0
      await pause(pollEvery)
    }
  }
  const ended = loop().catch((error: unknown) => {
    failures.push(`the way of events: ${String(error)}`)
  })

  world.aws.fargate.onTaskEvent((event) => {
    const entry = { Source: event.source, DetailType: event['detail-type'], Detail: JSON.stringify(event.detail) }
    told = told.then(() => (closed ? undefined : clients.eventBridge.send(new PutEventsCommand({ Entries: [entry] }))))
    told.catch((error: unknown) => failures.push(`an event of ECS: ${String(error)}`))
  })

  return {
    deliveredTo: (name) => delivered.get(name) ?? [],
    failures: () => failures,
    settled: async () => {
      // The round that runs may have passed what is new.
      idleRounds = -1
      await waitFor(() => idleRounds > 0 || closed)
    },
    hold: async (name) => {
      held.add(name)
      await round
      await Promise.all(underWay)
      return () => held.delete(name)
    },
    take: async (name) => {
      const taken = missed.filter(({ to }) => to === name)
      missed = missed.filter(({ to }) => to !== name)
      return taken.map(({ event }) => event)
    },
    close: async () => {
      closed = true
      await ended
      await Promise.all(underWay)
      await told.catch(() => undefined)
      for (const remove of removals) await remove()
      for (const client of Object.values(clients)) client.destroy()
    },
  }
}
