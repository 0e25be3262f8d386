import type * as z from 'zod'
import type { SiteEvent } from '../../core/events/event.ts'
import { isTrialPlan } from '../../core/plan/plan.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { purgeRequestEnds } from '../../core/site/next-step.ts'
import { isKept, isLive, type KeptSite, ownershipOf, type Site } from '../../core/site/site.ts'
import type { Account, Person } from '../accounts/account.ts'
import { releaseCopyOf } from '../releases/restore-copy.ts'
import type { FailureEvidence } from '../sites/evidence/evidence.ts'
import { copyScheduleOf } from '../sites/list-views.ts'
import { lifeView, type SiteViewPorts } from '../sites/views.ts'
import { allowanceOf, type BrakeStore, limitOf, unpurgedSites, usedAt } from '../trials/brake.ts'
import { type TrialRoomPorts, trialRoom } from '../trials/waiting-list/admit-trials.ts'
import type { TrialControlStore, WaitingList } from '../trials/waiting-list/waiting-entry.ts'
import type {
  brakeViewSchema,
  operatorSiteDetailSchema,
  operatorSiteSchema,
  siteEventsSchema,
  siteFailuresSchema,
  trialsViewSchema,
} from './answers.ts'

export interface ControlViewPorts extends TrialRoomPorts {
  readonly brakes: BrakeStore
  readonly sites: Pick<SiteStore, 'countDue'>
  readonly trialControls: TrialControlStore
  readonly waitingList: Pick<WaitingList, 'count' | 'invited'>
}

const maxShown = 10_000
const shownActs = 20

const withoutVersion = <Act extends { readonly schemaVersion: number; readonly version: number }>({
  schemaVersion: _,
  version: __,
  ...said
}: Act) => said

export const brakeView = async (ports: ControlViewPorts): Promise<z.input<typeof brakeViewSchema>> => {
  const { brakes, sites, totals, clocks } = ports
  const now = clocks.domain()
  const [state, history, waiting, known] = await Promise.all([
    brakes.read(),
    brakes.history(shownActs),
    sites.countDue({ kind: 'destructive', until: now, atMost: maxShown }),
    totals.read(),
  ])
  const allowed = allowanceOf(unpurgedSites(known))
  const used = usedAt(state?.spent ?? [], now)
  return {
    tripped: state?.tripped ?? null,
    now,
    seenAt: state?.seenAt ?? null,
    waiting,
    begun: state?.begun ?? 0,
    forecast: state?.forecast === undefined ? null : { ...state.forecast, limit: limitOf(state.forecast) },
    pace: { hour: { used: used.hour, allowed: allowed.hour }, day: { used: used.day, allowed: allowed.day } },
    history: history.map(withoutVersion),
  }
}

export const trialsView = async (ports: ControlViewPorts): Promise<z.input<typeof trialsViewSchema>> => {
  const [{ isPaused, roomFor: _, ...room }, waiting, history] = await Promise.all([
    trialRoom(ports),
    ports.waitingList.count('waiting', maxShown),
    ports.trialControls.history(shownActs),
  ])
  const { ceilings } = ports
  return { paused: isPaused, ...room, ceilings, waiting, history: history.map(withoutVersion) }
}

const untouched = {
  trialEndsAt: null,
  extensionsUsed: 0,
  heldSince: null,
  reprievedUntil: null,
  purgeRequest: null,
  contract: null,
  archives: 0,
  releaseCopy: null,
  dormantSince: null,
  upgradeDue: null,
  failedUpgrade: null,
} as const

const failedUpgradeOf = ({ failedUpgrade }: KeptSite) => {
  if (failedUpgrade === undefined) return null
  const { restored: _, ...failed } = failedUpgrade
  return failed
}

const factsOf = (site: Site) => {
  if (!isKept(site)) return untouched
  const purgeRequest = isLive(site) ? undefined : site.purgeRequest
  const copy = releaseCopyOf(site)
  const due = site.status === 'asleep' ? site.upgradeDue : undefined
  return {
    trialEndsAt: isTrialPlan(site.plan) && site.contract === undefined ? site.trialEndsAt : null,
    extensionsUsed: site.extensionsUsed,
    heldSince: site.heldSince ?? null,
    reprievedUntil: site.reprievedUntil ?? null,
    purgeRequest: purgeRequest === undefined ? null : { ...purgeRequest, endsAt: purgeRequestEnds(purgeRequest) },
    contract: site.contract ?? null,
    archives: site.archives.length,
    releaseCopy: copy === undefined ? null : { id: copy.id, at: copy.at, version: copy.blueprint.version },
    dormantSince: site.status === 'asleep' ? (site.dormantSince ?? null) : null,
    upgradeDue: due === undefined ? null : { to: due.to },
    failedUpgrade: failedUpgradeOf(site),
  }
}

const ownedAs = (site: Site, { siteUrl }: SiteViewPorts) => {
  const ownership = ownershipOf(site)
  if (ownership === undefined) return { accountId: null, ownedSince: null, hostname: null, name: null, url: null }
  const { accountId, hostname, name, since: ownedSince } = ownership
  // The names are erased with the account.
  if (hostname === '') return { accountId, ownedSince, hostname: null, name: null, url: null }
  return { accountId, ownedSince, hostname, name, url: siteUrl(hostname) }
}

export const operatorSiteView = (site: Site, ports: SiteViewPorts): z.infer<typeof operatorSiteSchema> => ({
  id: site.id,
  version: site.version,
  status: site.status,
  ...ownedAs(site, ports),
  plan: site.plan,
  cell: site.cell,
  blueprint: site.blueprint,
  policyVersion: site.policyVersion,
  createdAt: site.createdAt,
  ...factsOf(site),
  copySchedule: copyScheduleOf(site, ports),
  ...lifeView(site, ports),
  attempts: 'operation' in site ? (site.operation?.fence ?? null) : null,
  failure: site.status === 'failed' ? site.failure : null,
})

export const operatorSiteDetail = (
  site: Site,
  { account, owner }: { readonly account: Account | undefined; readonly owner: Person | undefined },
  ports: SiteViewPorts,
): z.infer<typeof operatorSiteDetailSchema> => ({
  ...operatorSiteView(site, ports),
  accountState: account === undefined ? null : (account.closure?.state ?? 'open'),
  owner:
    owner === undefined || account?.closure?.state === 'erased'
      ? null
      : { email: owner.email, name: owner.name ?? null },
})

/** An event without the fields that all events of a site share. */
export const siteEventView = (event: SiteEvent): z.infer<typeof siteEventsSchema>['events'][number] => {
  const { id, type, version, at, actor, causationId, data } = event
  return { id, type, version, at, actor, causationId, data: { ...data } }
}

export const failureView = (evidence: FailureEvidence): z.input<typeof siteFailuresSchema>['failures'][number] => {
  const { id, at, during, error, cause, detail, blueprint, observation } = evidence
  return {
    id,
    at,
    during,
    error,
    cause,
    detail,
    blueprint,
    healthPath: evidence.healthPath ?? null,
    healthAnswer: evidence.healthAnswer ?? null,
    port: observation?.port ?? null,
    listeners: observation?.listeners?.map((listener) => ({ ...listener })) ?? null,
    containers: (observation?.containers ?? []).map(({ lastEnd, lines, ...container }) => ({
      ...container,
      lastEnd: lastEnd ?? null,
      lines: [...lines],
    })),
  }
}
