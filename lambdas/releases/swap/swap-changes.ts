import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { type BlueprintEntry, entryAfterUpgrade } from '../../../core/blueprint/handing-over.ts'
import type { Instant } from '../../../core/instant.ts'
import type { Size } from '../../../core/plan/plan.ts'
import { type Archive, withArchive, withRestored } from '../../../core/site/archive.ts'
import type { SiteUnder } from '../../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../../core/site/lifecycle.ts'
import { type Endpoint, isSameEndpoint } from '../../../core/site/location.ts'
import type { OperationOf } from '../../../core/site/operation.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { archiveOf } from '../../endings/archive-site.ts'
import { afterSwitch, losesSide, switchDetails } from '../../relocations/switch-sides.ts'

/** An upgrade starts what its target names, with the present URL. */
export type SwappingSite = ActiveSite & SiteUnder<'upgrade'>

/** Whether the target is committed: only the former task is left to end. */
export const isMoved = ({ operation }: SwappingSite): boolean => operation.moved === true

const withUrl = ({ urlDue, ...site }: SwappingSite): SwappingSite => (urlDue === 'hook' ? { ...site, urlDue } : site)

export const targetOf = (site: SwappingSite): SwappingSite => {
  const { copy, relocates, namesCell } = site.operation
  // A payment may have changed the plan of the other side since.
  const side = (relocates || losesSide(site)) && site.relocation?.switched?.back
  const target = side ? { ...site.operation.target, plan: side.plan } : site.operation.target
  const { configuration: present, size: presentSize, isCellNamed: wasNamed, ...kept } = withUrl(site)
  const { configuration = present, blueprint = kept.blueprint, plan = kept.plan, cell = kept.cell } = target
  // Another plan comes with its own size.
  const size = target.size ?? (plan === kept.plan ? presentSize : undefined)
  // Nobody chose the cell that a drain or a loss brings a site to.
  const isCellNamed = cell === site.cell ? wasNamed : (relocates ?? namesCell)
  return {
    ...kept,
    ...{ blueprint, plan, cell },
    ...(configuration && { configuration }),
    ...(size && { size }),
    ...(copy && { generation: copy.generation }),
    ...(isCellNamed && { isCellNamed }),
  }
}

/** Notes something in the operation while visitors may be waiting. */
const noted = (
  site: SwappingSite,
  facts: Partial<OperationOf<'upgrade'>>,
  context: ChangeContext,
): SiteChange<SwappingSite> => {
  const after = { ...site, operation: { ...site.operation, ...facts } }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'pause' } }, context)
}

/** The site keeps its version: the one that was assigned to it is withdrawn. */
export const keepVersion = (site: SwappingSite, context: ChangeContext): SiteChange<SwappingSite> => {
  const { blueprint: _, ...target } = site.operation.target
  return noted(site, { target }, context)
}

/** Times the start from now, of an attempt whose command has not failed. */
export const timeStart = (site: SwappingSite, context: ChangeContext): SiteChange<SwappingSite> =>
  noted(site, { launchedAt: context.clocks.wall(), problem: undefined }, context)

export const noteProblem = (site: SwappingSite, problem: string, context: ChangeContext): SiteChange<SwappingSite> =>
  noted(site, { problem }, context)

/** Records that the copy is verified and restored, and times the start from now. */
export const noteCopy = (
  site: SwappingSite,
  copied: { readonly bytes: number; readonly files: number; readonly dataBytes?: number | undefined },
  context: ChangeContext,
): SiteChange<SwappingSite> => {
  const { copy } = site.operation
  if (copy === undefined) throw new Error(`${site.id} has no copy`)
  const { bytes, files, dataBytes } = copied
  const done = { bytes, files, ...(dataBytes !== undefined && { dataBytes }) }
  return noted(site, { launchedAt: context.clocks.wall(), copy: { ...copy, done } }, context)
}

/** Records that the version's command or the next one of its checks has run, and times the start from now. */
export const noteCommand = (site: SwappingSite, context: ChangeContext): SiteChange<SwappingSite> => {
  const { command, checking = 0 } = site.operation
  const ran = command === 'due' ? { command: 'done' as const } : { checking: checking + 1 }
  return noted(site, { launchedAt: context.clocks.wall(), ...ran }, context)
}

/** Records that the version was healthy, so that the commands of its checks run next. */
export const beginCheckCommands = (site: SwappingSite, context: ChangeContext): SiteChange<SwappingSite> =>
  noted(site, { checking: 0 }, context)

