import type { CustomDomain } from '../../core/domains/custom-domain.ts'
import { isHeld } from '../../core/domains/custom-domain.ts'
import type { DomainChange } from '../../core/domains/domain-change.ts'
import type { DomainStore } from '../../core/ports/domains.ts'
import { contentAttribute } from './item.ts'
import { domainDueKey, domainKey, hostKey, releasedDomainKey } from './keys.ts'
import { indexes } from './tables.ts'
import type { Condition, EventWriting, GuardedWrite } from './transaction.ts'
import { eventWrite, isEventWritten, isNew, put, transact } from './transaction.ts'

type Refusal = 'hostname' | 'version'
type Write = GuardedWrite<Refusal>
type Changes = Parameters<DomainStore['commit']>

/** A custom domain's item: its content, and when it is checked next. */
export const domainItem = (domain: CustomDomain) => ({
  ...domainKey(domain.siteId, domain.hostname),
  kind: 'domain',
  version: domain.version,
  domainId: domain.id,
  [contentAttribute]: domain,
  [indexes.due.partition]: domainDueKey(domain.id),
  [indexes.due.sort]: domain.nextLookAt,
})

/** Requires the same domain in the version that was read. */
export const asItWas = ({ id, version }: CustomDomain): Condition => ({
  ConditionExpression: 'domainId = :domainId AND #version = :version',
  ExpressionAttributeNames: { '#version': 'version' },
  ExpressionAttributeValues: { ':domainId': id, ':version': version },
})

const domainWrites = ({ before, after }: DomainChange, { tables }: EventWriting): readonly Write[] => {
  const TableName = tables.main
  const condition = before === undefined ? isNew : asItWas(before)
  if (after !== undefined) return [put('version', TableName, domainItem(after), condition)]
  if (before === undefined) return []
  const Key = domainKey(before.siteId, before.hostname)
  const released = {
    ...releasedDomainKey(before.id),
    kind: 'released-domain',
    schemaVersion: 1,
    [contentAttribute]: before,
  }
  return [
    { refusal: 'version', write: { Delete: { TableName, Key, ...condition } } },
    put('version', TableName, released),
  ]
}

const isTaking = ({ before, after }: DomainChange): boolean =>
  after !== undefined && isHeld(after) && (before === undefined || !isHeld(before))

const isGivingUp = ({ before, after }: DomainChange): boolean =>
  after === undefined && before !== undefined && isHeld(before)

/** The previous holder may be a site that releases the hostname in the same transaction. */
const takeWrite = ({ hostname, siteId }: CustomDomain, changes: Changes, { tables }: EventWriting): Write => {
  const giver = changes.find(({ before }) => before?.hostname === hostname && before.siteId !== siteId)
  const host = { ...hostKey(hostname), kind: 'host', schemaVersion: 1, siteId, status: 'held' }
  return put('hostname', tables.main, host, {
    ConditionExpression: 'attribute_not_exists(pk) OR siteId = :siteId OR siteId = :giver',
    ExpressionAttributeValues: { ':siteId': siteId, ':giver': giver?.before?.siteId ?? siteId },
  })
}

/** A custom domain is not quarantined: the owner of its zone says whose it is. */
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

/** Writes changes of custom domains; see `DomainStore.commit`. */
export const commitDomainChanges = async (
  changes: Changes,
  writing: EventWriting,
): Promise<'done' | 'hostname' | 'version'> => {
  const refusals = await transact(writing.client, [
    ...changes.flatMap((change) => domainWrites(change, writing)),
    ...changes.map(({ event }): Write => eventWrite(event, 'version', writing)),
    ...hostWrites(changes, writing),
  ])
  if (refusals.length === 0) return 'done'
  if (!refusals.includes('version')) return 'hostname'
  return (await isEventWritten(writing, changes[0].event)) ? 'done' : 'version'
}
