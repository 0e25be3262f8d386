import type { SiteId } from '../../../core/ids.ts'
import type { SiteEntry } from '../../../core/site/hand-over.ts'
import { type ChangeContext, type Reservations, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import type { BlueprintReference, BuildingSite, Ownership } from '../../../core/site/site.ts'

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
    },
    ...(request.ownership === undefined ? {} : { ownership: request.ownership }),
    ...(request.draft === undefined ? {} : { draft: request.draft }),
    ...(request.startsAtClaim === undefined ? {} : { startsAtClaim: request.startsAtClaim }),
  }
  return siteChange(
    {
      transition: 'request',
      before: undefined,
      after,
      ...(request.reserve === undefined ? {} : { reserve: request.reserve }),
    },
    context,
  )
}
