import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { GetCommand } from '@aws-sdk/lib-dynamodb'
import type { CustomDomain } from '../../core/domains/custom-domain.ts'
import { isHeld } from '../../core/domains/custom-domain.ts'
import type { DomainChange } from '../../core/domains/domain-change.ts'
import type { DomainStore } from '../../core/ports/domain-store.ts'
import { contentAttribute } from './item.ts'
import { domainDueKey, domainKey, eventKey, hostKey, releasedDomainKey } from './keys.ts'
import { indexes } from './tables.ts'
import type { EventWriting, GuardedWrite } from './transaction.ts'
import { eventWrite, transact } from './transaction.ts'

export interface DomainWriting extends EventWriting {
  readonly client: DynamoDBDocumentClient
}

type Refusal = 'hostname' | 'version'
type Write = GuardedWrite<Refusal>
type Changes = Parameters<DomainStore['commit']>

/** A custom domain as it is stored: its content, and when it is looked at next. */
export const domainItem = (domain: CustomDomain) => ({
  ...domainKey(domain.siteId, domain.hostname),
  kind: 'domain',
  version: domain.version,
  domainId: domain.id,
  [contentAttribute]: domain,
  [indexes.due.partition]: domainDueKey(domain.id),
  [indexes.due.sort]: domain.nextLookAt,
})

/** Only where it is still the very domain, and the version of it, that somebody has read. */
export const asItWas = ({ id, version }: CustomDomain) => ({
  ConditionExpression: 'domainId = :domainId AND #version = :version',
  ExpressionAttributeNames: { '#version': 'version' },
  ExpressionAttributeValues: { ':domainId': id, ':version': version },
})

const domainWrites = ({ before, after }: DomainChange, { tables }: EventWriting): readonly Write[] => {
  const TableName = tables.main
  const condition = before === undefined ? { ConditionExpression: 'attribute_not_exists(pk)' } : asItWas(before)
  if (after !== undefined) {
    return [{ refusal: 'version', write: { Put: { TableName, Item: domainItem(after), ...condition } } }]
  }
  if (before === undefined) return []
  const released = {
    ...releasedDomainKey(before.id),
    kind: 'released-domain',
    schemaVersion: 1,
    [contentAttribute]: before,
  }
  return [
    {
      refusal: 'version',
      write: { Delete: { TableName, Key: domainKey(before.siteId, before.hostname), ...condition } },
    },
    { refusal: 'version', write: { Put: { TableName, Item: released } } },
  ]
}

const isTaking = ({ before, after }: DomainChange): boolean =>
  after !== undefined && isHeld(after) && (before === undefined || !isHeld(before))

const isGivingUp = ({ before, after }: DomainChange): boolean =>
  after === undefined && before !== undefined && isHeld(before)

/** Who held it before may be whoever gives it up in this very transaction. */
const takeWrite = (domain: CustomDomain, changes: Changes, { tables }: EventWriting): Write => {
  const giver = changes.find(({ before }) => before?.hostname === domain.hostname && before.siteId !== domain.siteId)
  return {
    refusal: 'hostname',
    write: {
      Put: {
        TableName: tables.main,
        Item: { ...hostKey(domain.hostname), kind: 'host', schemaVersion: 1, siteId: domain.siteId, status: 'held' },
        ConditionExpression: 'attribute_not_exists(pk) OR siteId = :siteId OR siteId = :giver',
        ExpressionAttributeValues: { ':siteId': domain.siteId, ':giver': giver?.before?.siteId ?? domain.siteId },
      },
    },
  }
}

/** Nothing of a custom domain is quarantined: who has its zone says whose it is. */
const giveUpWrite = ({ hostname, siteId }: CustomDomain, { tables }: EventWriting): Write => ({
  refusal: 'version',
  write: {
    Delete: {
      TableName: tables.main,
      Key: hostKey(hostname),
      ConditionExpression: 'attribute_not_exists(pk) OR siteId = :siteId',
      ExpressionAttributeValues: { ':siteId': siteId },
    },
  },
})

const hostWrites = (changes: Changes, writing: EventWriting): readonly Write[] => {
  const taken = new Set(changes.filter(isTaking).map(({ after }) => after?.hostname))
  return changes.flatMap((change) => {
    const { before, after } = change
    if (after !== undefined && isTaking(change)) return [takeWrite(after, changes, writing)]
    if (before !== undefined && isGivingUp(change) && !taken.has(before.hostname)) return [giveUpWrite(before, writing)]
    return []
  })
}

const isWritten = async ({ event }: DomainChange, { client, tables }: DomainWriting): Promise<boolean> => {
  const found = await client.send(
    new GetCommand({ TableName: tables.main, Key: eventKey(event.aggregate, event.version), ConsistentRead: true }),
  )
  return found.Item?.[contentAttribute]?.id === event.id
}

/** Writes changes of custom domains; see `DomainStore.commit`. */
export const commitDomainChanges = async (
  changes: Changes,
  writing: DomainWriting,
): Promise<'done' | 'hostname' | 'version'> => {
  const refusals = await transact(writing.client, [
    ...changes.flatMap((change) => domainWrites(change, writing)),
    ...changes.map(({ event }) => eventWrite(event, 'version' as const, writing)),
    ...hostWrites(changes, writing),
  ])
  if (refusals.length === 0) return 'done'
  // Our own event in its place means that an earlier try of these very changes went through and lost its reply.
  if (refusals.includes('version') && (await isWritten(changes[0], writing))) return 'done'
  return refusals.includes('version') ? 'version' : 'hostname'
}
