import { notFound, refuse } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import type { Archive } from '../../core/site/archive.ts'
import { type Act, type ActPorts, operateOnSite, requireIdle, requireSite } from '../../core/site/change-site.ts'
import { isAgreed } from '../../core/site/relocation.ts'
import { isKept, isLive, type LiveSite, type Site } from '../../core/site/site.ts'
import type { BlueprintReader } from '../blueprints/ports.ts'
import { beginWithCopy, type CopyAct, type CopyPorts } from '../endings/copy/begin-copies.ts'
import { isAtWork, isHeldBack, type RolloutStore } from './rollout.ts'
import { isCandidate } from './site-progress.ts'
import { beginDataRestore } from './swap/begin-swap.ts'

export interface RestoreReleaseCopyPorts extends Omit<ActPorts, 'policies'> {
  readonly rollouts: Pick<RolloutStore, 'read'>
  readonly blueprints: Pick<BlueprintReader, 'versions'>
}

/** The archive of a site's data from before its last upgrade that copied it. */
export const releaseCopyOf = (site: Site): Archive | undefined =>
  isKept(site) ? site.archives.find(({ kind }) => kind === 'release') : undefined

/** Whether this archive is restored already, or just now. */
const isRestored = (site: Site, archiveId: string): boolean => {
  if (!isKept(site)) return false
  const { operation, failedUpgrade } = site
  if (operation?.kind === 'upgrade' && operation.copy?.restores === archiveId) return true
  return failedUpgrade?.restored === archiveId
}

const requireLive = (site: Site): LiveSite =>
  isLive(site) ? site : refuse(`The data of a site that is ${site.status} cannot be restored so. It has to be active.`)

const requireReleaseCopy = (site: LiveSite, archiveId: string): Archive => {
  const archive = releaseCopyOf(site)
  if (archive === undefined)
    return refuse(`${site.id} has no copy of the kind \`release\`: no upgrade copied its data.`)
  if (archive.id === archiveId) return archive
  return refuse(`${site.id} no longer has the copy '${archiveId}': its copy of the kind \`release\` is ${archive.id}.`)
}

/** @throws {SitewrightError} `TransitionNotAllowed` while a roll-out is to move the site, or moves it. */
const requireNoRollout = async (
  { rollouts, blueprints }: Pick<RestoreReleaseCopyPorts, 'rollouts' | 'blueprints'>,
  site: Site | undefined,
): Promise<void> => {
  if (!isLive(site)) return
  const { name } = site.blueprint
  const rollout = await rollouts.read(name)
  if (rollout === undefined || !isAtWork(rollout)) return
  const isChosen = rollout.chosen.some(({ siteId }) => siteId === site.id)
  if (!isChosen && !isCandidate(site, { rollout, versions: await blueprints.versions(name) })) return
  refuse(`The roll-out of '${name}' to version ${rollout.to} still moves ${site.id}. Pause or abort it first.`)
}

/**
 * Begins to restore the archive that was made of a site's data before an upgrade, with the version that the site had. The present data is
 * archived first and becomes the site's copy of the kind `release`. A repeated request begins nothing.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` unless the site is active or asleep and has this archive, and while a roll-out moves
 *   it; `OperationInProgress`; `VersionConflict`.
 */
export const restoreReleaseCopy = async (
  ports: RestoreReleaseCopyPorts,
  act: Act,
  { archiveId, reason }: { readonly archiveId: string; readonly reason: string },
): Promise<Site> => {
  const { siteId } = act
  const known = requireSite(isId('site', siteId) ? await ports.sites.get(siteId) : undefined)
  if (!isRestored(known, archiveId)) await requireNoRollout(ports, known)
  return operateOnSite(ports, act, (found, context) => {
    if (isRestored(found, archiveId)) return undefined
    const live = requireLive(found)
    if (isAgreed(live.relocation))
      return refuse('A relocation of this site is agreed on. Switch it back, or confirm it first.')
    requireIdle(live)
    return beginDataRestore(live, { archive: requireReleaseCopy(live, archiveId), reason }, context)
  })
}

export interface RestoreCopyPorts extends CopyPorts, Pick<RestoreReleaseCopyPorts, 'rollouts' | 'blueprints'> {}

const ownCopy = ({ archives, blueprint }: LiveSite, archiveId: string): Archive => {
  const archive = archives.find(({ id }) => id === archiveId) ?? notFound('This site has no such copy.')
  return archive.blueprint.name === blueprint.name
    ? archive
    : refuse('This copy was made with other software. Contact us about it.')
}

/** An older version may be one that operators took back, or that a roll-out takes back just now. */
const requireVersion = async (ports: RestoreCopyPorts, site: LiveSite, { blueprint }: Archive): Promise<void> => {
  if (isAgreed(site.relocation)) refuse('A change of this site is agreed on. Contact us to restore a copy until then.')
  if (blueprint.version === site.blueprint.version) return
  if (isHeldBack(blueprint.version, await ports.rollouts.read(blueprint.name))) {
    refuse('This copy was made with a version of the software that was withdrawn. Contact us about it.')
  }
  await requireNoRollout(ports, site)
}

/**
 * Begins to restore one of the copies of the owner's site, with the version that it was made with. The present data becomes a copy first.
 * @throws {SitewrightError} as `beginWithCopy`; `TransitionNotAllowed` for a withdrawn version, and while a roll-out moves the site from the copy's version.
 */
export const restoreOwnCopy = async (ports: RestoreCopyPorts, act: CopyAct, archiveId: string): Promise<Site> => {
  const request = {
    is: { restore: archiveId, of: act.siteId },
    allow: async (site: LiveSite) => requireVersion(ports, site, ownCopy(site, archiveId)),
  }
  return beginWithCopy(ports, act, request, (site, context) =>
    beginDataRestore(site, { archive: ownCopy(site, archiveId) }, context),
  )
}
