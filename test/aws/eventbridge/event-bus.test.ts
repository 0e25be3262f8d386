import { randomUUID } from 'node:crypto'
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { afterAll } from 'vitest'
import { createEventBridgeBus } from '../../../adapters/eventbridge/event-bus.ts'
import type { EventPattern } from '../../../core/events/event-pattern.ts'
import { eventBusContract } from '../../adapters/event-bus/contract.ts'
import { clientSettings } from '../client-settings.ts'

const client = new EventBridgeClient(clientSettings())
const sqs = new SQSClient(clientSettings())

afterAll(() => {
  client.destroy()
  sqs.destroy()
})

/** A rule of the bus, and a queue that it puts what matches into. */
const subscribe = async (busName: string, name: string, pattern: EventPattern) => {
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: `${busName}-${name}` }))
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  const rule = { Name: name, EventBusName: busName }
  await client.send(new PutRuleCommand({ ...rule, EventPattern: JSON.stringify(pattern) }))
  await client.send(
    new PutTargetsCommand({ Rule: name, EventBusName: busName, Targets: [{ Id: 'queue', Arn: Attributes?.QueueArn }] }),
  )
  const taken: unknown[] = []
  return {
    received: async () => {
      for (;;) {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
        if (Messages.length === 0) return taken
        taken.push(...Messages.map(({ Body }) => JSON.parse(Body ?? '')))
      }
    },
    remove: async () => {
      await client.send(new RemoveTargetsCommand({ Rule: name, EventBusName: busName, Ids: ['queue'] }))
      await client.send(new DeleteRuleCommand(rule))
      await sqs.send(new DeleteQueueCommand({ QueueUrl }))
    },
  }
}

eventBusContract('EventBridge', async (patterns, { broken } = { broken: false }) => {
  const busName = `bus-${randomUUID()}`
  await client.send(new CreateEventBusCommand({ Name: busName }))
  const subscribers = new Map<string, Awaited<ReturnType<typeof subscribe>>>()
  for (const [name, pattern] of Object.entries(patterns)) {
    subscribers.set(name, await subscribe(busName, name, pattern))
  }
  return {
    // EventBridge answers 200 and refuses each entry that has no source.
    bus: createEventBridgeBus({ client, busName, source: broken ? '' : 'sitewright' }),
    received: async (name) => (await subscribers.get(name)?.received()) ?? [],
    close: async () => {
      for (const { remove } of subscribers.values()) await remove()
      await client.send(new DeleteEventBusCommand({ Name: busName }))
    },
  }
})
