import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs'
import type { UnpublishedRecords } from '../../core/ports/delivery.ts'

/** Keeps records in a queue that waits for a person. A message is the batch that the publishing function takes. */
export const createUnpublishedRecords = (options: {
  readonly client: SQSClient
  readonly queueUrl: string
}): UnpublishedRecords => ({
  keep: async (record) => {
    const MessageBody = JSON.stringify({ Records: [record] })
    await options.client.send(new SendMessageCommand({ QueueUrl: options.queueUrl, MessageBody }))
  },
})
