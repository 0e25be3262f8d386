import { eachAtOnce } from '../../core/each-at-once.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { AccountId } from '../../core/ids.ts'
import { plusDays, plusMilliseconds } from '../../core/instant.ts'
import type { Log } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { sitesOf } from '../accounts/follow-closures.ts'
import { leadStages } from '../leads/lead.ts'
import { eachLead, type LeadLists } from '../leads/lead-lists.ts'
import type { EventHistory, ReportFiles } from './ports.ts'
import { isReported, type RecordEventPorts, recordEvent } from './record-event.ts'
import { recordUsage } from './record-usage.ts'
import type { UsageStore } from './usage/ports.ts'
import { usageDays } from './usage/usage.ts'
import { textOf } from './write-reports.ts'

export interface RebuildReportsPorts extends RecordEventPorts {
  readonly leadLists: LeadLists
  readonly sites: Pick<SiteStore, 'listByAccount'>
  readonly usage: Pick<UsageStore, 'list'>
  readonly eventHistory: EventHistory
  readonly reportFiles: Pick<ReportFiles, 'list' | 'put'>
  readonly log: Log
}

/** Says that the data set has all of the history. Its number is raised when rows get another column. */
export const completeFile = 'complete-1'

const accountsAtOnce = 16

/** Every account to which something has happened since there are leads has one. Collected before the work, because leads move in the list when their score changes. */
const accountIds = async (ports: RebuildReportsPorts): Promise<readonly AccountId[]> => {
  const ids = new Set<AccountId>()
  for await (const { accountId } of eachLead(ports, { by: 'stage', stages: leadStages })) ids.add(accountId)
  return [...ids]
}

const recordAccount = async (ports: RebuildReportsPorts, id: AccountId): Promise<void> => {
  const { eventHistory, sites, usage, clocks } = ports
  const recordAll = async (aggregate: Parameters<EventHistory['list']>[0]): Promise<void> => {
    for await (const event of eventHistory.list(aggregate)) if (isReported(event)) await recordEvent(ports, event)
  }
  await recordAll({ type: 'account', id })
  await recordAll({ type: 'lead', id })
  const wall = clocks.wall()
  const range = { period: 'hour', from: plusDays(wall, -usageDays.hour), until: plusMilliseconds(wall, 1) } as const
  for (const site of await sitesOf(sites, id)) {
    await recordAll({ type: 'site', id: site.id })
    await recordUsage(ports, id, site.id, await usage.list(site.id, range))
  }
}

/**
 * Records the history of all accounts with a lead again, unless the data set has it. The next run repeats all of one that was interrupted. Erased accounts, and
 * visits, have no history.
 * @throws {SitewrightError} `Unavailable` at the end if an account failed.
 */
export const rebuildReports = async (ports: RebuildReportsPorts): Promise<void> => {
  const { reportFiles, log, clocks } = ports
  if ((await reportFiles.list(completeFile)).length > 0) return
  const ids = await accountIds(ports)
  let failed = 0
  await eachAtOnce(ids, accountsAtOnce, async (accountId) => {
    try {
      await recordAccount(ports, accountId)
    } catch (error) {
      failed += 1
      log.warn({ accountId, err: error }, 'the history of an account could not be recorded')
    }
  })
  if (failed > 0) throw new SitewrightError('Unavailable', `The history of ${failed} accounts was not recorded.`)
  await reportFiles.put(completeFile, textOf(`${clocks.wall()}\n`))
  log.info({ accounts: ids.length }, 'recorded the history for reports')
}