/** Stops traffic, because the old task must end first: the router holds requests. */
export const holdRequests = (site: SwappingSite, context: ChangeContext): SiteChange<SwappingSite> => {
  const { endpoint: leaving, ...kept } = site
  const pausedAt = site.operation.pausedAt ?? context.clocks.wall()
  return { ...noted(kept, { pausedAt, ...(leaving && { leaving }) }, context), before: site }
}

/** A launch, as far as the record keeps it. A site that slept has no size yet. */
interface Started {
  readonly blueprint: BlueprintEntry & Partial<Pick<Blueprint, 'urlChange'>>
  readonly size: Size
}

/** The archive of the data before an upgrade that starts on a copy. A lost cell has none. */
export const archiveBefore = (site: SwappingSite, at: Instant): Archive | undefined => {
  const { operation } = site
  if (operation.copy?.isLost) return undefined
  return operation.copy?.done && archiveOf(site, operation.copy.done, at)
}

const archivesAfter = (site: SwappingSite, archive: Archive | undefined, now: Instant): readonly Archive[] => {
  const restored = site.operation.copy?.restores
  const archives = restored === undefined ? site.archives : withRestored(site.archives, restored, now)
  if (archive === undefined) return archives
  return withArchive({ ...site, archives }, restored === undefined ? archive : { ...archive, setAside: now })
}

/**
 * Records the target, all of it in one write, and the address.
 * @param launch of the new task.
 * @param archive of the data before an upgrade that starts on a copy.
 */
export const moveOver = (
  site: SwappingSite,
  moved: { readonly endpoint: Endpoint; readonly launch: Started; readonly archive?: Archive },
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { endpoint, archive } = moved
  const { blueprint, size } = moved.launch
  const { pausedAt: _, ...operation } = site.operation
  const isElsewhere = site.endpoint !== undefined && !isSameEndpoint(endpoint, site.endpoint)
  const after: ActiveSite = {
    size,
    ...targetOf(site),
    endpoint,
    archives: archivesAfter(site, archive, context.clocks.domain()),
    operation: { ...operation, moved: true, ...(isElsewhere && { leaving: site.endpoint }) },
  }
  const previousVersion = site.blueprint.version
  const { configuration } = operation.target
  const asked = { ...context, actor: operation.actor ?? context.actor }
  if (operation.target.blueprint === undefined && operation.relocates === undefined) {
    if (configuration === undefined)
      return siteChange({ transition: 'move', before: site, after, details: { operation: operation.kind } }, context)
    return siteChange(
      { transition: 'upgrade', before: site, after, details: { previousVersion, configuration } },
      asked,
    )
  }
  const { access: _access, upgradedFrom: _former, ...kept } = after
  const restored = operation.copy?.restores
  const upgraded: ActiveSite = {
    ...kept,
    ...entryAfterUpgrade(site, blueprint),
    ...versionsAfter(site, context),
    ...afterSwitch({ ...site, operation }, archive, context),
    // The restored data may know a former URL.
    ...(restored && blueprint.urlChange === 'hook' ? { urlDue: 'hook' as const } : {}),
  }
  const side = switchDetails({ ...site, operation })
  if (upgraded.plan !== site.plan) {
    return siteChange({ transition: 'changePlan', before: site, after: upgraded, details: side }, context)
  }
  const details = {
    previousVersion,
    ...side,
    ...(configuration !== undefined && { configuration }),
    ...(restored && { restored, askedBy: operation.copy?.askedBy }),
  }
  return siteChange({ transition: 'upgrade', before: site, after: upgraded, details }, asked)
}

/**
 * What roll-outs have to know. An operator who restores data takes an upgrade back, so roll-outs leave the site alone until somebody decides.
 * An owner wants the data, and so does a lost cell: a version that is older is upgraded again, and nothing leads back from it.
 */
const versionsAfter = (
  { operation: { target, copy, relocates }, blueprint: { name, version }, upgradedFrom }: SwappingSite,
  { clocks }: ChangeContext,
): Pick<ActiveSite, 'upgradedFrom' | 'failedUpgrade'> => {
  const { restores: restored, askedBy } = copy ?? {}
  if (target.blueprint === undefined) return { upgradedFrom }
  if (relocates) return {}
  // Another blueprint's versions are other numbers.
  if (target.blueprint.name !== name) return {}
  if (restored === undefined) return { upgradedFrom: version }
  if (askedBy !== 'operator') return {}
  return { upgradedFrom: version, failedUpgrade: { to: version, because: 'DataRestored', at: clocks.wall(), restored } }
}
