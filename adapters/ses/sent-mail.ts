import { type DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb'
import * as z from 'zod'
import { type Instant, plusDays, toEpochSeconds } from '../../core/instant.ts'
import type { Clock } from '../../core/ports/context.ts'
import type { MailStanding } from '../../core/ports/delivery.ts'
import type { Tables } from '../dynamodb/tables.ts'

const sentSchema = z.object({ sentAt: z.iso.datetime({ precision: 3 }) })

/** Longer than anything repeats a message: a queue keeps what failed for 14 days at most. */
const rememberedDays = 30

const mailKey = (id: string) => ({ pk: `MAIL#${id}`, sk: 'MAIL' })

const mailItem = (id: string, sentAt: Instant) => ({
  ...mailKey(id),
  kind: 'mail',
  schemaVersion: 1,
  content: { id, sentAt },
  expiresAt: toEpochSeconds(plusDays(sentAt, rememberedDays)),
})

/** Remembers them in the short table for 30 days. @param options.now the wall clock. */
export const createSentMail = ({
  client,
  tables,
  now,
}: {
  readonly client: DynamoDBDocumentClient
  readonly tables: Pick<Tables, 'short'>
  readonly now: Clock
}) => ({
  has: async (id: string): Promise<boolean> => {
    const { Item } = await client.send(
      new GetCommand({ TableName: tables.short, Key: mailKey(id), ConsistentRead: true, ProjectionExpression: 'pk' }),
    )
    return Item !== undefined
  },
  find: async (id: string): Promise<MailStanding | undefined> => {
    const { Item } = await client.send(new GetCommand({ TableName: tables.short, Key: mailKey(id) }))
    const sent = sentSchema.safeParse(Item?.['content']).data
    return sent && { status: 'sent', at: sent.sentAt }
  },
  add: async (id: string): Promise<void> => {
    await client.send(new PutCommand({ TableName: tables.short, Item: mailItem(id, now()) }))
  },
})

export type SentMail = ReturnType<typeof createSentMail>
