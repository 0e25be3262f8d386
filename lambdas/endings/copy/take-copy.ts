import { SitewrightError } from '../../../core/errors.ts'
import type { ArchiveStore } from '../../../core/ports/archives.ts'
import type { SiteRuntime } from '../../../core/ports/runtime.ts'
import type { Workflows } from '../../../core/ports/workflows.ts'
import { type Archive, withArchive } from '../../../core/site/archive.ts'
import {
  attemptContext,
  beginOperation,
  commitOrRepeat,
  type ReclaimPorts,
  requireOperation,
  type SiteUnder,
  startOperationSoon,
  wakeAfter,
} from '../../../core/site/change-site.ts'
import { begun, type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import type { OperationAttempt, OperationOf } from '../../../core/site/operation.ts'
import { type ActiveSite, isLive, type LiveSite, type Site } from '../../../core/site/site.ts'
import { type DrainPorts, drain } from '../../releases/swap/drain.ts'
import { type AnswerPorts, type LaunchPorts, launchOf, requireAnswer } from '../../sites/run/prepare-launch.ts'
import { withoutAddress } from '../../sites/run/run-changes.ts'
import { archiveOf } from '../archive-site.ts'
import { type ArchivingPorts, discardPushedOut, requireDone, verifyJob } from './run-archive-job.ts'

/** @param scheduled set if the plan's schedule wants the copy; its next one is then counted from now, also if this one fails. */
export const beginCopy = <Site extends LiveSite>(
  site: Site,
  context: ChangeContext,
  scheduled?: { readonly keep: number },
): SiteChange<Site> => {
  const operation: OperationOf<'copy'> = {
    ...begun(site, 'copy', context),
    kind: 'copy',
    archiveId: context.randomness.id('arc'),
    generation: site.generation,
    ...(scheduled === undefined ? {} : { scheduled }),
  }
  const now = context.clocks.domain()
  const checked = scheduled === undefined ? {} : { copying: { ...site.copying, checkedAt: now, begunAt: now } }
  // To be copied, the data of a dormant site is made accessible again.
  const awakened = site.status === 'asleep' ? { dormantSince: undefined } : {}
  return beginOperation(site, { ...site, ...awakened, ...checked, operation }, context)
}

/** Records the archive. A site that somebody asked for meanwhile begins to wake in the same write. */
export const recordCopy = (
  site: LiveSite & SiteUnder<'copy'>,
  archive: Archive,
  context: ChangeContext,
): SiteChange<LiveSite> => {
  const {
    operation: { scheduled, startedAt: copiedAt },
    copying: { failed: _, ...copying } = {},
    ...kept
  } = site
  const after: LiveSite = {
    ...kept,
    archives: withArchive(site, archive, scheduled?.keep),
    copying: { ...copying, copiedAt, ...(site.status === 'asleep' && { isAsleep: true as const }) },
    ...wakeAfter(site, context),
  }
  const details = { archiveId: archive.id, ...(scheduled !== undefined && { scheduled: true as const }) }
  return siteChange({ transition: 'recordCopy', before: site, after, details }, context)
}

/** Stops traffic: the router holds requests. */
export const pauseForCopy = (site: ActiveSite & SiteUnder<'copy'>, context: ChangeContext): SiteChange<ActiveSite> => {
  const operation = { ...site.operation, pausedAt: context.clocks.wall() }
  const after: ActiveSite = { ...withoutAddress(site), operation }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'pause' } }, context)
}

/** Records the downtime. */
export const endPause = (
  site: ActiveSite & SiteUnder<'copy'>,
  endpoint: NonNullable<ActiveSite['endpoint']>,
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { pausedAt = context.clocks.wall(), ...operation } = site.operation
  const pausedMilliseconds = Math.max(0, Date.parse(context.clocks.wall()) - Date.parse(pausedAt))
  const after: ActiveSite = { ...site, operation: { ...operation, pausedMilliseconds }, endpoint }
  const details = { operation: 'pause', outcome: 'done' }
  return siteChange({ transition: 'endOperation', before: site, after, details }, context)
}

const requireLive = (found: Site | undefined, attempt: OperationAttempt): LiveSite & SiteUnder<'copy'> => {
  const site = requireOperation(found, attempt, 'copy')
  if (isLive(site)) return site
  throw new SitewrightError('OperationSuperseded', `${site.id} is not in use.`)
}

/** In milliseconds: a visitor of the stopped site waits for the copy, too. */
const longestDrain = 1000

/** Stops traffic: the router holds requests, and those in progress may end. A site that is asleep has none. */
export const pauseSite = async (ports: ReclaimPorts & DrainPorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireLive(await ports.sites.get(attempt.siteId), attempt)
  if (site.status === 'asleep' || site.operation.pausedAt !== undefined) return
  await commitOrRepeat(ports, pauseForCopy(site, attemptContext(ports, attempt)))
  await drain(ports, site.endpoint, longestDrain)
}

export const startPaused = async (
  ports: ReclaimPorts & LaunchPorts & { readonly runtime: Pick<SiteRuntime, 'start'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireLive(await ports.sites.get(attempt.siteId), attempt)
  if (site.operation.pausedAt !== undefined) await ports.runtime.start(await launchOf(ports, site))
}

/** Checks once whether the started site answers, and ends the pause. @throws {SitewrightError} `SiteNotReady`. */
export const unpauseSite = async (ports: ReclaimPorts & AnswerPorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireLive(await ports.sites.get(attempt.siteId), attempt)
  if (site.status === 'asleep' || site.operation.pausedAt === undefined) return
  await commitOrRepeat(ports, endPause(site, await requireAnswer(ports, site), attemptContext(ports, attempt)))
}

/** Records the archive, and removes those that it replaces. */
export const recordOwnerCopy = async (
  ports: ArchivingPorts & { readonly archives: Pick<ArchiveStore, 'remove'>; readonly workflows: Workflows },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireLive(await ports.sites.get(attempt.siteId), attempt)
  const verified = await requireDone(ports.archiver, verifyJob(site, attempt))
  const change = recordCopy(site, archiveOf(site, verified, ports.clocks.domain()), attemptContext(ports, attempt))
  await commitOrRepeat(ports, change)
  await startOperationSoon(ports, change.after)
  await discardPushedOut(ports.archives, { before: site, after: change.after })
}
