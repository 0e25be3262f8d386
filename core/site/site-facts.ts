import type { Instant } from '../instant.ts'
import { isBeside } from './environment.ts'
import { holdsPlace } from './ownership.ts'
import {
  type ActiveSite,
  type BuildStep,
  buildSteps,
  type Deletion,
  type FailedSite,
  isKept,
  isLive,
  type LiveSite,
  ownershipOf,
  type ReadySite,
  type Site,
} from './site.ts'

export type OpenSite = ActiveSite | ReadySite

export const waysAfterFailure = ['trial', 'place', 'contact'] as const

/** What the owner of a site that could not be built has for another try. An import from an archive used no trial, and only operators repeat it. */
export const wayAfterFailure = (site: FailedSite): (typeof waysAfterFailure)[number] => {
  if (site.failure.cause !== undefined && site.environmentOf === undefined) return 'contact'
  return holdsPlace(site.ownership ?? {}) ? 'place' : 'trial'
}

/** Whether an upgrade swaps what runs: only its workflow may start or stop the site. */
export const isBeingSwapped = (site: Site | undefined): boolean =>
  site?.status === 'active' && site.operation?.kind === 'upgrade'

/** Whether something of a site may run in a cell: in its own, and until it has moved also in that of its target. */
export const mayRunIn = (site: Site, cell: string): boolean => {
  if (site.cell === cell) return true
  const operation = site.status === 'active' ? site.operation : undefined
  return operation?.kind === 'upgrade' && operation.ending === undefined && operation.target.cell === cell
}

/** The version that a site has, or that its next wake starts. */
export const versionDue = (site: LiveSite): number =>
  (site.status === 'asleep' ? site.upgradeDue?.to : undefined) ?? site.blueprint.version

/** The version of its configuration with which a site is being started. */
export const configurationDue = (site: Site): number | undefined =>
  isLive(site) && site.operation?.kind === 'upgrade' ? site.operation.target.configuration : undefined

/** Whether sweeps should keep the site running. During a copy or a swap only its workflow starts it. */
export const shouldRun = (site: Site | undefined): site is OpenSite =>
  (site?.status === 'ready' && site.startsAtClaim === undefined) ||
  (site?.status === 'active' && !isPaused(site) && !isBeingSwapped(site))

/** Whether a workflow works on the site: it alone decides what runs and which data exists. */
export const isWorkedOn = (site: Site): boolean =>
  site.status === 'building' || ((isKept(site) || site.status === 'purged') && site.operation !== undefined)

/** What the owner requested, also if operators did so after that. */
export const ownDeletion = (deletion: Deletion | undefined): Deletion | undefined => {
  if (deletion?.ownerRequestedAt === undefined) return deletion?.by === 'owner' ? deletion : undefined
  const { ownerRequestedAt, ...more } = deletion
  return { ...more, requestedAt: ownerRequestedAt, by: 'owner' }
}

/** It left the pool without an owner. What stood beside another site had one: its tombstone only does not name it. */
export const wasRetired = (site: Site): boolean =>
  site.status === 'purged' && ownershipOf(site) === undefined && !isBeside(site)

/** Nobody ever wrote to its data. */
export const wasNeverOpen = (site: Site): boolean => site.status === 'failed' || wasRetired(site)

export interface ProgressStep {
  readonly name: BuildStep
  readonly status: 'pending' | 'running' | 'done' | 'failed'
  /** Null if not completed or failed. */
  readonly at: Instant | null
}

export interface Progress {
  readonly percent: number
  readonly steps: readonly ProgressStep[]
}

export const progressOf = (site: Site): Progress => {
  const doneAt = new Map(site.completedSteps.map(({ name, at }) => [name, at]))
  const firstOpen = buildSteps.find((step) => !doneAt.has(step))
  const steps = buildSteps.map((name): ProgressStep => {
    const at = doneAt.get(name)
    if (at !== undefined) return { name, status: 'done', at }
    if (site.status === 'failed' && name === site.failure.step) return { name, status: 'failed', at: site.failure.at }
    return { name, status: site.status === 'building' && name === firstOpen ? 'running' : 'pending', at: null }
  })
  return { percent: Math.round((doneAt.size / buildSteps.length) * 100), steps }
}

/** Whether a workflow has stopped the site for a moment and will start it again. */
export const isPaused = (site: Site | undefined): boolean =>
  site?.status === 'active' &&
  site.operation !== undefined &&
  'pausedAt' in site.operation &&
  site.operation.pausedAt !== undefined

/** Whether an upgrade has stopped the site and copies its data. */
export const isCopiedForUpgrade = (site: Site | undefined): boolean =>
  site?.status === 'active' &&
  site.operation?.kind === 'upgrade' &&
  site.operation.pausedAt !== undefined &&
  site.operation.copy?.done === undefined &&
  site.operation.copy !== undefined
