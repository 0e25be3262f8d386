import { system } from '../../core/events/event-names.ts'
import { rehearsalSlug } from '../../core/hostname/derived-name.ts'
import { hostnameOf } from '../../core/hostname/slug.ts'
import type { SiteId } from '../../core/ids.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Cause } from '../../core/site/causes.ts'
import { type ActPorts, changeSite, startOperationSoon } from '../../core/site/change-site.ts'
import { softwareOwner } from '../../core/site/environment.ts'
import { begun, type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { isRehearsal, type StepDurations } from '../../core/site/rehearsal.ts'
import {
  type BuildingSite,
  isKept,
  isLive,
  type LiveSite,
  ownershipOf,
  type PurgedSite,
  type Site,
} from '../../core/site/site.ts'
import { failBuild } from '../sites/build/build-failure.ts'
import { type ChosenArchive, chooseArchive } from '../sites/build/build-from-archive.ts'
import { startBuild, waitsForCopy } from '../sites/build/request-build.ts'

export type RehearsalPorts = Omit<ActPorts, 'policies'>

/** A site that is a rehearsal, or was one. */
export type RehearsalSite = Site & { readonly rehearsalOf: NonNullable<Site['rehearsalOf']> }

const isOf = (site: Site | undefined, siteId: SiteId): site is RehearsalSite => site?.rehearsalOf?.siteId === siteId

/** The hostname and the slug of the rehearsal of a site; undefined for a site of the pool. */
export const rehearsalNames = (site: Site): { readonly slug: string; readonly hostname: string } | undefined => {
  const { slug = '', hostname = '' } = ownershipOf(site) ?? {}
  if (hostname === '') return undefined
  const rehearsed = rehearsalSlug(slug)
  return { slug: rehearsed, hostname: hostnameOf(rehearsed, hostname.slice(hostname.indexOf('.') + 1)) }
}

/** The present or last rehearsal of a site; undefined if it had none, or lately had none. Strongly consistent. */
export const findRehearsal = async (
  { sites }: { readonly sites: Pick<SiteStore, 'findByHostname'> },
  original: Site,
): Promise<RehearsalSite | undefined> => {
  const names = rehearsalNames(original)
  const found = names && (await sites.findByHostname(names.hostname))
  return isOf(found, original.id) ? found : undefined
}

export interface RehearsalResult {
  readonly status: 'building' | 'passed' | 'failed'
  readonly startedAt: string
  readonly endedAt: string | undefined
  readonly durations: StepDurations
  /** As the evidence says. */
  readonly cause: Cause | undefined
  /** Why it failed, for its owner. */
  readonly reason: string | undefined
}

/** A rehearsal that ended before it had passed has failed. */
export const resultOf = (site: RehearsalSite): RehearsalResult => {
  const { rehearsalOf, createdAt: startedAt } = site
  const { passedAt, durations = {} } = rehearsalOf
  const done = { startedAt, durations, cause: undefined, reason: undefined }
  if (passedAt !== undefined) return { ...done, status: 'passed', endedAt: passedAt }
  if (site.status === 'building') {
    return { ...done, status: 'building', endedAt: undefined, durations: site.operation.durations ?? {} }
  }
  if (site.status === 'failed') {
    const { cause, reason, at } = site.failure
    return { ...done, status: 'failed', endedAt: at, cause, reason }
  }
  const endedAt = site.status === 'purged' ? site.purgedAt : undefined
  return { ...done, status: 'failed', endedAt, reason: 'It ended before it had passed.' }
}

/** Removes a rehearsal: it has a copy alone, so nothing is archived, and no gate is asked. Its hostname is free at once. */
export const endingRehearsal = (site: Site, because: string, context: ChangeContext): SiteChange<PurgedSite> => {
  const { schemaVersion, id, version, cell, plan, blueprint, policyVersion, createdAt, completedSteps } = site
  if (!isRehearsal(site)) throw new Error(`${site.id} is no rehearsal, so it cannot end as one`)
  const hostname = ownershipOf(site)?.hostname
  const after: PurgedSite = {
    ...{ schemaVersion, id, version, cell, plan, blueprint, policyVersion, createdAt, completedSteps },
    generation: site.generation,
    ...(site.generationsUsed && { generationsUsed: site.generationsUsed }),
    ...(site.rehearsalOf && { rehearsalOf: site.rehearsalOf }),
    status: 'purged',
    purgedAt: context.clocks.domain(),
    // Without its owner: an account that is erased does not find its rehearsals.
    operation: { ...begun(site, 'purge', context), kind: 'purge' },
  }
  const release = hostname && { release: { hostname } }
  return siteChange({ transition: 'endRehearsal', before: site, after, details: { because }, ...release }, context)
}

/** Ends a rehearsal, whether it is built, is being built or has ended. */
export const endRehearsal = async (
  ports: RehearsalPorts,
  { id }: RehearsalSite,
  because: string,
  context: ChangeContext,
): Promise<void> => {
  const site = await changeSite(ports.sites, id, (found) =>
    found !== undefined && (found.status === 'building' || isKept(found))
      ? endingRehearsal(found, because, context)
      : undefined,
  )
  if (site !== undefined) await startOperationSoon(ports, site)
}

/**
 * The archive that a build waited for. A clone takes one that is taken and not verified yet: a restore of the archive makes the same checks, and
 * fails the build before anything runs from it. A rehearsal is of a copy that is kept.
 */
const copyFor = ({ archives, operation }: LiveSite, build: BuildingSite): ChosenArchive | undefined => {
  const verified = archives.find(({ at }) => at >= build.createdAt)
  if (verified !== undefined || isRehearsal(build) || operation?.kind !== 'copy') return verified
  const isTaken = operation.pausedAt === undefined && operation.pausedMilliseconds !== undefined
  return isTaken ? { id: operation.archiveId } : undefined
}

/** Begins the build of a rehearsal or a clone once its original is copied. Repeating it begins nothing more. */
export const continueRehearsal = async (
  ports: RehearsalPorts,
  { id, operation: { from } }: BuildingSite,
  causationId: string,
): Promise<void> => {
  const context = { ...ports, actor: system, causationId }
  const original = from && (await ports.sites.get(from.siteId))
  const site = await changeSite(ports.sites, id, (found) => {
    if (found?.status !== 'building' || !waitsForCopy(found)) return undefined
    if (!isLive(original) && isRehearsal(found)) return endingRehearsal(found, 'original-ended', context)
    const archive = isLive(original) ? copyFor(original, found) : undefined
    if (archive !== undefined) return chooseArchive(found, archive, context)
    if (isLive(original) && original.operation?.kind === 'copy') return undefined
    return failBuild(found, { step: 'storage', reason: 'The data of the site could not be copied.' }, context)
  })
  if (site?.status === 'building' && !waitsForCopy(site)) await startBuild(ports.workflows, site)
  else if (site?.status === 'purged') await startOperationSoon(ports, site)
}

/** Continues the builds of environments that wait for a copy of a site. */
const continueClones = async (ports: RehearsalPorts, original: Site, causationId: string): Promise<void> => {
  for await (const { id } of ports.sites.listEnvironments(softwareOwner(original))) {
    const site = await ports.sites.get(id)
    const isWaiting = site?.status === 'building' && waitsForCopy(site) && site.operation.from?.siteId === original.id
    if (isWaiting) await continueRehearsal(ports, site, causationId)
  }
}

/** Brings the rehearsal and the clones of a site into line after a copy, a suspension or a purge of the original. Idempotent. */
export const followOriginal = async (ports: RehearsalPorts, siteId: SiteId, causationId: string): Promise<void> => {
  const original = await ports.sites.get(siteId)
  if (original !== undefined) await continueClones(ports, original, causationId)
  const found = original && (await findRehearsal(ports, original))
  if (found === undefined) return
  if (!isLive(original)) return endRehearsal(ports, found, 'original-ended', { ...ports, actor: system, causationId })
  if (found.status === 'building' && waitsForCopy(found)) await continueRehearsal(ports, found, causationId)
}
