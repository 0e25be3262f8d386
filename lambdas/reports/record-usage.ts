import type { AccountId, SiteId } from '../../core/ids.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { Clocks } from '../../core/ports/context.ts'
import { keptUntil, type RecordPorts } from './record-event.ts'
import { columnsOfAccount, reportAccountOf, rowName } from './report-account.ts'
import type { UsageRow } from './report-row.ts'
import type { PeriodOfUsage } from './usage/ports.ts'

const hourMilliseconds = 3_600_000

/** Routers count by the wall clock; rows have the hour of the domain clock, which tests advance. */
export const hourOfRow = ({ domain, wall }: Clocks, start: Instant): Instant => {
  const hoursAhead = Math.round((Date.parse(domain()) - Date.parse(wall())) / hourMilliseconds)
  return plusMilliseconds(start, hoursAhead * hourMilliseconds)
}

/** Writes the rows of hours of usage. A row that is recorded again is replaced. @param hours with the hours of their rows, if they have some. */
export const recordUsage = async (
  ports: RecordPorts,
  accountId: AccountId,
  siteId: SiteId,
  hours: readonly (PeriodOfUsage & { readonly at?: Instant })[],
): Promise<void> => {
  if (hours.length === 0) return
  const origin = await reportAccountOf(ports, accountId)
  if (origin === undefined) return
  const site = rowName(origin, siteId)
  for (const { start, usage, at = hourOfRow(ports.clocks, start) } of hours) {
    const { requests, clientErrors, serverErrors, bytes, productEvents } = usage
    const row: UsageRow = {
      at,
      ...columnsOfAccount(origin),
      site,
      ...{ requests, clientErrors, serverErrors, bytes },
      productEvents: [...(productEvents?.values() ?? [])].reduce((sum, count) => sum + count, 0),
    }
    await ports.reportRows.put('usage', { id: site, row, keptUntil: keptUntil(ports) })
  }
}
