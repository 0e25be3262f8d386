import { SitewrightError } from '../../errors.ts'
import type { Archiver } from '../../ports/archiver.ts'
import { archivePrefix } from '../../ports/archiver.ts'
import type { ArchiveStore } from '../../ports/archives.ts'
import type { SiteRuntime, SiteStorage } from '../../ports/runtime.ts'
import type { OperationAttempt } from '../operation.ts'
import { requireOperation } from '../operation-changes.ts'
import { purgeSite } from '../purge-site.ts'
import type { GatePorts } from './gate.ts'
import { releaseJob, requireAllDone } from './jobs.ts'
import type { ReclaimPorts } from './reclaim-ports.ts'
import { attemptContext, commitOrRepeat } from './reclaim-ports.ts'
import { passGate } from './suspend-tasks.ts'

/** Ends a site for good, if the gate is open. From here on nobody can want its data. */
export const purgeDueSite = async (ports: ReclaimPorts & GatePorts, attempt: OperationAttempt): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'purge')
  if (site.status === 'purged') return
  if (site.status === 'active') throw new SitewrightError('OperationSuperseded', `${site.id} runs.`)
  await passGate(ports, site, 'purge', attempt)
  const because = site.deletion === undefined ? 'retention-over' : `${site.deletion.by}-deletion`
  await commitOrRepeat(ports, purgeSite(site, attemptContext(ports, attempt), { because }))
}

/** Removes everything that is left of a purged site: what runs, its data directories, its archives. */
export const removeRemains = async (
  ports: ReclaimPorts & {
    readonly archiver: Archiver
    readonly archives: ArchiveStore
    readonly runtime: SiteRuntime
    readonly storage: SiteStorage
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
