import type * as z from 'zod'
import { SitewrightError } from '../../core/errors.ts'
import type { ArchiveId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'
import { copiesOf, isTrialPlan } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Archive } from '../../core/site/archive.ts'
import { type EnvironmentOf, endOfEnvironment, isEnvironment } from '../../core/site/environment.ts'
import { type LifeStep, nextCopy, nextDestructiveStep, nextLifeStep } from '../../core/site/next-step.ts'
import { isPlanChange } from '../../core/site/operation.ts'
import type { HistoryEntry } from '../../core/site/owner-history.ts'
import { isKept, isLive, type KeptSite, ownershipOf, type Site, type SuspensionReason } from '../../core/site/site.ts'
import { progressOf } from '../../core/site/site-facts.ts'
import type { TrialPolicy } from '../../core/site/trial-policy.ts'
import { canOwnerRevoke } from '../endings/delete-site.ts'
import type { historySchema } from '../http/past-answers.ts'
import { relocationView } from '../relocations/relocation-view.ts'
import { sleepMinutesOf } from '../sleep/choose-sleep.ts'
import type { archivesPageSchema, copyScheduleView, siteViewSchema } from './answers.ts'
import type { BuildEstimate } from './pool/build-times.ts'

const untouched = {
  nextStep: null,
  suspended: null,
  archived: null,
  deletion: null,
  deletionDays: null,
  extension: null,
  operation: null,
  storage: null,
  downSince: null,
  relocation: null,
} as const

/** To restore a copy is an upgrade to what the copy has, and another plan may be one to another size. A way back is no restore that somebody asked for. */
const operationName = (operation: KeptSite['operation']) => {
  if (isPlanChange(operation)) return 'resize' as const
  return operation?.kind === 'upgrade' && operation.copy?.restores !== undefined && !operation.relocates
    ? ('restore-copy' as const)
    : (operation?.kind ?? null)
}

const purgeAt = (site: Site, policy: TrialPolicy): Instant | null => {
  const next = nextDestructiveStep(site, policy)
  return next?.step === 'purge' ? next.dueAt : null
}

/** A step of a site's life with its time; null without one. The ends of rehearsals and environments are shown with these. */
export const stepView = (next: LifeStep | undefined) =>
  next === undefined || next.step === 'end-rehearsal' || next.step === 'end-environment'
    ? null
    : { step: next.step, at: next.dueAt }

const handOverView = ({ handOver }: Site) => {
  if (handOver === undefined) return null
  const at = handOver.status === 'pending' ? null : handOver.at
  const failed = handOver.status === 'failed' ? handOver : undefined
  return { status: handOver.status, at, reason: failed?.reason ?? null, answer: failed?.answer ?? null }
}

const downSince = (site: KeptSite): Instant | null =>
  (site.status === 'active' && site.endpoint === undefined && site.down?.since) || null

/** Why a site does not run. Once a subscription has ended, its owner buys a plan instead of paying what is overdue. */
const reasonNow = <Reason extends SuspensionReason | undefined>({ billing }: KeptSite, because: Reason) =>
  because === 'payment-overdue' && billing?.state === 'ended' ? ('subscription-ended' as const) : because

export const lifeView = (site: Site, { plans, policies }: Pick<Context, 'plans' | 'policies'>) => {
  const policy = policies.of(site)
  if (!isKept(site)) {
    const operation = site.status === 'purged' ? (site.operation?.kind ?? null) : null
    return { ...untouched, operation, handOver: handOverView(site), credentials: site.credentials ?? null }
  }
  const { extensionsUsed, plan, operation, contract } = site
  const deletion = isLive(site) ? undefined : site.deletion
  return {
    nextStep: stepView(nextLifeStep(site, policy)),
    suspended:
      site.status === 'suspended' ? { at: site.suspendedAt, because: reasonNow(site, site.suspendedBecause) } : null,
    archived:
      site.status === 'archived'
        ? {
            at: site.archivedAt,
            purgeAt: purgeAt(site, policy),
            because: reasonNow(site, site.suspendedBecause) ?? null,
          }
        : null,
    deletion:
      deletion === undefined
        ? null
        : { requestedAt: deletion.requestedAt, purgeAt: purgeAt(site, policy), revocable: canOwnerRevoke(deletion) },
    deletionDays: policy.deletionDays,
    extension:
      isTrialPlan(plan) && contract === undefined
        ? { left: Math.max(0, policy.ownerExtensions - extensionsUsed), days: policy.extensionDays }
        : null,
    operation: operationName(operation),
    storage: (isLive(site) ? site.storage : undefined) ?? null,
    downSince: downSince(site),
    relocation: relocationView(site, plans),
    handOver: handOverView(site),
    credentials: site.credentials ?? null,
  }
}

