import { SitewrightError } from '../../core/errors.ts'
import { system } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { Size } from '../../core/plan/plan.ts'
import type { Context } from '../../core/ports/context.ts'
import type { HealthProbe } from '../../core/ports/probes.ts'
import type { Launch, SiteRuntime } from '../../core/ports/runtime.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import {
  attemptContext,
  beginOperation,
  changeSite,
  commitOrRepeat,
  type ReclaimPorts,
  requireOperation,
  type SiteUnder,
  startOperationSoon,
  wakeOperation,
} from '../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { type Endpoint, placeOf } from '../../core/site/location.ts'
import type { OperationAttempt } from '../../core/site/operation.ts'
import { isAgreed } from '../../core/site/relocation.ts'
import type { ActiveSite, AsleepSite, Site } from '../../core/site/site.ts'
import { countUpTo, type RateLimit, type RateWindows, readUse, type Subject } from '../rate-limits/count-in-windows.ts'
import { isLostCell, isWithdrawn, type RolloutStore } from '../releases/rollout.ts'
import { beginUpgrade, type Upgrade } from '../releases/swap/begin-swap.ts'
import { type LaunchPorts, launchOf } from '../sites/run/prepare-launch.ts'
import {
  isDormant,
  isWaking,
  type SleepPolicy,
  type WakeAnswer,
  type WakeCall,
  wakeCallSchema,
} from './sleep-policy.ts'

/** Begins to wake a site. Replaces a sleep that is still stopping it, and a dormancy that still removes what is kept of it. */
export const beginWake = (
  site: AsleepSite,
  context: ChangeContext,
  details: { readonly reason?: string } = {},
): SiteChange<AsleepSite> => {
  const { operation, dormantSince: _, ...kept } = site
  const idle = operation?.kind === 'sleep' || operation?.kind === 'dormancy' ? kept : site
  const wanted = { ...wakeOperation(site, context), ...(isDormant(site) ? { fromDormancy: true as const } : {}) }
  return beginOperation<AsleepSite>(idle, { ...kept, operation: wanted }, context, details)
}

/** Notes that a site that is being copied wakes afterwards. */
export const wakeAfterCopy = (site: AsleepSite & SiteUnder<'copy'>, context: ChangeContext): SiteChange<AsleepSite> => {
  const operation = { ...site.operation, wakeRequestedAt: context.clocks.wall() }
  const after: AsleepSite = { ...site, operation }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'wake' } }, context)
}

export interface RequestPorts extends Pick<Context, 'clocks' | 'randomness' | 'log'> {
  readonly sites: Pick<SiteStore, 'get' | 'commit'>
  readonly workflows: Workflows
}

/**
 * `begun`: by this call. `waking`: by an earlier one. `after-copy`: it wakes when the copy of its data ends.
 * `in-operation`: another operation decides first. `not-asleep`: there is nothing to wake.
 */
export type WakeOutcome = 'begun' | 'waking' | 'after-copy' | 'in-operation' | 'not-asleep'

/**
 * Begins to wake a site that sleeps, is being stopped for its sleep or becomes dormant, once, however many ask. Any other site is left
 * alone.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const requestWake = async (ports: RequestPorts, siteId: SiteId, causationId: string): Promise<WakeOutcome> => {
  const { clocks, randomness } = ports
  const context = { actor: system, causationId, clocks, randomness }
  const noted: { outcome: WakeOutcome } = { outcome: 'not-asleep' }
  const decide = (found: Site | undefined): SiteChange | undefined => {
    noted.outcome = 'not-asleep'
    if (found?.status !== 'asleep') return undefined
    const { operation } = found
    if (operation === undefined || operation.kind === 'sleep' || operation.kind === 'dormancy') {
      noted.outcome = 'begun'
      return beginWake(found, context)
    }
    if (operation.kind === 'copy') {
      noted.outcome = 'after-copy'
      return operation.wakeRequestedAt === undefined ? wakeAfterCopy({ ...found, operation }, context) : undefined
    }
    noted.outcome = operation.kind === 'wake' ? 'waking' : 'in-operation'
    return undefined
  }
  const site = await changeSite(ports.sites, siteId, decide)
  if (noted.outcome === 'begun' && site !== undefined) await startOperationSoon(ports, site)
  return noted.outcome
}

export interface WakeOnRequestPorts extends RequestPorts {
  readonly rateWindows: RateWindows
  readonly sleep: SleepPolicy
  readonly makeRoom: (causationId: string) => Promise<boolean>
}

/** Clients come as keyed hashes already. */
const codeSecret = async (): Promise<string> => 'wakes'

