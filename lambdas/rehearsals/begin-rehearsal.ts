import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { entryAfterUpgrade } from '../../core/blueprint/handing-over.ts'
import { refuse, refuseField, SitewrightError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { plusDays } from '../../core/instant.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Archive } from '../../core/site/archive.ts'
import {
  type Act,
  actContext,
  changeNamedSite,
  requireIdle,
  requireSite,
  startOperationSoon,
} from '../../core/site/change-site.ts'
import { refuseEnvironment } from '../../core/site/environment.ts'
import { isSameTarget, type RehearsalTarget } from '../../core/site/rehearsal.ts'
import { isLive, type LiveSite, type Site } from '../../core/site/site.ts'
import type { BlueprintReader } from '../blueprints/ports.ts'
import { beginCopy } from '../endings/copy/take-copy.ts'
import { runsCommand } from '../sites/build/build-from-archive.ts'
import { requestBuild, type SiteRequest } from '../sites/build/request-build.ts'
import { dataOf, type PlacementPorts, readCells, takesData } from '../sites/cells/place-sites.ts'
import { endRehearsal, findRehearsal, type RehearsalPorts, type RehearsalSite, rehearsalNames } from './rehearsal.ts'

export interface BeginRehearsalPorts extends RehearsalPorts, PlacementPorts, Pick<Context, 'plans'> {
  readonly blueprints: Pick<BlueprintReader, 'get'>
}

const rehearsalDays = 7

/** An archive that is older is not what the site has now. */
const freshDays = 1

const wrong = (path: string, problem: string): never =>
  refuseField(`target.${path}`, problem, `The target cannot be rehearsed: ${problem}`)

const requireLive = (site: Site): LiveSite => {
  refuseEnvironment(site, 'has no rehearsals')
  return isLive(site) ? site : refuse(`A site that is ${site.status} cannot be rehearsed. It has to be active.`)
}

const blueprintFor = async (
  { blueprints }: BeginRehearsalPorts,
  site: LiveSite,
  target: RehearsalTarget,
): Promise<Blueprint> => {
  const { name, version } = target.blueprint ?? site.blueprint
  const found = await blueprints.get(name, version)
  return found ?? wrong('blueprint', `version ${version} of the blueprint '${name}' was never published`)
}

const planFor = ({ plans: { plans } }: BeginRehearsalPorts, site: LiveSite, { plan = site.plan }: RehearsalTarget) =>
  plans.some(({ id }) => id === plan) ? plan : wrong('plan', `there is no plan '${plan}'`)

/** Counts the site for its cell. */
const takePlace = async (
  ports: BeginRehearsalPorts,
  site: LiveSite,
  { cell = site.cell }: RehearsalTarget,
): Promise<string> => {
  const found = (await readCells(ports)).find(({ name }) => name === cell)
  if (found === undefined) return wrong('cell', `there is no cell '${cell}'`)
  const isOpen = found.closed === undefined && takesData(found, dataOf(site))
  if (isOpen && (await ports.cellCounts.add(cell, found.sites))) return cell
  throw new SitewrightError('Unavailable', `The cell '${cell}' has no room for a rehearsal at the moment.`)
}

/** Taken before something else replaced the data, so it may be of data that somebody gave up. */
const isSetAside = ({ kind }: Archive): boolean => kind === 'restore' || kind === 'release'

/** The newest archive of the data as the site has it now. */
export const freshArchive = (
  { archives: [newest], blueprint: { name, version } }: LiveSite,
  now: string,
): Archive | undefined => {
  if (newest === undefined || isSetAside(newest)) return undefined
  const isOfVersion = newest.blueprint.name === name && newest.blueprint.version === version
  return isOfVersion && plusDays(newest.at, freshDays) >= now ? newest : undefined
}

/** Begins a copy of the original, or finds one under way. */
export const copyOriginal = async (ports: RehearsalPorts, act: Act): Promise<void> => {
  const site = await changeNamedSite(ports, act, (found, context) => {
    const live = requireLive(found)
    if (live.operation?.kind === 'copy') return undefined
    requireIdle(live)
    return beginCopy(live, context)
  })
  await startOperationSoon(ports, site)
}

/**
 * Begins to build a rehearsal: a copy of a site with what the target says. It ends the one before. If the newest archive is older than a
 * day, a copy of the site comes first. A repeated request finds the rehearsal that is being built.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` unless the site is active or asleep; `OperationInProgress`; `InvalidRequest` for a target
 *   that does not exist; `Unavailable` without room; `VersionConflict`.
 */
export const beginRehearsal = async (
  ports: BeginRehearsalPorts,
  act: Act,
  { target, reason }: { readonly target: RehearsalTarget; readonly reason: string },
): Promise<{ readonly original: LiveSite; readonly rehearsal: RehearsalSite }> => {
  const original = requireLive(await changeNamedSite(ports, act, () => undefined))
  const former = await findRehearsal(ports, original)
  if (former?.status === 'building' && isSameTarget(former.rehearsalOf.target, target)) {
    return { original, rehearsal: former }
  }
  const blueprint = await blueprintFor(ports, original, target)
  const plan = planFor(ports, original, target)
  const cell = await takePlace(ports, original, target)
  const archive = freshArchive(original, ports.clocks.domain())
  if (archive === undefined) await copyOriginal(ports, act)
  const context = actContext(ports, act)
  if (former !== undefined) await endRehearsal(ports, former, 'replaced', context)
  const request = { ...requestOf(ports, original, { blueprint, target, archive }), cell, plan, reason }
  const rehearsal = await requestBuild(ports, request, context)
  if (typeof rehearsal === 'string' || rehearsal.rehearsalOf === undefined) {
    return refuse(
      `Another rehearsal of this site has just begun, or another site has the name ${request.ownership?.hostname}.`,
    )
  }
  return { original, rehearsal: { ...rehearsal, rehearsalOf: rehearsal.rehearsalOf } }
}

const requestOf = (
  { randomness, clocks }: BeginRehearsalPorts,
  original: LiveSite,
  made: { readonly blueprint: Blueprint; readonly target: RehearsalTarget; readonly archive: Archive | undefined },
): Omit<SiteRequest, 'cell' | 'plan'> => {
  const { blueprint, target, archive } = made
  const { id: siteId, ownership, handOver, policyVersion } = original
  const names = rehearsalNames(original) ?? refuse('This site has no hostname.')
  const from = { siteId, ...(archive && { archiveId: archive.id }) }
  const { configuration = original.configuration } = target
  const now = clocks.domain()
  return {
    id: randomness.id('site'),
    blueprint: { name: blueprint.name, version: blueprint.version },
    policyVersion,
    ownership: { ...ownership, ...names, since: now },
    reserve: { hostname: names.hostname },
    // Nobody but its owner gets in.
    entry: {
      ...entryAfterUpgrade(original, blueprint),
      access: 'owner',
      ...(handOver?.status === 'done' && { handOver }),
    },
    from,
    ...(configuration && { configuration }),
    runs: runsCommand(blueprint, archive?.blueprint ?? original.blueprint),
    rehearsalOf: {
      ...from,
      ...(archive && { writtenBy: archive.blueprint }),
      target,
      until: plusDays(now, rehearsalDays),
    },
  }
}

/** A site with its present or last rehearsal. @throws {SitewrightError} `NotFound` for an unknown site. */
export const rehearsalOf = async (
  ports: Pick<RehearsalPorts, 'sites'>,
  siteId: string,
): Promise<{ readonly original: Site; readonly rehearsal: RehearsalSite | undefined }> => {
  const original = requireSite(isId('site', siteId) ? await ports.sites.get(siteId) : undefined)
  return { original, rehearsal: await findRehearsal(ports, original) }
}
