import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { Plan } from '../../core/plan/plan.ts'
import type { Cause } from '../../core/site/causes.ts'
import type { ChangeContext, SiteChange } from '../../core/site/lifecycle.ts'
import { isRehearsal } from '../../core/site/rehearsal.ts'
import { isAgreed } from '../../core/site/relocation.ts'
import { isLive, type LiveSite, type Site } from '../../core/site/site.ts'
import { versionDue } from '../../core/site/site-facts.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import type { ChosenSite, Hold, Rollout, RolloutWalk } from './rollout.ts'
import { goesBack } from './rollout-changes.ts'
import { assignVersion, beginUpgrade } from './swap/begin-swap.ts'

/**
 * How a chosen site stands. `assigned`: it sleeps, and gets the version when it wakes. `left`: something else works on it for long, and a later pass finds it again. `skipped`: it is suspended,
 * archived or deleted. `held`: it stays in a cell that the others leave.
 */
export type SiteProgress =
  | { readonly is: 'done'; readonly archiveAt?: string | undefined }
  | { readonly is: 'held'; readonly because: Hold }
  | { readonly is: 'assigned' | 'left' | 'skipped' | 'underway' | 'waits' | 'to-begin' }
  | { readonly is: 'failed'; readonly because: string; readonly cause?: Cause | undefined }

/** In milliseconds: how long a chosen site may be under another operation. */
export const longestWait = 15 * 60_000

/** A roll-out, and all published versions of its blueprint. */
export interface Course {
  readonly rollout: Rollout
  readonly versions: readonly Blueprint[]
}

/** The versions whose changes of the data lie between two: those above the lower one, up to the higher one. */
const passed = (versions: readonly Blueprint[], one: number, other: number): readonly Blueprint[] =>
  versions.filter(({ version }) => version > Math.min(one, other) && version <= Math.max(one, other))

/** Whether a version can use what each of those between has written. */
export const isCompatible = (between: readonly Blueprint[]): boolean =>
  between.every(({ release }) => release?.backwardCompatible === true)

/** The version that a site should get; undefined if it has it, or nothing leads back from it. */
const targetFor = (site: LiveSite, { rollout, versions }: Course): number | undefined => {
  const { name, version: present } = site.blueprint
  const version = versionDue(site)
  if (name !== rollout.blueprint) return undefined
  const { to, downFrom = to } = rollout
  if (rollout.state !== 'going-back') return version === to || version > downFrom ? undefined : to
  // It never ran the version, so its data is as it was.
  if (version === to && version !== present) return present
  const { upgradedFrom: from } = site
  if (version !== to || from === undefined || from >= to) return undefined
  return isCompatible(passed(versions, from, version)) ? from : undefined
}

/** Whether it failed at that version since then, or an operator restored its data from before an upgrade: both are an operator's to decide. */
const hasFailed = ({ failedUpgrade: failed }: LiveSite, to: number, since: string): boolean =>
  failed !== undefined && (failed.to === to || failed.restored !== undefined) && failed.at >= since

/** Whether a site is still to be chosen. Failures are tried again only if an operator says so. */
export const isCandidate = (site: LiveSite, course: Course): boolean => {
  const { rollout } = course
  const { operation, blueprint } = site
  if (isRehearsal(site)) return false
  // What was agreed on is neither changed nor taken back by a roll-out.
  if (isAgreed(site.relocation)) return false
  // In progress to the version that failed: it comes back from there.
  const isOnItsWay =
    operation?.kind === 'upgrade' &&
    operation.target.blueprint?.version === rollout.to &&
    blueprint.name === rollout.blueprint
  if (rollout.state === 'going-back' && isOnItsWay) return true
  if (rollout.state === 'running' && rollout.failed.some(({ siteId }) => siteId === site.id)) return false
  const to = targetFor(site, course)
  return to !== undefined && !hasFailed(site, to, rollout.triesFrom)
}

/** What an upgrade does to the data before the version starts: whether it copies it, and whether it runs a command. */
interface Preparation {
  readonly migrates: boolean
  readonly runs: boolean
}

/**
 * All that lies between the site's version and the next one counts: a version that was skipped migrates when the next one starts. Only the next
 * one's command runs, and none for a lower version. Nothing on the way back, for which the former version reads the data as it is.
 */
const preparationFor = (site: LiveSite, to: number, { rollout, versions }: Course): Preparation => {
  if (rollout.state === 'going-back') return { migrates: false, runs: false }
  const between = passed(versions, site.blueprint.version, to)
  return {
    migrates: to < site.blueprint.version || between.some(({ release }) => release?.migrates === true),
    runs: between.some(({ version, release }) => version === to && release?.command !== undefined),
  }
}

