import { firstOf } from '../../core/each-at-once.ts'
import { SitewrightError } from '../../core/errors.ts'
import { system } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import { type Instant, plusDays } from '../../core/instant.ts'
import type { Context, Log } from '../../core/ports/context.ts'
import type { SiteTotals } from '../../core/ports/site-lists.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import { startOperationSoon } from '../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { dueStep, isDestructive, reminderDays } from '../../core/site/next-step.ts'
import { type ArchivedSite, isKept, isLive, type KeptSite, type LiveSite, type Site } from '../../core/site/site.ts'
import type { TrialPolicies, TrialPolicy } from '../../core/site/trial-policy.ts'
import { deletionOf } from '../accounts/follow-closures.ts'
import { beginArchiving } from '../endings/archive-site.ts'
import { freeingPlace } from '../endings/delete-site.ts'
import { beginSuspension } from '../endings/end-site.ts'
import { beginPurge } from '../endings/purge-site.ts'
import { endingRehearsal } from '../rehearsals/rehearsal.ts'
import { type Allowance, allowanceOf, type BrakeStore, changeBrake, roomAt, spend, unpurgedSites } from './brake.ts'
import { isClockWrong, type WatchBrakePorts, watchFlood } from './watch-brake.ts'

/** Records a reminder; its event sends the mail once. */
export const remindOwner = (site: LiveSite, daysBefore: number, context: ChangeContext): SiteChange<LiveSite> => {
  const after = { ...site, reminded: [...site.reminded, daysBefore] }
  return siteChange({ transition: 'remind', before: site, after, details: { daysBefore } }, context)
}

export const warnOwner = (site: ArchivedSite, daysBefore: number, context: ChangeContext): SiteChange<ArchivedSite> => {
  const after = { ...site, warned: [...site.warned, daysBefore] }
  return siteChange({ transition: 'warn', before: site, after, details: { daysBefore } }, context)
}

/**
 * Skips reminders of a deadline that has come. The purge of an archive is postponed instead if nobody was warned: after
 * a hold, a paid plan or an outage.
 */
export const skipNotices = (
  site: LiveSite | ArchivedSite,
  policy: TrialPolicy,
  context: ChangeContext,
): SiteChange<LiveSite | ArchivedSite> => {
  const isWarned = isLive(site) || site.warned.length > 0 || policy.warningDaysBefore.length === 0
  const warned = isWarned
    ? { warned: policy.warningDaysBefore }
    : { purgeNotBefore: plusDays(context.clocks.domain(), Math.max(...policy.warningDaysBefore)) }
  const after = isLive(site) ? { ...site, reminded: reminderDays(site, policy) } : { ...site, ...warned }
  return siteChange({ transition: 'skipNotices', before: site, after }, context)
}

/** The notice to send now; none if the deadline itself has come. */
export const noticeOf = (
  site: Site,
  { policies }: { readonly policies: TrialPolicies },
  context: ChangeContext,
): SiteChange | undefined => {
  if (!isLive(site) && site.status !== 'archived') return undefined
  if (site.operation !== undefined) return undefined
  const policy = policies.find(site.policyVersion)
  const due = dueStep(site, policy, context.clocks.domain())
  if (due === undefined) return undefined
  if (isDestructive(due)) return skipNotices(site, policy, context)
  if (!('daysBefore' in due)) return undefined
  return isLive(site) ? remindOwner(site, due.daysBefore, context) : warnOwner(site, due.daysBefore, context)
}

export interface DeadlinePorts extends WatchBrakePorts, Pick<Context, 'clocks' | 'randomness'> {
  readonly sites: SiteStore
  readonly totals: Pick<SiteTotals, 'read'>
  readonly workflows: Workflows
}

export interface DeadlineRun {
  readonly acted: number
  /** Sites whose step waits for the rate limit, the brake or the next run. */
  readonly waiting: number
}

interface Swept {
  readonly acted: number
  readonly left: readonly string[]
}

const nothing: Swept = { acted: 0, left: [] }

const maxShown = 10_000

/**
 * Sends notices and begins destructive steps within the rate limit while the brake is off. A run is bounded; the next
 * one follows in a minute. Notices go first, because a site whose notices are all too late becomes due only then.
 * @throws {SitewrightError} `Unavailable` at the end if a site failed.
 */
export const actOnDeadlines = async (ports: DeadlinePorts, causationId: string): Promise<DeadlineRun> => {
  const { sites, clocks, log } = ports
  const now = clocks.domain()
  const isWrong = await isClockWrong(ports, now)
  const notices = isWrong ? nothing : await sendNotices(ports, now, causationId)
  const deletions = isWrong ? nothing : await beginDeletions(ports, now, causationId)
  const isStopped = isWrong || (await watchFlood(ports, now)).tripped !== undefined
  const paced = isStopped ? nothing : await beginPaced(ports, now, causationId)

  const waiting = await sites.countDue({ kind: 'destructive', until: now, atMost: maxShown })
  const begun = { notices: notices.acted, deletions: deletions.acted, paced: paced.acted }
  const acted = begun.notices + begun.deletions + begun.paced
  if (acted + waiting > 0) {
    log.info({ event: 'deadlines-checked', ...begun, waiting, isStopped }, 'processed deadlines')
  }
  const left = [...notices.left, ...deletions.left, ...paced.left]
  if (left.length > 0) throw new SitewrightError('Unavailable', `Deadline processing failed for: ${left.join(', ')}`)
  return { acted, waiting }
}

