import type { Instant } from '../../core/instant.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { dueEntry } from '../../core/site/next-step.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import type { DeadlinePorts } from '../../lambdas/trials/act-on-deadlines.ts'
import { brakeFromStore } from '../../lambdas/trials/change-brake.ts'
import { nextWakeUp } from '../../lambdas/trials/find-next-wake-up.ts'
import type { RunningFunctions } from '../start-functions.ts'
import { createQuiet, type QuietPorts } from './await-quiet.ts'
import type { DomainClock } from './domain-clock.ts'
import { type ClockTurner, createClockTurner, type Way } from './turn-clock.ts'

/** Collects payments by the same clock, on a machine with the stand-in for Stripe. */
export interface PaymentsClock {
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

type NextVisitPorts = Pick<DeadlinePorts, 'sites' | 'brakes' | 'totals'> & { readonly policies: TrialPolicies }

/** The next deadline of a site that is not skipped; undefined if none lies before the target. */
const firstDueOnTheWay =
  ({ sites, policies }: NextVisitPorts, { now, until, leftOut }: Way): SiteStore['firstDue'] =>
  async ({ kind, after = now }) => {
    for await (const site of sites.listDue({ kind, until })) {
      const at = dueEntry(site, policies.find(site.policyVersion))?.at
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

/** Creates what advances the clock of a running host. */
export const createHostClock = (parts: {
  readonly clock: DomainClock
  readonly running: Pick<RunningFunctions, 'functions' | 'workflows' | 'isPublished'>
  readonly ports: Pick<DeadlinePorts, 'sites' | 'brakes' | 'totals' | 'policies' | 'log'> &
    Pick<QuietPorts, 'pause' | 'monotonic'>
  /** Absent if payments use their own clock. */
  readonly payments?: PaymentsClock | undefined
  readonly newId: () => string
  readonly isStopping: () => boolean
}): ClockTurner => {
  const { clock, running, ports, payments, newId, isStopping } = parts
  /** Invokes a function as its schedule does. */
  const callNow = (name: string) => async (): Promise<void> => {
    const found = running.functions.find((candidate) => candidate.name === name)
    if (found === undefined) throw new Error(`there is no function ${name}`)
    await found.invoke({ id: newId(), 'detail-type': 'Scheduled Event', detail: {} })
  }
  const { workflows } = running
  const isPublished = async (): Promise<boolean> => payments?.isDelivered() !== false && running.isPublished()
  const quiet = createQuiet({ ...ports, workflows, isPublished, heal: callNow('heal-work'), isStopping })
  const actOnDeadlines = callNow('act-on-deadlines')
  const checkDomains = callNow('check-domains')
  const followLeads = callNow('follow-leads')
  const mailSales = callNow('mail-sales')
  const writeReports = callNow('write-reports')
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
      await actOnDeadlines()
      await checkDomains()
      await followLeads()
      await mailSales()
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
      await writeReports()
      return turned
    },
  }
}
