import { isErrorOfKind, SitewrightError } from '../../core/errors.ts'
import type { Instant } from '../../core/instant.ts'
import type { ArchiveJobState, ArchiveStore } from '../../core/ports/archives.ts'
import type { SiteCheck, SiteStorage } from '../../core/ports/runtime.ts'
import { type Archive, withArchive } from '../../core/site/archive.ts'
import {
  attemptContext,
  beginOperation,
  commitOrRepeat,
  requireOperation,
  type SiteUnder,
} from '../../core/site/change-site.ts'
import { begun, type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { placeOf, type SitePlace } from '../../core/site/location.ts'
import { purgeAsIfDue } from '../../core/site/next-step.ts'
import type { OperationAttempt, OperationOf } from '../../core/site/operation.ts'
import type { ArchivedSite, Site, SuspendedSite } from '../../core/site/site.ts'
import {
  type ArchivingPorts,
  archiveIdOf,
  type CopyingKind,
  copyJob,
  discardCopy,
  discardPushedOut,
  releaseJob,
  requireCopied,
  requireDone,
  verifyJob,
} from './copy/run-archive-job.ts'
import { type GatePorts, passGate } from './gate.ts'

export const beginArchiving = (
  site: SuspendedSite,
  context: ChangeContext,
  how: Pick<OperationOf<'archive'>, 'early'> = {},
): SiteChange<SuspendedSite> => {
  const operation: OperationOf<'archive'> = {
    ...begun(site, 'archive', context),
    kind: 'archive',
    archiveId: context.randomness.id('arc'),
    generation: site.generation,
    ...how,
  }
  return beginOperation(site, { ...site, operation }, context)
}

/** From here on the archive is the site's data. The operation ends when the disk is released. */
export const archiveSite = (
  site: SuspendedSite & SiteUnder<'archive'>,
  archive: Archive,
  context: ChangeContext,
  purge?: Instant,
): SiteChange<ArchivedSite> => {
  const { suspendedAt: _, reprievedUntil: __, ...kept } = site
  const after: ArchivedSite = {
    ...kept,
    status: 'archived',
    archivedAt: context.clocks.domain(),
    warned: [],
    ...(purge !== undefined && { purgeNotBefore: purge }),
    archives: withArchive(site, archive),
  }
  return siteChange({ transition: 'archive', before: site, after, details: { archiveId: archive.id } }, context)
}

/**
 * Archives a stopped site's data; checks before and after that it does not run.
 * @throws {SitewrightError} `RuntimeUnavailable` if it runs before, `ArchivingFailed` if it ran meanwhile.
 */
export const copyData = async (
  ports: ArchivingPorts & { readonly siteCheck: SiteCheck },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireCopied(await ports.sites.get(attempt.siteId), attempt)
  // An earlier attempt lost its reply; the data may be gone.
  if (site.status === 'archived' || (site.operation.kind === 'upgrade' && site.operation.copy?.isLost)) return
  if (await ports.siteCheck.isRunning(placeOf(site))) {
    throw new SitewrightError('RuntimeUnavailable', `${site.id} still runs, so its data cannot be copied.`)
  }
  await requireDone(ports.archiver, copyJob(site, attempt))
  await requireStopped(ports, placeOf(site))
}

/** A late start may have brought the site back. @throws {SitewrightError} `ArchivingFailed`. */
export const requireStopped = async ({ siteCheck }: { siteCheck: SiteCheck }, place: SitePlace): Promise<void> => {
  if (!(await siteCheck.isRunning(place))) return
  throw new SitewrightError('ArchivingFailed', `${place.siteId} ran while its data was copied.`)
}

/** Notes in an archived site's operation whether its copy can be read, for whatever fails later. */
const noteReadable = async (ports: ArchivingPorts, site: Site, attempt: OperationAttempt, isReadable: boolean) => {
  const found = requireOperation(site, attempt, 'archive')
  const { keepsDisk = false, ...operation } = found.operation
  if (keepsDisk !== isReadable) return
  const noted = { ...operation, ...(!isReadable && { keepsDisk: true as const }) }
  const after = { ...found, operation: noted }
  const parts = { transition: 'begin', before: found, after, details: { operation: 'verify' } } as const
  await commitOrRepeat(ports, siteChange(parts, attemptContext(ports, attempt)))
}

/** @throws {SitewrightError} `ArchiveDamaged` of an archived site whatever it is that cannot be read; otherwise as `requireDone`. */
const requireVerified = async (ports: ArchivingPorts, site: SiteUnder<CopyingKind>, attempt: OperationAttempt) => {
  const verifying = requireDone(ports.archiver, verifyJob(site, attempt))
  if (site.status !== 'archived') return verifying
  const verified = await verifying.catch(async (cause: unknown) => {
    if (!isErrorOfKind(cause, 'ArchiveDamaged', 'ArchivingFailed')) throw cause
    await noteReadable(ports, site, attempt, false)
    throw new SitewrightError('ArchiveDamaged', cause.message, { cause })
  })
  await noteReadable(ports, site, attempt, true)
  return verified
}

/** Reads the archive back and verifies it. The next step reads the outcome again. */
export const verifyCopy = async (ports: ArchivingPorts, attempt: OperationAttempt): Promise<void> => {
  await requireVerified(ports, requireCopied(await ports.sites.get(attempt.siteId), attempt), attempt)
}

/** Makes the verified archive the site's data, if the gate is open. It checks the verification itself, whatever the order of states. */
export const archiveDueSite = async (
  ports: ArchivingPorts & GatePorts & { readonly archives: Pick<ArchiveStore, 'remove'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'archive')
  const verified = await requireVerified(ports, site, attempt)
  if (site.status === 'archived') return
  if (site.status !== 'suspended') throw new SitewrightError('OperationSuperseded', `${site.id} is not suspended.`)
  const { early, archiveId } = site.operation
  // Nothing ends early but the use of the disk: the data waits as long as it would have.
  const purge = early ? purgeAsIfDue(site, ports.policies.find(site.policyVersion)) : undefined
  if (!early) await passGate(ports, site, 'archive', attempt, () => discardCopy(ports.archives, site.id, archiveId))
  const archive = archiveOf(site, verified, ports.clocks.domain())
  const change = archiveSite(site, archive, attemptContext(ports, attempt), purge)
  await commitOrRepeat(ports, change)
  await discardPushedOut(ports.archives, { before: site, after: change.after })
}

export const archiveOf = (
  site: SiteUnder<'archive' | 'copy' | 'upgrade'>,
  { bytes, files, dataBytes }: Omit<Extract<ArchiveJobState, { state: 'done' }>, 'state'>,
  at: string,
): Archive => ({
  id: archiveIdOf(site),
  at,
  kind: kindOf(site),
  bytes,
  files,
  ...(dataBytes !== undefined && { dataBytes }),
  blueprint: site.blueprint,
  ...(site.operation.kind === 'copy' && site.operation.pausedMilliseconds !== undefined
    ? { pausedMilliseconds: site.operation.pausedMilliseconds }
    : {}),
})

const archiveKinds = { archive: 'reclaim', copy: 'owner' } as const

/**
 * What is kept while an operator restores the copy from before an upgrade takes its place: one can go forward to it again. A move of a site that
 * keeps its version leaves that copy as it is.
 */
const kindOf = ({ operation, blueprint }: SiteUnder<'archive' | 'copy' | 'upgrade'>): Archive['kind'] => {
  if (operation.kind === 'copy' && operation.scheduled !== undefined) return 'schedule'
  if (operation.kind !== 'upgrade') return archiveKinds[operation.kind]
  const { target, copy, relocates } = operation
  const { name, version } = target.blueprint ?? blueprint
  const isMove = name === blueprint.name && version === blueprint.version
  if (isMove && copy?.restores === undefined) return 'reclaim'
  return copy?.askedBy === 'owner' || (isMove && relocates) ? 'restore' : 'release'
}

/** Deletes this data directory of an archived site, and no other. */
export const releaseData = async (
  ports: ArchivingPorts & { readonly storage: Pick<SiteStorage, 'remove'> },
  attempt: OperationAttempt,
): Promise<void> => {
  const site = requireOperation(await ports.sites.get(attempt.siteId), attempt, 'archive')
  if (site.status !== 'archived') throw new SitewrightError('OperationSuperseded', `${site.id} is not archived.`)
  const home = { ...placeOf(site), generation: site.operation.generation }
  await requireDone(ports.archiver, releaseJob(home, attempt))
  await ports.storage.remove(home)
}
