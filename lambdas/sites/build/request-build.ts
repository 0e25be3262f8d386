import type { SiteId } from '../../../core/ids.ts'
import type { Log } from '../../../core/ports/context.ts'
import type { Obstacle, SiteStore } from '../../../core/ports/stores.ts'
import type { StateMachineName, Workflows } from '../../../core/ports/workflows.ts'
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
  const after: BuildingSite = {
    schemaVersion: 1,
    id: request.id,
    version: 1,
    status: 'building',
    cell: request.cell,
    plan: request.plan,
    blueprint: request.blueprint,
    policyVersion: request.policyVersion,
    createdAt: context.clocks.domain(),
    completedSteps: [],
    generation: 1,
    ...request.entry,
    operation: {
      id: `provision-site-${request.id}-1`,
      kind: 'provision',
      fence: 1,
      startedAt: context.clocks.wall(),
      ...(request.from && { from: request.from, ...(request.runs && { command: 'due' as const }) }),
    },
    ...(request.rehearsalOf && { rehearsalOf: request.rehearsalOf }),
    ...(request.environmentOf && { environmentOf: request.environmentOf }),
    ...(request.imported && { imported: request.imported }),
    ...(request.configuration && { configuration: request.configuration }),
    ...(request.ownership === undefined ? {} : { ownership: request.ownership }),
    ...(request.draft === undefined ? {} : { draft: request.draft }),
    ...(request.startsAtClaim === undefined ? {} : { startsAtClaim: request.startsAtClaim }),
  }
  return siteChange(
    {
      transition: 'request',
      before: undefined,
      after,
      details: request.reason === undefined ? {} : { reason: request.reason },
      ...(request.reserve === undefined ? {} : { reserve: request.reserve }),
    },
    context,
  )
}

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

/** Whether a build waits until the other site is copied for it. */
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
