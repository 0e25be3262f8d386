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

const pollEvery = 40
const tries = 3
const pauseBetweenTries = 200

const batchResult = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) })

/** A rule of a bus, as in the manifest, and a queue that stands for the function behind it. */
const openSubscription = async (
  { eventBridge, sqs }: { readonly eventBridge: EventBridgeClient; readonly sqs: SQSClient },
  name: string,
  pattern: EventPattern,
  ownBus: string,
) => {
  const isOurs = JSON.stringify(pattern['source']) === JSON.stringify([eventSource])
  const bus = isOurs ? { EventBusName: ownBus } : {}
  const rule = { ...bus, Name: `${ownBus}-${name}` }
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: rule.Name }))
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  await eventBridge.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify(pattern) }))
  const Targets = [{ Id: 'queue', Arn: Attributes?.QueueArn }]
  await eventBridge.send(new PutTargetsCommand({ ...bus, Rule: rule.Name, Targets }))

  const receive = async (): Promise<readonly unknown[]> => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    if (Messages.length === 0) return []
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
    return Messages.map(({ Body = '' }) => JSON.parse(Body) as unknown)
  }
  const remove = async (): Promise<void> => {
    await eventBridge.send(new RemoveTargetsCommand({ ...bus, Rule: rule.Name, Ids: ['queue'] }))
    await eventBridge.send(new DeleteRuleCommand(rule))
  }
  return { receive, remove }
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

  const subscriptions = new Map(
    (
      await Promise.all(
        world.functions.map(async (loaded) => {
          const opened = await Promise.all(
            patternsOf(loaded.definition).map((pattern, index) =>
              openSubscription(clients, `${loaded.name}-${index}`, pattern, ownBus),
            ),
          )
          if (opened.length === 0) return []
          const receive = async () => (await Promise.all(opened.map((one) => one.receive()))).flat()
          const remove = async () => {
            await Promise.all(opened.map((one) => one.remove()))
          }
          return [[loaded.name, { receive, remove, call: callOf(loaded) }] as const]
        }),
      )
    ).flat(),
  )

  let unpublished: readonly StreamRecord[] = []
  const publishNext = async (): Promise<number> => {
    unpublished = [...unpublished, ...(await readStream())]
    const count = unpublished.length
    if (count === 0) return count
    const { batchItemFailures } = batchResult.parse(await publish?.invoke({ Records: unpublished }))
    const firstFailure = unpublished.findIndex(
      ({ dynamodb }) => dynamodb.SequenceNumber === batchItemFailures[0]?.itemIdentifier,
    )
    unpublished = firstFailure < 0 ? [] : unpublished.slice(firstFailure)
    return count
  }

  const deliverNext = async (): Promise<number> => {
    let count = 0
    for (const [name, { receive, call }] of subscriptions) {
      if (held.has(name)) continue
      for (const event of await receive()) {
        count += 1
        delivered.set(name, [...(delivered.get(name) ?? []), event])
        const work = call(event).finally(() => underWay.delete(work))
        underWay.add(work)
      }
    }
    return count
  }

  // One after the other, so that they stand in the queue in the order of what they tell.
  let told: Promise<unknown> = Promise.resolve()
  let round: Promise<number> = Promise.resolve(0)
  let idleRounds = 0
  const loop = async (): Promise<void> => {
    while (!closed) {
      await told
      const calls = underWay.size
      const records = await publishNext()
      round = deliverNext()
      idleRounds = calls + records + (await round) === 0 ? idleRounds + 1 : 0
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
      await told
      return (await subscriptions.get(name)?.receive()) ?? []
    },
    close: async () => {
      closed = true
      await ended
      await Promise.all(underWay)
      await told.catch(() => undefined)
      for (const { remove } of subscriptions.values()) await remove()
      for (const client of Object.values(clients)) client.destroy()
    },
  }
}
