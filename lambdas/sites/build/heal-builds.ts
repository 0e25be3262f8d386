import { eachApart } from '../../../core/each-at-once.ts'
import { system } from '../../../core/events/event-names.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { SiteStore } from '../../../core/ports/stores.ts'
import type { Workflows } from '../../../core/ports/workflows.ts'
import type { ChangeContext } from '../../../core/site/lifecycle.ts'
import type { BuildingSite } from '../../../core/site/site.ts'
import { continueRehearsal } from '../../rehearsals/rehearsal.ts'
import { buildFailure, failBuild, retryBuild } from './build-changes.ts'
import { executionName, machineOf, startBuild, waitsForCopy } from './request-build.ts'

export interface HealBuildsPorts extends Pick<Context, 'clocks' | 'randomness' | 'log'> {
  readonly sites: SiteStore
  readonly workflows: Workflows
}

const attempts = 3

/** Gives a workflow that just ended time to write its outcome. */
const settleMilliseconds = 10_000

const abandonBuild = async (
  { sites, log }: HealBuildsPorts,
  site: BuildingSite,
  context: ChangeContext,
): Promise<void> => {
  log.error({ siteId: site.id }, 'abandoned a build after too many attempts')
  const { step } = buildFailure(site, 'Abandoned')
  const reason = 'We tried several times.'
  await sites.commit(failBuild(site, { step, reason }, context))
}

const healBuild = async (ports: HealBuildsPorts, { id }: BuildingSite, causationId: string): Promise<void> => {
  const { sites, workflows, clocks, randomness } = ports
  // The site is read before its workflow, so that a mismatch means the workflow is ahead.
  const site = await sites.get(id)
  if (site?.status !== 'building') return
  if (waitsForCopy(site)) return continueRehearsal(ports, site, causationId)
  const status = await workflows.status(machineOf(site), executionName(site.operation))
  if (status === 'running') return
  if (status === 'unknown' && site.operation.launchedAt === undefined) return startBuild(workflows, site)
  const context = { actor: system, causationId, clocks, randomness }
  // Time without a host does not count as the site's time to start.
  if (status !== 'unknown') {
    const { startedAt } = site.operation
    const now = clocks.wall()
    // A start in the future means that the clock was set back.
    if (startedAt <= now && plusMilliseconds(startedAt, settleMilliseconds) > now) return
    if (site.operation.fence >= attempts) return abandonBuild(ports, site, context)
  }
  const retry = retryBuild(site, context)
  if ((await sites.commit(retry)).done) await startBuild(workflows, retry.after)
}

/**
 * Restarts builds whose workflow never started or ended without an outcome. One failure does not stop the others.
 * @throws {SitewrightError} `Unavailable` at the end if a build failed.
 */
export const healBuilds = (ports: HealBuildsPorts, causationId: string): Promise<void> =>
  eachApart(
    ports.sites.listByStatus('building'),
    {
      log: ports.log,
      named: ({ id }) => ['siteId', id],
      failed: 'a build could not be recovered',
      summary: 'These builds could not be recovered',
    },
    (site) => healBuild(ports, site, causationId),
  )