const environmentView = (site: Site & { readonly environmentOf: EnvironmentOf }) => {
  const { siteId, name, branch = null, hasProductionData = false } = site.environmentOf
  return { siteId, name, branch, endsAt: endOfEnvironment(site) ?? null, hasProductionData }
}

export type SiteView = z.infer<typeof siteViewSchema>

export type SiteViewPorts = Pick<Context, 'plans' | 'policies' | 'siteUrl'>

/** A site as its owner sees it; undefined for a site of the pool. */
export const siteView = (
  site: Site,
  { plans, policies, siteUrl }: SiteViewPorts,
  estimate?: BuildEstimate,
): SiteView | undefined => {
  const ownership = ownershipOf(site)
  if (ownership === undefined || site.status === 'ready') return undefined
  // The plan of a site that has ended may be gone.
  const plan = plans.plans.find(({ id }) => id === site.plan)
  const { percent, steps } = progressOf(site)
  return {
    id: site.id,
    slug: ownership.slug,
    hostname: ownership.hostname,
    name: ownership.name,
    url: siteUrl(ownership.hostname),
    mainUrl: siteUrl((isKept(site) ? site.urlHostname : undefined) ?? ownership.hostname),
    status: site.status,
    plan: site.plan,
    planName: plan?.name ?? site.plan,
    features: [...(plan?.features ?? [])],
    trialEndsAt: isKept(site) && isTrialPlan(site.plan) && site.contract === undefined ? site.trialEndsAt : null,
    // A site of the pool is older than its ownership.
    createdAt: ownership.since,
    blueprint: site.blueprint,
    sleepAfterMinutes: isKept(site) && plan ? (sleepMinutesOf(site, plan) ?? null) : null,
    ownersOnly: isKept(site) && site.ownersOnly === true,
    progress: { percent, steps: [...steps], estimate: estimate ?? null },
    ...(isEnvironment(site) && { environment: environmentView(site) }),
    ...lifeView(site, { plans, policies }),
    ...(site.status === 'failed' ? { failure: { reason: site.failure.reason, at: site.failure.at } } : {}),
  }
}

/** An entry of a site's history. @param person the address of who did it, if it was somebody else than who reads it. */
export const historyView = (
  { personId: _, ...entry }: HistoryEntry,
  person?: string,
): z.infer<typeof historySchema>['entries'][number] => {
  const { about = null, plan = null, until = null, reason = null } = entry
  return { ...entry, person: person ?? null, about, plan, until, reason }
}

const archivesOf = (site: Site): readonly Archive[] => (isKept(site) ? site.archives : [])

const encode = (id: ArchiveId): string => Buffer.from(id).toString('base64url')

/** What people call an archive, such as `acme-pumps-2026-11-25-094500`, in UTC: a site is copied several times a day. */
export const archiveName = (site: Site, { at }: Archive): string =>
  `${ownershipOf(site)?.slug ?? site.id}-${at.slice(0, 19).replace('T', '-').replaceAll(':', '')}`

export const copyScheduleOf = (
  site: Site,
  { plans }: Pick<SiteViewPorts, 'plans'>,
): z.infer<typeof copyScheduleView> => {
  const schedule = copiesOf(plans, site.plan)
  if (schedule === undefined) return null
  return { ...schedule, nextAt: nextCopy(site, schedule)?.dueAt ?? null }
}

export const archivesPage = (
  site: Site,
  { limit, cursor }: { readonly limit: number; readonly cursor?: string | undefined },
  ports: Pick<SiteViewPorts, 'plans'>,
): z.infer<typeof archivesPageSchema> => {
  const all = archivesOf(site)
  const last = cursor === undefined ? -1 : all.findIndex(({ id }) => encode(id) === cursor)
  if (cursor !== undefined && last === -1) {
    throw new SitewrightError('InvalidRequest', 'The cursor is not valid. Request the first page without a cursor.', {
      fields: [{ path: 'cursor', message: 'is not valid' }],
    })
  }
  const page = all.slice(last + 1, last + 1 + limit)
  const end = page.at(-1)
  return {
    archives: page.map((archive) => ({
      ...archive,
      name: archiveName(site, archive),
      pausedMilliseconds: archive.pausedMilliseconds ?? null,
    })),
    schedule: copyScheduleOf(site, ports),
    ...(end === undefined || end.id === all.at(-1)?.id ? {} : { cursor: encode(end.id) }),
  }
}

/** @throws {SitewrightError} `NotFound`. */
export const requireArchive = (site: Site, archiveId: string): Archive => {
  const found = archivesOf(site).find(({ id }) => id === archiveId)
  if (found !== undefined) return found
  throw new SitewrightError('NotFound', 'This site has no such archive.')
}
