import { randomUUID } from 'node:crypto'
import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'
import { createRowFiles } from '../../../adapters/duckdb/row-files.ts'
import { openReportDirectory } from '../../../adapters/files/report-files.ts'
import type { DomainEvent } from '../../../core/events/event.ts'
import type { AccountId, SiteId } from '../../../core/ids.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { Session } from '../../../lambdas/accounts/session/session-facts.ts'
import { followLead } from '../../../lambdas/leads/follow-leads.ts'
import { leadPolicySchema } from '../../../lambdas/leads/lead-facts.ts'
import { recordEvent } from '../../../lambdas/reports/record-rows.ts'
import { noUsage } from '../../../lambdas/reports/usage/usage.ts'
import { writeReports } from '../../../lambdas/reports/write-reports.ts'
import config from '../../../sitewright.config.ts'
import { readParquet } from '../../support/read-parquet.ts'
import { closingStage } from '../accounts/closing-stage.ts'

/** The sites of the closing stage have no way to their owner. */
const ownersEvent = (event: DomainEvent, accountId: AccountId): DomainEvent =>
  ({ ...event, data: { accountId, ...event.data } }) as DomainEvent

/** Accounts with sites, the events that they had, and a data set in a directory. */
export const reportStage = async () => {
  const made = await mkdtempDisposable(join(tmpdir(), `sitewright-reports-${randomUUID()}`))
  onTestFinished(() => made.remove())
  const closing = await closingStage()
  const directory = join(made.path, 'files')
  const ports = {
    ...closing.ports,
    plans: planCatalogue(config.plans),
    reportFiles: await openReportDirectory(directory),
    rowFiles: createRowFiles({ scratch: made.path, memoryMiB: 256 }),
    reportPolicy: { retentionDays: 400 },
    meter: { measure: async () => undefined },
    leadPolicy: leadPolicySchema.parse({}),
    isStopping: () => false,
    monotonic: () => 0,
  }
  const eventsOf = async (session: Session, ...sites: readonly SiteId[]): Promise<readonly DomainEvent[]> => {
    const found: DomainEvent[] = []
    const { list } = closing.store.eventHistory
    for await (const event of list({ type: 'account', id: session.accountId })) found.push(event)
    for (const id of sites) {
      for await (const event of list({ type: 'site', id })) found.push(ownersEvent(event, session.accountId))
    }
    return found
  }
  return {
    ...closing,
    ports,
    directory,
    eventsOf,
    /** Scores the lead of an account. */
    follow: ({ accountId }: Session) => followLead(ports, accountId, { causationId: 'test' }),
    /** What visitors did, as routers report it. */
    use: async (siteId: SiteId, requests: number, at: string) =>
      closing.store.usage.addToHour({ siteId, at, usage: { ...noUsage(), requests, bytes: 10 } }),
    record: (...events: readonly DomainEvent[]) =>
      events.reduce((before, event) => before.then(() => recordEvent(ports, event)), Promise.resolve()),
    write: () => writeReports(ports),
    paths: async () => (await ports.reportFiles.list('')).map(({ path }) => path),
    rows: (table: string) => readParquet(`${directory}/${table}/day=*/*.parquet`),
  }
}
