import { randomUUID } from 'node:crypto'
import { CreateQueueCommand, DeleteQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect, it } from 'vitest'
import { createUnpublishedRecords } from '../../../adapters/sqs/unpublished-records.ts'
import { clientSettings } from '../client-settings.ts'

it('keeps a record as the batch that the publishing function takes', async () => {
  const client = new SQSClient(clientSettings())
  const { QueueUrl = '' } = await client.send(new CreateQueueCommand({ QueueName: `unpublished-${randomUUID()}` }))
  const record = { eventName: 'INSERT', dynamodb: { SequenceNumber: '1', NewImage: { pk: { S: 'SITE#1' } } } }
  await createUnpublishedRecords({ client, queueUrl: QueueUrl }).keep(record)
  const { Messages = [] } = await client.send(new ReceiveMessageCommand({ QueueUrl }))
  expect(Messages.map(({ Body }) => JSON.parse(Body ?? ''))).toEqual([{ Records: [record] }])
  await client.send(new DeleteQueueCommand({ QueueUrl }))
  client.destroy()
})
