import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { entryAfterUpgrade } from '../../core/blueprint/handing-over.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { Size } from '../../core/plan/plan.ts'
import type { Archiver } from '../../core/ports/archives.ts'
import type { Context } from '../../core/ports/context.ts'
import type { SiteRuntime, SiteStorage } from '../../core/ports/runtime.ts'
import {
  attemptContext,
  commitOrRepeat,
  type ReclaimPorts,
  requireIdle,
  requireOperation,
  type SiteUnder,
} from '../../core/site/change-site.ts'
import { isEnvironment, startedAlone } from '../../core/site/environment.ts'
import { begun, type ChangeContext, pendingHandOver, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { homeOf, nextGeneration } from '../../core/site/location.ts'
import { entitledUntil, passedReminders } from '../../core/site/next-step.ts'
import type { OperationAttempt, OperationOf } from '../../core/site/operation.ts'
import type { ActiveSite, ArchivedSite, Site } from '../../core/site/site.ts'
import { type PlacementPorts, placeOfRestored } from '../sites/cells/place-sites.ts'
import {
  type AnswerPorts,
  blueprintOf,
  type LaunchPorts,
  launchOf,
  requireAnswer,
} from '../sites/run/prepare-launch.ts'
import { requireDone, restoreJob } from './copy/run-archive-job.ts'

type RestoringSite = ArchivedSite & SiteUnder<'restore'>

export const beginRestore = (
  site: ArchivedSite,
  facts: Partial<Pick<ArchivedSite, 'trialEndsAt' | 'extensionsUsed' | 'plan' | 'billing' | 'relocation'>>,
  context: ChangeContext,
  details: { readonly reason?: string } = {},
): SiteChange<ArchivedSite> => {
  requireIdle(site)
  const [newest] = site.archives
  if (newest === undefined) throw new Error(`${site.id} is archived and has no archive`)
  const { deletion: _, purgeRequest: __, restoreNotBefore: ___, ...kept } = site
  const generation = nextGeneration(site)
  const operation: OperationOf<'restore'> = {
    ...begun(site, 'restore', context),
    kind: 'restore',
    archiveId: newest.id,
    generation,
  }
  const after: ArchivedSite = { ...kept, ...facts, generation, operation }
  const said = { operation: 'restore', ...details }
  return siteChange({ transition: 'begin', before: site, after, details: said }, context)
}

export const restoreSite = (
  site: RestoringSite,
  endpoint: NonNullable<ActiveSite['endpoint']>,
  reminded: readonly number[],
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const {
    archivedAt: _,
    purgeNotBefore: _______,
    warned: __,
    reprievedUntil: ___,
    operation,
    deletion: ____,
    purgeRequest: _____,
    suspendedBecause: ______,
    movedTo: ________,
    ...kept
  } = site
  const { size } = operation
  const { begins, detail } = pendingHandOver(site, context)
  const after: ActiveSite = {
    ...startedAlone(kept),
    ...begins,
    status: 'active',
    generation: operation.generation,
    reminded,
    endpoint,
    ...(size === undefined ? {} : { size }),
  }
  const details = { archiveId: operation.archiveId, ...detail }
  return siteChange({ transition: 'restore', before: site, after, details }, context)
}

const requireRestoring = (site: Site | undefined, attempt: OperationAttempt): RestoringSite => {
  const found = requireOperation(site, attempt, 'restore')
  if (found.status === 'archived') return found
  throw new SitewrightError('OperationSuperseded', `${found.id} is not archived.`)
}

export const placeRestore = (site: RestoringSite, cell: string, context: ChangeContext): SiteChange<RestoringSite> => {
  const { isCellNamed, ...kept } = site
  const after: RestoringSite = {
    ...kept,
    ...(cell === site.cell && isCellNamed && { isCellNamed }),
    cell,
    operation: { ...site.operation, isPlaced: true },
  }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'place' } }, context)
}

/** Chooses the cell once for an attempt. @throws {SitewrightError} `RuntimeUnavailable` where none is open. */
const placed = async (ports: ReclaimPorts & PlacementPorts, site: RestoringSite, attempt: OperationAttempt) => {
  if (site.operation.isPlaced) return site
  const cell = await placeOfRestored(ports, site)
  if (cell === undefined) {
    const message = `No cell has room for ${site.id}. Open a cell that is not \`named\`.`
    throw new SitewrightError('RuntimeUnavailable', message)
  }
  const change = placeRestore(site, cell, attemptContext(ports, attempt))
  await commitOrRepeat(ports, change)
  return change.after
}

/** Restores the newest archive into a new data directory, in a cell that has room, and verifies it. */
export const restoreData = async (
  ports: ReclaimPorts &
    PlacementPorts &
    Pick<LaunchPorts, 'blueprints'> & { readonly archiver: Archiver; readonly storage: Pick<SiteStorage, 'prepare'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const found = requireRestoring(await ports.sites.get(attempt.siteId), attempt)
  const site = await placed(ports, found, attempt)
  const { data } = await blueprintOf(ports.blueprints, site)
  await ports.storage.prepare(homeOf(site), data.owner)
  await requireDone(ports.archiver, restoreJob(homeOf(site), site.operation, attempt))
}

const sizeRestore = (site: RestoringSite, size: Size, context: ChangeContext): SiteChange<RestoringSite> => {
  const after: RestoringSite = { ...site, operation: { ...site.operation, size } }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'start' } }, context)
}

/** Notes the size before it starts the site with it: a plan that is bought until it answers is followed afterwards. */
export const startRestored = async (
  ports: ReclaimPorts & LaunchPorts & { readonly runtime: Pick<SiteRuntime, 'start'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireRestoring(await ports.sites.get(attempt.siteId), attempt)
  const { size } = site.operation
  const launch = await launchOf(ports, { ...site, size })
  if (size === undefined) await commitOrRepeat(ports, sizeRestore(site, launch.size, attemptContext(ports, attempt)))
  await ports.runtime.start(launch)
}

/** As its version says, which may not be the one that it was archived with. */
const withEntry = (site: RestoringSite, blueprint: Blueprint): RestoringSite => {
  // The restored data may know a former URL.
  const known = { ...site, ...(blueprint.urlChange === 'hook' && { urlDue: 'hook' as const }) }
  const { access: _, ...kept } = known
  return { ...kept, ...entryAfterUpgrade(site, blueprint) }
}

/** Checks once whether the restored site answers, and opens it. @throws {SitewrightError} `SiteNotReady`. */
export const openRestored = async (
  ports: ReclaimPorts & AnswerPorts & Pick<Context, 'policies'>,
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireRestoring(await ports.sites.get(attempt.siteId), attempt)
  const endpoint = await requireAnswer(ports, site)
  const policy = ports.policies.find(site.policyVersion)
  const end = entitledUntil(site, policy) ?? site.trialEndsAt
  // The time of an environment began with the restore.
  const reminded = isEnvironment(site) ? [] : passedReminders(end, policy, ports.clocks.domain())
  const opened = withEntry(site, await blueprintOf(ports.blueprints, site))
  const change = restoreSite(opened, endpoint, reminded, attemptContext(ports, attempt))
  await commitOrRepeat(ports, { ...change, before: site })
}
