import type * as z from 'zod'
import { defined } from '../../../core/defined.ts'
import { isId } from '../../../core/ids.ts'
import { toInstant } from '../../../core/instant.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import { ownershipOf } from '../../../core/site/site.ts'
import { type HttpRoute, type OperatorPorts, operatorEndpoint } from '../../_runtime/endpoint.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import { nextLink } from '../../http/next-link.ts'
import type { auditEntryViewSchema } from '../answers.ts'
import { operatorOperations as operations } from '../operations.ts'
import type { OperatorSessionStore } from '../ports.ts'
import type { AuditEntry } from './audit-entry.ts'
import type { AuditLog } from './ports.ts'

export interface OperatorAuditPorts extends OperatorPorts {
  readonly auditLog: AuditLog
  readonly sites: Pick<SiteStore, 'get'>
  readonly accounts: Pick<AccountStore, 'getOwner' | 'getPerson'>
  readonly operatorSessions: OperatorPorts['operatorSessions'] & Pick<OperatorSessionStore, 'listOf'>
}

const auditView = ({ schemaVersion: _, expiresAt: __, ...entry }: AuditEntry): z.input<typeof auditEntryViewSchema> =>
  entry

/** ISO 8601 with any offset, as the log's own instants. */
const instantOf = (given: string | undefined) => (given === undefined ? undefined : toInstant(new Date(given)))

const periodOf = ({ from, until }: { from?: string | undefined; until?: string | undefined }) => ({
  from: instantOf(from),
  until: instantOf(until),
})

/** The name of a site, or the address of a person, an operator, or the owner of an account. */
const nameOf = async (
  { sites, accounts, operatorSessions, clocks }: OperatorAuditPorts,
  id: string,
): Promise<string | null | undefined> => {
  if (isId('prsn', id)) return (await accounts.getPerson(id))?.email
  if (isId('acct', id)) return (await accounts.getOwner(id))?.email
  if (!isId('site', id)) return (await operatorSessions.listOf(id, clocks.wall()))[0]?.email
  const site = await sites.get(id)
  return site && ownershipOf(site)?.name
}

/**
 * Those who acted, and the first target, which the page shows. An operator without a session, a site without an owner, and people who
 * are erased have no name.
 */
const namesOf = async (
  ports: OperatorAuditPorts,
  entries: readonly AuditEntry[],
): Promise<Readonly<Record<string, string>>> => {
  const ids = new Set(
    entries.flatMap(({ who, targets: [first = ''] }) => [
      ...(who.kind === 'visitor' ? [] : [who.id]),
      ...(/^(site|acct|prsn)_/.test(first) ? [first] : []),
    ]),
  )
  const named = await Promise.all([...ids].map(async (id) => ({ id, name: await nameOf(ports, id) })))
  return Object.fromEntries(named.flatMap(({ id, name }) => (name ? [[id, name]] : [])))
}

export const auditRoutes = (ports: OperatorAuditPorts): readonly HttpRoute[] => [
  operatorEndpoint(operations.operatorListAudit, ports, async ({ query }) => {
    const page = await ports.auditLog.page({ ...query, ...periodOf(query), order: 'newest first' })
    const names = await namesOf(ports, page.items)
    const concerns = Object.keys(names).filter((id) => /^(acct|prsn)_/.test(id))
    return { body: { entries: page.items.map(auditView), names, ...defined({ cursor: page.cursor }) }, concerns }
  }),
  operatorEndpoint(operations.operatorExportAudit, ports, async ({ query }) => {
    const page = await ports.auditLog.page({ ...query, ...periodOf(query), order: 'oldest first' })
    return {
      text: page.items.map((entry) => `${JSON.stringify(auditView(entry))}\n`).join(''),
      headers: {
        'content-type': 'application/jsonl',
        ...nextLink(new URL(operations.operatorExportAudit.path, ports.consoleUrl), query, page.cursor),
      },
    }
  }),
]