const subjectsOf = ({ wakes }: SleepPolicy, { siteId, client, isDeliberate }: WakeCall): readonly Subject[] =>
  isDeliberate
    ? [
        ...(client === undefined
          ? []
          : [{ of: 'wakes by button of client', name: client, limits: wakes.buttonOfClient } as const]),
        { of: 'wakes by button', name: siteId, limits: wakes.button },
        { of: 'wakes by buttons', name: '', limits: wakes.everyone },
      ]
    : [
        ...(client === undefined ? [] : [{ of: 'wakes of client', name: client, limits: wakes.client } as const]),
        { of: 'wakes of site', name: siteId, limits: wakes.site },
        { of: 'wakes', name: '', limits: wakes.everyone },
      ]

const findReached = async (ports: WakeOnRequestPorts, subjects: readonly Subject[]): Promise<Subject | undefined> => {
  const uses = await Promise.all(subjects.map((subject) => readUse({ ...ports, codeSecret }, [subject])))
  return subjects.find((_, index) => (uses[index]?.share ?? 0) >= 1)
}

/** Counts a wake in all its limits. @returns the one that others reached meanwhile. */
const countWake = async (ports: WakeOnRequestPorts, subjects: readonly Subject[]): Promise<Subject | undefined> => {
  for (const subject of subjects) {
    if (!(await countUpTo({ ...ports, codeSecret }, subject))) return subject
  }
  return undefined
}

/** Until the shortest window ends; a longer one may refuse again then. */
const secondsLeft = (limits: readonly RateLimit[], now: string): number => {
  const shortest = Math.min(...limits.map(({ minutes }) => minutes)) * 60
  return Math.max(1, shortest - (Math.floor(Date.parse(now) / 1000) % shortest))
}

const runsSoon = (site: Site | undefined): boolean =>
  site?.status === 'active' ||
  isWaking(site) ||
  (site?.status === 'asleep' && site.operation?.kind === 'copy' && site.operation.wakeRequestedAt !== undefined)

const mayWake = (site: Site | undefined): site is AsleepSite =>
  site?.status === 'asleep' && ['sleep', 'dormancy', 'copy', undefined].includes(site.operation?.kind)

/**
 * Wakes a site that a visitor asks for, within the limits. It can do nothing else, so that a router can do nothing else.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const wakeOnRequest = async (
  ports: WakeOnRequestPorts,
  given: unknown,
  causationId: string,
): Promise<WakeAnswer> => {
  const call = wakeCallSchema.parse(given)
  const site = await ports.sites.get(call.siteId)
  if (runsSoon(site)) return { outcome: 'waking' }
  if (!mayWake(site)) return { outcome: 'refused' }
  const subjects = subjectsOf(ports.sleep, call)
  const limited = ({ of, limits }: Subject): WakeAnswer => {
    ports.log.info({ siteId: site.id, of }, 'a site was not woken: too many wakes')
    return { outcome: 'limited', retryAfterSeconds: secondsLeft(limits, ports.clocks.wall()) }
  }
  const reached = await findReached(ports, subjects)
  if (reached !== undefined) return limited(reached)
  if (!(await ports.makeRoom(causationId))) {
    ports.log.warn({ siteId: site.id }, 'a site was not woken: memory is short, and all sites are in use')
    return { outcome: 'no-memory' }
  }
  const exceeded = await countWake(ports, subjects)
  if (exceeded !== undefined) return limited(exceeded)
  const outcome = await requestWake(ports, site.id, causationId)
  return { outcome: outcome === 'in-operation' || outcome === 'not-asleep' ? 'refused' : 'waking' }
}

const timeWake = (
  site: AsleepSite & SiteUnder<'wake'>,
  context: ChangeContext,
): SiteChange<AsleepSite & SiteUnder<'wake'>> => {
  const operation = { ...site.operation, launchedAt: context.clocks.wall() }
  const after = { ...site, operation }
  return siteChange({ transition: 'begin', before: site, after, details: { operation: 'wake' } }, context)
}

/** Records that a site answers again, with the size it was started with. */
export const wake = (
  site: AsleepSite & SiteUnder<'wake'>,
  { endpoint, size }: { readonly endpoint: Endpoint; readonly size: Size },
  context: ChangeContext,
): SiteChange<ActiveSite> => {
  const { asleepSince: _, timesAfter: __, upgradeDue: ___, dormantSince: ____, operation, ...kept } = site
  const after: ActiveSite = { ...kept, status: 'active', endpoint, size }
  const milliseconds = Math.max(0, Date.parse(context.clocks.wall()) - Date.parse(operation.requestedAt))
  return siteChange({ transition: 'wake', before: site, after, details: { milliseconds } }, context)
}

