import { brakeFromStore } from '../../core/brake/change-brake.ts'
import { nextWakeUp } from '../../core/deadlines/find-next-wake-up.ts'
import type { DeadlinePorts } from '../../core/deadlines/sweep-sites.ts'
import type { Instant } from '../../core/instant.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { dueEntry } from '../../core/site/next-step.ts'
import type { TrialPolicies } from '../../core/site/trial-policies.ts'
import type { RunningFunctions } from '../start-functions.ts'
import type { QuietPorts } from './await-quiet.ts'
import { createQuiet } from './await-quiet.ts'
import type { DomainClock } from './domain-clock.ts'
import type { ClockTurner, Way } from './turn-clock.ts'
import { createClockTurner } from './turn-clock.ts'

/** What collects payments by the same clock, on a machine that stands in for Stripe. */
export interface PaymentsClock {
  /** Does what is due. */
  readonly act: () => void
  readonly nextWakeUp: (after: Instant) => Instant | undefined
  /** Whether all that it tells has been heard. */
  readonly isDelivered: () => boolean
}

/** The earlier of two instants that may not come. */
export const earlier = (one: Instant | undefined, other: Instant | undefined): Instant | undefined => {
  if (one === undefined || other === undefined) return one ?? other
  return one < other ? one : other
}

type NextVisitPorts = Pick<DeadlinePorts, 'sites' | 'brakes' | 'totals'> & { readonly policies: TrialPolicies }

/** The first deadline after an instant, and not beyond the end of the way, of a site that is not left out. */
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
 * Where the clock has to stand next on its way, where a sweep at `now` has done all it can: when it wants to be woken again.
 * Undefined where nothing more happens before the end of the way.
 */
export const nextVisit = async (ports: NextVisitPorts, way: Way): Promise<Instant | undefined> => {
  const sites = way.leftOut.size === 0 ? ports.sites : { ...ports.sites, firstDue: firstDueOnTheWay(ports, way) }
  const next = await nextWakeUp({ ...ports, sites }, way.now, { acted: 0 })
  return next !== undefined && next > way.now && next <= way.until ? next : undefined
}

/** Puts together what turns the clock of a host that runs. */
export const createHostClock = (parts: {
  readonly clock: DomainClock
  readonly running: Pick<RunningFunctions, 'functions' | 'workflows' | 'isPublished'>
  readonly ports: Pick<DeadlinePorts, 'sites' | 'brakes' | 'totals' | 'policies' | 'log'> &
    Pick<QuietPorts, 'pause' | 'monotonic'>
  /** Absent where payments keep a time of their own. */
  readonly payments?: PaymentsClock | undefined
  readonly newId: () => string
  readonly isStopping: () => boolean
}): ClockTurner => {
  const { clock, running, ports, payments, newId, isStopping } = parts
  /** As the schedule does. */
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
  const paymentOnTheWay = ({ now, until }: Way): Instant | undefined => {
    const next = payments?.nextWakeUp(now)
    return next !== undefined && next <= until ? next : undefined
  }
  return createClockTurner({
    clock,
    sweep: async () => {
      // Who has paid by then is known before anything is taken away.
      payments?.act()
      if (payments?.isDelivered() === false) await quiet()
      await actOnDeadlines()
      await checkDomains()
    },
    quiet,
    nextVisit: async (way) => earlier(await nextVisit(ports, way), paymentOnTheWay(way)),
    isBrakeOn: brakeFromStore(ports.brakes).isOn,
    isStopping,
  })
}
