import type { Log } from '../../../core/ports/context.ts'
import type { Obstacle, SiteStore } from '../../../core/ports/stores.ts'
import type { Workflows } from '../../../core/ports/workflows.ts'
import type { ChangeContext } from '../../../core/site/lifecycle.ts'
import type { BuildingSite, Operation } from '../../../core/site/site.ts'
import { requestSite, type SiteRequest } from './site-request.ts'

export interface RequestBuildPorts {
  readonly sites: SiteStore
  readonly workflows: Workflows
  readonly log: Log
}

/** Commits a new building site and starts its workflow. @returns the site, or the obstacle. */
export const requestBuild = async (
  ports: RequestBuildPorts,
  request: SiteRequest,
  context: ChangeContext,
): Promise<BuildingSite | Exclude<Obstacle, 'version'>> => {
  const change = requestSite(request, context)
  const result = await ports.sites.commit(change)
  if (!result.done) {
    if (result.obstacle === 'version') throw new Error(`the id of a new site was in use: ${request.id}`)
    return result.obstacle
  }
  return beginBuild(ports, change.after)
}

/** Starts the workflow of a committed build. @returns the site. */
export const beginBuild = async (
  { workflows, log }: Pick<RequestBuildPorts, 'workflows' | 'log'>,
  site: BuildingSite,
): Promise<BuildingSite> => {
  try {
    await startBuild(workflows, site)
  } catch (error) {
    // The sweep starts it.
    log.warn({ siteId: site.id, err: error }, 'a build could not be started at once')
  }
  return site
}

export const executionName = (operation: Operation): string => `${operation.id}-${operation.fence}`

/** Idempotent, because an execution's name is used once. */
export const startBuild = (workflows: Workflows, site: BuildingSite): Promise<void> =>
  workflows.start(
    'provision-site',
    executionName(site.operation),
    { siteId: site.id, fence: site.operation.fence },
    { isAwaited: site.ownership !== undefined },
  )
