import type { SiteId } from '../../../core/ids.ts'
import type { Obstacle } from '../../../core/ports/stores.ts'
import type { StateMachineName, Workflows } from '../../../core/ports/workflows.ts'
import type { ActPorts } from '../../../core/site/change-site.ts'
import type { SiteEntry } from '../../../core/site/hand-over.ts'
import { type ChangeContext, type Reservations, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import type { Ownership } from '../../../core/site/ownership.ts'
import type { BlueprintReference, BuildingSite, Operation } from '../../../core/site/site.ts'

export interface SiteRequest {
  readonly id: SiteId
  readonly cell: string
  readonly plan: string
  readonly blueprint: BlueprintReference
  readonly policyVersion: number
  readonly ownership?: Ownership
  readonly reserve?: Reservations
  /** For the pool: the site is prepared, and starts once it has an owner. */
  readonly startsAtClaim?: true
  readonly entry: SiteEntry
  /** The revision of the draft that it is built from. */
  readonly draft?: number
  /** The archive of another site that it is built from; without its id while that site is copied for it. */
  readonly from?: NonNullable<Operation['from']>
  /** With `from`: whether the version's own command runs on what is restored. */
  readonly runs?: boolean
  readonly rehearsalOf?: BuildingSite['rehearsalOf']
  readonly environmentOf?: BuildingSite['environmentOf']
  /** The version of its own variables and secrets. */
  readonly configuration?: number
  /** With `from`: what its record keeps of the site in another installation. */
  readonly imported?: BuildingSite['imported']
  readonly reason?: string
}

export const requestSite = (request: SiteRequest, context: ChangeContext): SiteChange<BuildingSite> => {
  const { entry, from, runs, configuration, reserve, reason, ...asked } = request
  const after: BuildingSite = {
    ...asked,
    ...entry,
    ...(configuration && { configuration }),
    schemaVersion: 1,
    version: 1,
    status: 'building',
    createdAt: context.clocks.domain(),
    completedSteps: [],
    generation: 1,
    operation: {
      id: `provision-site-${request.id}-1`,
      kind: 'provision',
      fence: 1,
      startedAt: context.clocks.wall(),
      ...(from && { from, ...(runs && { command: 'due' as const }) }),
    },
  }
  const details = reason === undefined ? {} : { reason }
  return siteChange({ transition: 'request', before: undefined, after, details, ...(reserve && { reserve }) }, context)
}

export type RequestBuildPorts = Pick<ActPorts, 'sites' | 'workflows' | 'log'>

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

export const waitsForCopy = ({ operation: { from } }: BuildingSite): boolean =>
  from !== undefined && from.archiveId === undefined

/** Starts the workflow of a committed build, unless it waits. @returns the site. */
export const beginBuild = async (
  { workflows, log }: Pick<RequestBuildPorts, 'workflows' | 'log'>,
  site: BuildingSite,
): Promise<BuildingSite> => {
  if (waitsForCopy(site)) return site
  try {
    await startBuild(workflows, site)
  } catch (error) {
    // The sweep starts it.
    log.warn({ siteId: site.id, err: error }, 'a build could not be started at once')
  }
  return site
}

export const executionName = (operation: Operation): string => `${operation.id}-${operation.fence}`

/** The workflow that a build is in: a copy that has to be anonymised is so before the site is built from the result. */
export const machineOf = ({ environmentOf }: BuildingSite): StateMachineName =>
  environmentOf?.anonymise === undefined ? 'provision-site' : 'anonymise-copy'

/** Idempotent, because a machine uses the name of an execution once. */
export const startBuild = (workflows: Workflows, site: BuildingSite): Promise<void> =>
  workflows.start(
    machineOf(site),
    executionName(site.operation),
    { siteId: site.id, operationId: site.operation.id, fence: site.operation.fence },
    { isAwaited: site.ownership !== undefined },
  )
