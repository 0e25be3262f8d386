import { endOfTime, type Instant } from '../../core/instant.ts'
import { copiesOf, type PlanCatalogue } from '../../core/plan/plan.ts'
import type { Log } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { Workflows } from '../../core/ports/workflows.ts'
import { operationExecution } from '../../core/site/change-site.ts'
import { dueEntry } from '../../core/site/next-step.ts'
import type { ReclaimOperation } from '../../core/site/operation.ts'
import type { Site } from '../../core/site/site.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import type { DeadlinePorts } from '../../lambdas/trials/act-on-deadlines.ts'
import { brakeFromStore } from '../../lambdas/trials/brake.ts'
import { nextWakeUp } from '../../lambdas/trials/find-next-wake-up.ts'
import { callScheduled } from '../scheduler.ts'
import type { RunningFunctions } from '../start-functions.ts'
import type { DomainClock } from './domain-clock.ts'
import { type ClockTurner, createClockTurner, type Way } from './turn-clock.ts'

/** In milliseconds. */
const pollEvery = 10
const healEvery = 2000
/** The limit for operations that run: an archive of many gigabytes takes long. */
const patienceWithRunning = 15 * 60_000
/** The limit for operations that fail and are retried later, and for events that cannot be published. */
const patienceWithWaiting = 60_000

interface QuietPorts {
  readonly sites: Pick<SiteStore, 'listDue' | 'get'>
  readonly workflows: Pick<Workflows, 'status'>
  /** Whether every committed event has reached its subscribers. */
  readonly isPublished: () => Promise<boolean>
  /** Restarts operations without a running workflow. */
  readonly heal: () => Promise<unknown>
  readonly isStopping: () => boolean
  readonly pause: (milliseconds: number) => Promise<void>
  /** Monotonic milliseconds, whatever the clocks are set to. */
  readonly monotonic: () => number
  readonly log: Log
}

const operationOf = (site: Site | undefined): ReclaimOperation | undefined =>
  site !== undefined && 'operation' in site && site.operation?.kind !== 'provision' ? site.operation : undefined

/**
 * Creates a function that waits until no operation runs and every event has been handled. It waits only once for an operation
 * that takes too long.
 */
export const createQuiet = (ports: QuietPorts): (() => Promise<void>) => {
  const { sites, workflows, isPublished, heal, isStopping, pause, monotonic, log } = ports
  const seenAt = new Map<string, number>()
  const leftOut = new Set<string>()

  const isOverdue = async (site: Site, operation: ReclaimOperation): Promise<boolean> => {
    const since = seenAt.get(operation.id) ?? monotonic()
    seenAt.set(operation.id, since)
    const waited = monotonic() - since
    if (waited < patienceWithWaiting) return false
    const status = await workflows.status(`${operation.kind}-site`, operationExecution(operation))
    if (status === 'running' && waited < patienceWithRunning) return false
    log.warn({ siteId: site.id, operation: operation.kind }, 'the clock advances although an operation has not ended')
    leftOut.add(operation.id)
    return true
  }

  const isWorking = async (): Promise<boolean> => {
    for await (const { id } of sites.listDue({ kind: 'operation', until: endOfTime })) {
      // The index may be outdated; the record is current.
      const site = await sites.get(id)
      const operation = operationOf(site)
      if (site === undefined || operation === undefined || leftOut.has(operation.id)) continue
      if (!(await isOverdue(site, operation))) return true
    }
    return false
  }

  /** Operations come first: each step commits its events with its result. */
  const whatGoesOn = async (): Promise<'work' | 'events' | 'nothing'> => {
    if (await isWorking()) return 'work'
    return (await isPublished()) ? 'nothing' : 'events'
  }

  /** Keeps waiting unless publishing events takes too long. */
  const waitOn = async (
    goesOn: 'work' | 'events',
    patience: { healAt: number; publishedBy: number },
  ): Promise<boolean> => {
    const now = monotonic()
    if (goesOn === 'work') patience.publishedBy = now + patienceWithWaiting
    if (now >= patience.publishedBy) {
      log.warn({}, 'the clock advances although events could not be published')
      return false
    }
    if (now >= patience.healAt) {
      // It has logged its failures.
      await heal().catch(() => undefined)
      patience.healAt = now + healEvery
    }
    await pause(pollEvery)
    return true
  }

  return async () => {
    const now = monotonic()
    const patience = { healAt: now + healEvery, publishedBy: now + patienceWithWaiting }
    // Twice: an event that is handled during the second check may have started an operation.
    for (let quiet = 0; quiet < 2 && !isStopping(); ) {
      const goesOn = await whatGoesOn()
      quiet = goesOn === 'nothing' ? quiet + 1 : 0
      if (goesOn !== 'nothing' && !(await waitOn(goesOn, patience))) return
    }
  }
}