/** A pure function of the site, so that a roll-out that was cut off anywhere continues. */
export const progressOf = (
  site: Site | undefined,
  { at, waitsFrom = at }: ChosenSite,
  course: Course,
  now: string,
): SiteProgress => {
  if (!isLive(site)) return { is: 'skipped' }
  const { operation, failedUpgrade } = site
  // Any other upgrade, such as that to the size of a plan, goes first.
  if (operation?.kind === 'upgrade' && operation.target.blueprint?.name === course.rollout.blueprint) {
    return { is: 'underway' }
  }
  const to = targetFor(site, course)
  if (to === undefined) return { is: versionDue(site) === site.blueprint.version ? 'done' : 'assigned' }
  if (failedUpgrade !== undefined && hasFailed(site, to, at)) {
    const { because, cause } = failedUpgrade
    return { is: 'failed', because, cause }
  }
  // It was agreed on after the site was chosen.
  if (isAgreed(site.relocation)) return { is: 'left' }
  const isLate = plusMilliseconds(waitsFrom, longestWait) < now
  if (operation !== undefined) return { is: isLate ? 'left' : 'waits' }
  return { is: isLate ? 'left' : 'to-begin' }
}

/** Begins to give a site that version of the blueprint, or assigns it if the site sleeps and is not woken for it. Undefined if it stands otherwise by now. */
export const upgradeOf = (
  site: Site | undefined,
  chosen: ChosenSite,
  course: Course,
  context: ChangeContext,
): SiteChange | undefined => {
  if (!isLive(site) || progressOf(site, chosen, course, context.clocks.wall()).is !== 'to-begin') return undefined
  const to = targetFor(site, course)
  if (to === undefined || !course.versions.some(({ version }) => version === to)) return undefined
  const upgrade = { to, ...preparationFor(site, to, course) }
  if (site.status !== 'asleep' || chosen.wakes === true) return beginUpgrade(site, upgrade, context)
  const timesOf = (of: number) => JSON.stringify(course.versions.find(({ version }) => version === of)?.wakeOn)
  return assignVersion(site, { ...upgrade, keepsTimes: timesOf(versionDue(site)) === timesOf(to) }, context)
}

/** What a roll-out does to single sites, by their records. Waves, pace, budget and pause are the same for all. */
export interface Rules {
  /** In the order in which a pass meets them. */
  readonly statuses: readonly RolloutWalk['status'][]
  /** How many passes meet all: some plans may go first. */
  readonly tiers: number
  readonly isCandidate: (site: Site) => boolean
  readonly progressOf: (site: Site | undefined, chosen: ChosenSite, now: string) => SiteProgress
  /** Begins what a site needs; undefined if it stands otherwise by now. @param cell where it has a place, if it leaves its cell. */
  readonly begin: (
    site: Site | undefined,
    chosen: ChosenSite,
    context: ChangeContext,
    cell?: string,
  ) => SiteChange | undefined
  /** Whether sites in use need a place in another cell. */
  readonly leaves: boolean
  /** How long a wave is watched, as its blueprint says. */
  readonly bakeSeconds: number
  /** Whether the sites go back by themselves when it halts. */
  readonly goesBack: boolean
}

/**
 * The rules of a roll-out of a version. @param versions all of its blueprint. @param cells those whose disks are there: a site elsewhere could not
 * start, which says nothing of the version. It gets a newer one when the disk is back. @returns undefined if its version is unknown.
 */
export const rulesOfVersion = (
  rollout: Rollout,
  versions: readonly Blueprint[],
  cells: readonly string[],
): Rules | undefined => {
  const blueprint = versions.find(({ version }) => version === rollout.to)
  if (blueprint === undefined) return undefined
  const course = { rollout, versions }
  return {
    statuses: ['active', 'asleep'],
    tiers: 1,
    isCandidate: (site) => isLive(site) && cells.includes(site.cell) && isCandidate(site, course),
    progressOf: (site, chosen, now) => {
      const progress = progressOf(site, chosen, course, now)
      return progress.is === 'to-begin' && site && !cells.includes(site.cell) ? { is: 'left' } : progress
    },
    begin: (site, chosen, context) => upgradeOf(site, chosen, course, context),
    leaves: false,
    bakeSeconds: blueprint.release?.bakeSeconds ?? 600,
    goesBack: goesBack({ rollout, blueprint }),
  }
}

export interface RulesPorts {
  readonly policies: TrialPolicies
  readonly plans: { readonly plans: readonly Plan[] }
}
