import type { Workflows } from '../../ports/workflows.ts'
import type { BuildingSite, Operation } from '../site.ts'

/** A name is used once, so a build that is started twice runs once. */
export const executionName = (operation: Operation): string => `${operation.id}-${operation.fence}`

/** Starts the workflow of a committed build, or finds it started. */
export const startBuild = (workflows: Workflows, site: BuildingSite): Promise<void> =>
  workflows.start(
    'provision-site',
    executionName(site.operation),
    { siteId: site.id, fence: site.operation.fence },
    { isAwaited: site.ownership !== undefined },
  )
