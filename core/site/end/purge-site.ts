import { SitewrightError } from '../../errors.ts'
import type { Instant } from '../../instant.ts'
import { plusMilliseconds } from '../../instant.ts'
import type { Archiver, ArchiveStore } from '../../ports/archives.ts'
import { archivePrefix } from '../../ports/archives.ts'
import type { SiteRuntime, SiteStorage } from '../../ports/runtime.ts'
import type { SiteChange } from '../change.ts'
import type { Act, ActPorts } from '../change-site.ts'
import { actContext, changeNamedSite, requireKept } from '../change-site.ts'
import { releaseJob, requireAllDone } from '../copy/run-archive-job.ts'
import { requireTransition } from '../lifecycle.ts'
import type { OperationAttempt } from '../operation.ts'
import { keptOperation, requireIdle, requireOperation } from '../operation-changes.ts'
import type { ArchivedSite, KeptSite, Site, SuspendedSite } from '../site.ts'
import type { ReclaimPorts } from '../start-operation.ts'
import { attemptContext, commitOrRepeat, startOperationSoon } from '../start-operation.ts'
import { confirmPurge, purgeSite, requestPurge } from './deletion.ts'
import type { GatePorts } from './pass-gate.ts'
import { passGate } from './pass-gate.ts'

/** Purges the site, if the gate is open. */
export const purgeDueSite = async (ports: ReclaimPorts & GatePorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'purge')
  if (site.status === 'purged') return
  if (site.status === 'active') throw new SitewrightError('OperationSuperseded', `${site.id} runs.`)
  await passGate(ports, site, 'purge', attempt)
  const because = site.deletion === undefined ? 'retention-over' : `${site.deletion.by}-deletion`
  await commitOrRepeat(ports, purgeSite(site, attemptContext(ports, attempt), { because }))
}

/** Removes a purged site's tasks, data directories and archives. */
export const removeRemains = async (
  ports: ReclaimPorts & {
    readonly archiver: Archiver
    readonly archives: Pick<ArchiveStore, 'list' | 'remove'>
    readonly runtime: Pick<SiteRuntime, 'remove'>
    readonly storage: Pick<SiteStorage, 'list' | 'remove'>
  },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'purge')
  if (site.status !== 'purged') throw new SitewrightError('OperationSuperseded', `${site.id} is not purged.`)
  await ports.runtime.remove(site.id)
  const homes = (await ports.storage.list()).filter(({ siteId }) => siteId === site.id)
  await requireAllDone(
    ports.archiver,
    homes.map((home) => releaseJob(home, attempt)),
  )
  for (const home of homes) await ports.storage.remove(home)
  for await (const { key } of ports.archives.list(archivePrefix(site.id))) await ports.archives.remove(key)
}

/** In milliseconds. */
const validity = 24 * 60 * 60_000

export const purgeRequestEnds = ({ at }: { readonly at: Instant }): Instant => plusMilliseconds(at, validity)

const requirePurgeable = (found: Site): SuspendedSite | ArchivedSite => {
  requireTransition('purge', found)
  const site: KeptSite = requireKept(found)
  if (site.status === 'active') throw new Error(`${site.id} is active and cannot be purged`)
  if (site.heldSince === undefined) return site
  throw new SitewrightError('TransitionNotAllowed', 'This site is on hold. End the hold before you purge it.')
}

/** Waits for another operation, unless the clock began it and it is not committed. */
const requireFree = (site: SuspendedSite | ArchivedSite): void => {
  if (keptOperation(site).operation !== undefined) requireIdle(site)
}

interface PurgeDecision {
  readonly operatorId: string
  readonly reason: string
}

/**
 * Purges a site once two operators agree: one requests it, another confirms within 24 hours.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` if it runs, is on hold, or the same operator asks again;
 *   `OperationInProgress`.
 */
export const purgeAsOperator = async (ports: ActPorts, act: Act, wish: PurgeDecision): Promise<Site> => {
  const site = await changeNamedSite(ports, act, (found): SiteChange | undefined => {
    const purgeable = requirePurgeable(found)
    if (purgeable.deletion?.by === 'operators') return undefined
    requireFree(purgeable)
    const context = actContext(ports, act)
    const { purgeRequest } = purgeable
    if (purgeRequest === undefined || purgeRequestEnds(purgeRequest) <= context.clocks.domain()) {
      return requestPurge(purgeable, wish, context)
    }
    if (purgeRequest.operatorId !== wish.operatorId) return confirmPurge(purgeable, wish.reason, context)
    const until = purgeRequestEnds(purgeRequest)
    throw new SitewrightError(
      'TransitionNotAllowed',
      `You have requested this already. Another operator must confirm it by ${until}.`,
    )
  })
  await startOperationSoon(ports, site)
  return site
}