const maxNotices = 200

/**
 * Commits the notices that are due; mails follow from their events. A site whose deadline has come is queued for its
 * destructive step.
 */
const sendNotices = (ports: DeadlinePorts, now: Instant, causationId: string): Promise<Swept> => {
  const { sites, log } = ports
  return sweepSites(log, firstOf(sites.listDue({ kind: 'notice', until: now }), maxNotices), async ({ id }) => {
    const site = await sites.get(id)
    const change = site && noticeOf(site, ports, { actor: system, causationId, ...ports })
    return change !== undefined && (await sites.commit(change)).done
  })
}

/** Limits of one run. */
const maxBegun = 100
const maxChecks = 400

/** Begins owners' own deletions and ends rehearsals and environments, which the rate limit does not affect. */
const beginDeletions = (ports: DeadlinePorts, now: Instant, causationId: string): Promise<Swept> => {
  const { sites, policies, log } = ports
  return sweepSites(log, firstOf(sites.listDue({ kind: 'deletion', until: now }), maxBegun), async ({ id }) => {
    const site = await sites.get(id)
    return isStepDue(site, policies, now) && beginStep(ports, site, causationId)
  })
}

/** The first due sites, confirmed by consistent reads. */
const findDue = async ({ sites, policies, log }: DeadlinePorts, now: Instant, room: number) => {
  const found: KeptSite[] = []
  async function* whileRoom(): AsyncGenerator<Site> {
    for await (const site of sites.listDue({ kind: 'destructive', until: now })) {
      yield site
      if (found.length === room) return
    }
  }
  const { left } = await sweepSites(log, firstOf(whileRoom(), maxChecks), async ({ id }) => {
    const site = await sites.get(id)
    if (isStepDue(site, policies, now)) found.push(site)
    return false
  })
  return { found, left }
}

/**
 * Counts steps before they begin: a crash slows the rate, never raises it. A step that a gate postponed was counted before.
 * @returns the sites that may begin.
 */
const reserve = async (
  brakes: BrakeStore,
  now: Instant,
  wanted: readonly KeptSite[],
  allowance: Allowance,
): Promise<readonly KeptSite[]> => {
  let granted: readonly KeptSite[] = []
  await changeBrake(brakes, now, (state) => {
    granted = state.tripped === undefined ? wanted.slice(0, roomAt(state.spent, now, allowance)) : []
    if (granted.length === 0) return undefined
    const first = granted.filter(({ reprievedUntil }) => reprievedUntil === undefined)
    const spent = spend(state.spent, now, granted.length)
    return { next: { ...state, begun: state.begun + first.length, spent } }
  })
  return granted
}

/** Begins the ends that are due, as many as the rate limit has room for. */
const beginPaced = async (ports: DeadlinePorts, now: Instant, causationId: string): Promise<Swept> => {
  const { brakes, totals, log } = ports
  const allowance = allowanceOf(unpurgedSites(await totals.read()))
  const room = Math.min(maxBegun, roomAt((await brakes.read())?.spent ?? [], now, allowance))
  if (room === 0) return nothing
  const { found, left } = await findDue(ports, now, room)
  if (found.length === 0) return { acted: 0, left }
  const granted = await reserve(brakes, now, found, allowance)
  const begun = await sweepSites(log, granted, (site) => beginStep(ports, site, causationId))
  return { acted: begun.acted, left: [...left, ...begun.left] }
}

const isStepDue = (site: Site | undefined, policies: TrialPolicies, now: Instant): site is KeptSite => {
  if (site === undefined || !isKept(site) || site.operation !== undefined) return false
  const due = dueStep(site, policies.find(site.policyVersion), now)
  return due !== undefined && isDestructive(due)
}

const beginning = (site: KeptSite, policies: TrialPolicies, context: ChangeContext): SiteChange | undefined => {
  const step = dueStep(site, policies.find(site.policyVersion), context.clocks.domain())?.step
  if (step === 'suspend' && isLive(site)) return beginSuspension(site, context)
  if (step === 'archive' && site.status === 'suspended') return beginArchiving(site, context)
  if (step === 'purge' && !isLive(site)) return beginPurge(site, context)
  if (step === 'end-rehearsal') return endingRehearsal(site, 'over', context)
  if (step === 'end-environment') return freeingPlace(deletionOf(site, context))
  return undefined
}

/** @returns false if the site was changed meanwhile: it comes again if still due. */
const beginStep = async (ports: DeadlinePorts, site: KeptSite, causationId: string): Promise<boolean> => {
  const change = beginning(site, ports.policies, { actor: system, causationId, ...ports })
  if (change === undefined || !(await ports.sites.commit(change)).done) return false
  await startOperationSoon(ports, change.after)
  return true
}

/**
 * Processes sites one after the other; one failure does not stop the others.
 * @param act returns whether it did anything.
 */
const sweepSites = async <One extends { readonly id: SiteId }>(
  log: Log,
  sites: AsyncIterable<One> | Iterable<One>,
  act: (site: One) => Promise<boolean>,
): Promise<Swept> => {
  let acted = 0
  const left: string[] = []
  for await (const site of sites) {
    try {
      if (await act(site)) acted += 1
    } catch (error) {
      log.warn({ event: 'deadline-failed', siteId: site.id, err: error }, 'a deadline of a site could not be processed')
      left.push(site.id)
    }
  }
  return { acted, left }
}
