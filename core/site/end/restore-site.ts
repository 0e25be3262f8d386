import { passedReminders } from '../../../lambdas/trials/extension.ts'
import { SitewrightError } from '../../errors.ts'
import type { Archiver } from '../../ports/archives.ts'
import type { HealthProbe, SiteRuntime, SiteStorage } from '../../ports/runtime.ts'
import { attemptContext, commitOrRepeat, type ReclaimPorts } from '../change-site.ts'
import { requireDone, restoreJob } from '../copy/run-archive-job.ts'
import { homeOf } from '../location.ts'
import { entitledUntil } from '../next-step.ts'
import type { OperationAttempt } from '../operation.ts'
import { requireOperation, type SiteUnder } from '../operation-changes.ts'
import { blueprintOf, type LaunchPorts, launchOf } from '../run/prepare-launch.ts'
import type { ArchivedSite, Site } from '../site.ts'
import type { TrialPolicies } from '../trial-policies.ts'
import { restoreSite } from './archiving.ts'

const requireRestoring = (site: Site | undefined, attempt: OperationAttempt): ArchivedSite & SiteUnder<'restore'> => {
  const found = requireOperation(site, attempt, 'restore')
  if (found.status === 'archived') return found
  throw new SitewrightError('OperationSuperseded', `${found.id} is not archived.`)
}

/** Restores the newest archive into a new data directory and verifies it. */
export const restoreData = async (
  ports: ReclaimPorts &
    Pick<LaunchPorts, 'blueprints'> & {
      readonly archiver: Archiver
      readonly storage: Pick<SiteStorage, 'prepare'>
    },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireRestoring(await ports.sites.get(attempt.siteId), attempt)
  const { data } = await blueprintOf(ports.blueprints, site)
  await ports.storage.prepare(homeOf(site), data.owner)
  await requireDone(ports.archiver, restoreJob(homeOf(site), site.operation, attempt))
}

export const startRestored = async (
  ports: ReclaimPorts & LaunchPorts & { readonly runtime: Pick<SiteRuntime, 'start'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireRestoring(await ports.sites.get(attempt.siteId), attempt)
  await ports.runtime.start(await launchOf(ports, site))
}

/** Checks once whether the restored site answers, and opens it. @throws {SitewrightError} `SiteNotReady`. */
export const openRestored = async (
  ports: ReclaimPorts &
    Pick<LaunchPorts, 'blueprints' | 'plans'> & {
      readonly runtime: Pick<SiteRuntime, 'locate'>
      readonly probe: HealthProbe
      readonly policies: TrialPolicies
    },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireRestoring(await ports.sites.get(attempt.siteId), attempt)
  const { traffic } = await blueprintOf(ports.blueprints, site)
  const endpoint = await ports.runtime.locate(site.id)
  if (endpoint === undefined || !(await ports.probe.isHealthy(endpoint, traffic))) {
    throw new SitewrightError('SiteNotReady', `${site.id} does not answer yet.`)
  }
  const policy = ports.policies.find(site.policyVersion)
  const reminded = passedReminders(entitledUntil(site, policy) ?? site.trialEndsAt, policy, ports.clocks.domain())
  const { size } = ports.plans.find(site.plan)
  await commitOrRepeat(ports, restoreSite(site, endpoint, reminded, attemptContext(ports, attempt), size))
}
