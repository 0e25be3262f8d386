import { eachApart } from '../../core/each-at-once.ts'
import type { AccountId } from '../../core/ids.ts'
import { type Instant, plusDays, plusMilliseconds } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { sitesOf } from '../accounts/follow-closures.ts'
import type { AccountRebuilds, EventHistory, ReportFiles } from './ports.ts'
import { isReported, type RecordEventPorts, recordEvent, recordUsage } from './record-rows.ts'
import type { UsageStore } from './usage/ports.ts'
import { usageDays } from './usage/usage.ts'
import { textOf } from './write-reports.ts'

export interface RebuildReportsPorts extends RecordEventPorts, Pick<Context, 'isStopping' | 'log' | 'monotonic'> {
  readonly accountRebuilds: AccountRebuilds
  readonly sites: Pick<SiteStore, 'listByAccount'>
  readonly usage: Pick<UsageStore, 'list'>
  readonly eventHistory: EventHistory
  readonly reportFiles: Pick<ReportFiles, 'list' | 'put' | 'remove'>
}

/** Says that the data set has all of the history. Its number is raised when rows get another column. */
export const completeFile = 'complete-1'

/** Has one file while a rebuild is not complete, whose name is the instant at which it began. */
const begunFiles = 'begun-1/'

const accountsAtOnce = 16
/** In milliseconds: the function has fifteen minutes, and a long history takes some. */
const longestRun = 600_000

/** When the rebuild began: now, unless one is not complete. */
const beginning = async ({ reportFiles, clocks }: RebuildReportsPorts): Promise<Instant> => {
  const [begun] = await reportFiles.list(begunFiles)
  if (begun !== undefined) return begun.path.slice(begunFiles.length)
  const now = clocks.wall()
  await reportFiles.put(`${begunFiles}${now}`, textOf(`${now}\n`))
  return now
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
 * Records the history of all accounts again, unless the data set has it. A run ends after ten minutes, and the next one continues with the accounts that are left,
 * also those that failed. Erased accounts, and visits, have no history.
 * @throws {SitewrightError} `Unavailable` at the end if an account failed.
 */
export const rebuildReports = async (ports: RebuildReportsPorts): Promise<void> => {
  const { reportFiles, accountRebuilds, log, clocks, isStopping, monotonic } = ports
  if ((await reportFiles.list(completeFile)).length > 0) return
  const began = await beginning(ports)
  const until = monotonic() + longestRun
  let isOver = false
  await eachApart(
    accountRebuilds.due(began),
    {
      log,
      atOnce: accountsAtOnce,
      named: (accountId) => ['accountId', accountId],
      failed: 'the history of an account could not be recorded; the next run tries again',
      summary: 'The history of these accounts was not recorded',
    },
    async (accountId) => {
      isOver ||= isStopping() || monotonic() >= until
      if (isOver) return
      await recordAccount(ports, accountId)
      await accountRebuilds.note(accountId, began)
    },
  )
  if (isOver) return
  // First: a later rebuild would take it for its own.
  await reportFiles.remove(`${begunFiles}${began}`)
  await reportFiles.put(completeFile, textOf(`${clocks.wall()}\n`))
  log.info({ began }, 'recorded the history for reports')
}