export type WakePorts = ReclaimPorts &
  LaunchPorts & {
    readonly runtime: Pick<SiteRuntime, 'locate' | 'remove' | 'start'>
    readonly probe: HealthProbe
    readonly rollouts: Pick<RolloutStore, 'read' | 'readOfCell'>
    readonly workflows: Workflows
    readonly placementSeconds: number
  }

type WakingSite = AsleepSite & SiteUnder<'wake'>

const requireWaking = (found: Site | undefined, attempt: OperationAttempt): WakingSite => {
  const site = requireOperation(found, attempt, 'wake')
  if (site.status === 'asleep') return site
  throw new SitewrightError('OperationSuperseded', `${site.id} is not asleep.`)
}

/**
 * A workflow that an outage delayed gets its time once more.
 * @throws {SitewrightError} `LaunchFailed`.
 */
const requireInTime = async (
  ports: WakePorts,
  site: WakingSite,
  { blueprint }: Launch,
  attempt: OperationAttempt,
): Promise<WakingSite> => {
  const seconds = ports.placementSeconds + blueprint.traffic.startSeconds
  const { startedAt, launchedAt = startedAt } = site.operation
  if (ports.clocks.wall() <= plusMilliseconds(launchedAt, seconds * 1000)) return site
  if (launchedAt === startedAt && (await ports.runtime.locate(placeOf(site))) === undefined) {
    const change = timeWake(site, attemptContext(ports, attempt))
    await commitOrRepeat(ports, change)
    return change.after
  }
  throw new SitewrightError('LaunchFailed', `${site.id} did not answer within ${seconds} s after it was woken.`)
}

/** Stops the site again if it was suspended meanwhile or its wake failed. */
const startWhileWaking = async ({ sites, runtime }: WakePorts, launch: Launch): Promise<void> => {
  await runtime.start(launch)
  const site = await sites.get(launch.siteId)
  if (site?.status === 'active' || isWaking(site)) return
  await runtime.remove(launch)
  throw new SitewrightError('OperationSuperseded', `${launch.siteId} should no longer run.`)
}

/**
 * Turns the wake of a site with an assigned version into the upgrade to it, unless its roll-out has halted meanwhile: then the site wakes with
 * the version that it has.
 * @throws {SitewrightError} `OperationSuperseded`: the workflow of the upgrade continues.
 */
const upgradeIfWanted = async (ports: WakePorts, site: WakingSite, due: Upgrade, attempt: OperationAttempt) => {
  const { name, version: from } = site.blueprint
  if (isWithdrawn(await ports.rollouts.read(name), { from, to: due.to })) return
  const change = beginUpgrade(site, due, attemptContext(ports, attempt))
  await commitOrRepeat(ports, change)
  await startOperationSoon(ports, change.after)
  throw new SitewrightError('OperationSuperseded', `${site.id} wakes with version ${due.to}.`)
}

/**
 * Starts a site that sleeps, checks once whether it answers, and records where. It is started with each check at which it
 * does not run: a late stop of its sleep may have hit it.
 * @throws {SitewrightError} `SiteNotReady` while it may still answer, then `LaunchFailed`; whatever a start throws.
 */
export const wakeSite = async (ports: WakePorts, attempt: OperationAttempt): Promise<void> => {
  const found = requireWaking(await ports.sites.get(attempt.siteId), attempt)
  if (await isLostCell(ports.rollouts, found.cell))
    throw new SitewrightError(
      'RuntimeUnavailable',
      `The cell '${found.cell}' is lost: ${found.id} is restored elsewhere.`,
    )
  // Roll-outs leave a site alone whose relocation is agreed on.
  const isLeft = isAgreed(found.relocation)
  if (found.upgradeDue !== undefined && !isLeft) await upgradeIfWanted(ports, found, found.upgradeDue, attempt)
  const launch = await launchOf(ports, found)
  const site = await requireInTime(ports, found, launch, attempt)
  const { runtime, probe } = ports
  if ((await runtime.locate(launch, launch)) === undefined) await startWhileWaking(ports, launch)
  const endpoint = await runtime.locate(launch, launch)
  if (endpoint === undefined || !(await probe.isHealthy(endpoint, launch.blueprint.traffic))) {
    throw new SitewrightError('SiteNotReady', `${site.id} does not answer yet.`)
  }
  await commitOrRepeat(ports, wake(site, { endpoint, size: launch.size }, attemptContext(ports, attempt)))
}