/** Collects payments by the same clock, on a machine with the stand-in for Stripe. */
interface PaymentsClock {
  /** Collects payments that are due. */
  readonly act: () => void
  readonly nextWakeUp: (after: Instant) => Instant | undefined
  /** Whether all its events have been delivered. */
  readonly isDelivered: () => boolean
}

/** The earlier of two instants, either of which may be missing. */
export const earlier = (one: Instant | undefined, other: Instant | undefined): Instant | undefined => {
  if (one === undefined || other === undefined) return one ?? other
  return one < other ? one : other
}

type NextVisitPorts = Pick<DeadlinePorts, 'sites' | 'brakes' | 'totals'> & {
  readonly policies: TrialPolicies
  readonly plans: Pick<PlanCatalogue, 'plans'>
}

/** The next deadline of a site that is not skipped; undefined if none lies before the target. */
const firstDueOnTheWay =
  ({ sites, policies, plans }: NextVisitPorts, { now, until, leftOut }: Way): SiteStore['firstDue'] =>
  async ({ kind, after = now }) => {
    for await (const site of sites.listDue({ kind, until })) {
      const at = dueEntry(site, policies.of(site), copiesOf(plans, site.plan))?.at
      if (at !== undefined && at > after && !leftOut.has(site.id)) return at
    }
    return undefined
  }

/**
 * The next time at which to stop: when a sweep at `now`, which has done all it can, wants to run again.
 * Undefined if nothing happens before the target.
 */
export const nextVisit = async (ports: NextVisitPorts, way: Way): Promise<Instant | undefined> => {
  const sites = way.leftOut.size === 0 ? ports.sites : { ...ports.sites, firstDue: firstDueOnTheWay(ports, way) }
  const next = await nextWakeUp({ ...ports, sites }, way.now, { acted: 0 })
  return next !== undefined && next > way.now && next <= way.until ? next : undefined
}

export const createHostClock = (parts: {
  readonly clock: DomainClock
  readonly running: Pick<RunningFunctions, 'functions' | 'workflows' | 'isPublished'>
  readonly ports: NextVisitPorts & Pick<QuietPorts, 'pause' | 'monotonic' | 'log'>
  /** Absent if payments use their own clock. */
  readonly payments?: PaymentsClock | undefined
  readonly newId: () => string
  readonly isStopping: () => boolean
}): ClockTurner => {
  const { clock, running, ports, payments, newId, isStopping } = parts
  const callNow = (name: string): Promise<void> => callScheduled(running.functions, name, newId)
  const isPublished = async (): Promise<boolean> => payments?.isDelivered() !== false && running.isPublished()
  const heal = () => callNow('heal-work')
  const quiet = createQuiet({ ...ports, workflows: running.workflows, isPublished, heal, isStopping })
  const paymentOnTheWay = ({ now, until }: Way): Instant | undefined => {
    const next = payments?.nextWakeUp(now)
    return next !== undefined && next <= until ? next : undefined
  }
  const turner = createClockTurner({
    clock,
    sweep: async () => {
      // Payments come first, so that a paid site is not suspended.
      payments?.act()
      if (payments?.isDelivered() === false) await quiet()
      for (const name of ['act-on-deadlines', 'check-domains', 'follow-leads', 'mail-sales']) await callNow(name)
    },
    quiet,
    nextVisit: async (way) => earlier(await nextVisit(ports, way), paymentOnTheWay(way)),
    isBrakeOn: brakeFromStore(ports.brakes).isOn,
    isStopping,
  })
  return {
    ...turner,
    turn: async (advance) => {
      const turned = await turner.turn(advance)
      // Once for all days: to load DuckDB takes time.
      await callNow('write-reports')
      return turned
    },
  }
}
