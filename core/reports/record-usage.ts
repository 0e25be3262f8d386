import type { AccountId, SiteId } from '../ids.ts'
import { plusMilliseconds } from '../instant.ts'
import type { PeriodOfUsage } from '../ports/usage.ts'
import type { RecordPorts } from './record-event.ts'
import { keptUntil } from './record-event.ts'
import { columnsOfAccount, reportAccountOf, rowName } from './report-account.ts'
import type { UsageRow } from './report-row.ts'

export type RecordUsagePorts = RecordPorts

const hourMilliseconds = 3_600_000

/**
 * Writes the rows of hours of usage. Routers count by the wall clock; rows have the hour of the domain clock, which tests advance. An hour that is
 * recorded again is replaced; if the domain clock was advanced meanwhile, it is recorded at both hours.
 */
export const recordUsage = async (
  ports: RecordUsagePorts,
  accountId: AccountId,
  siteId: SiteId,
  hours: readonly PeriodOfUsage[],
): Promise<void> => {
  if (hours.length === 0) return
  const origin = await reportAccountOf(ports, accountId)
  if (origin === undefined) return
  const { domain, wall } = ports.clocks
  const hoursAhead = Math.round((Date.parse(domain()) - Date.parse(wall())) / hourMilliseconds)
  const site = rowName(origin, siteId)
  for (const { start, usage } of hours) {
    const { requests, clientErrors, serverErrors, bytes, productEvents } = usage
    const row: UsageRow = {
      at: plusMilliseconds(start, hoursAhead * hourMilliseconds),
      ...columnsOfAccount(origin),
      site,
      ...{ requests, clientErrors, serverErrors, bytes },
      productEvents: [...(productEvents?.values() ?? [])].reduce((sum, count) => sum + count, 0),
    }
    await ports.reportRows.put('usage', { id: site, row, keptUntil: keptUntil(ports) })
  }
}
