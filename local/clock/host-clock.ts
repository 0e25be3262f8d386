import { brakeFromStore } from '../../core/brake/change-brake.ts'
import type { DeadlinePorts } from '../../core/deadlines/sweep-sites.ts'
import type { Instant } from '../../core/instant.ts'
import type { RunningFunctions } from '../start-functions.ts'
import type { QuietPorts } from './await-quiet.ts'
import { createQuiet } from './await-quiet.ts'
import type { DomainClock } from './domain-clock.ts'
import type { Way } from './next-visit.ts'
import { nextVisit } from './next-visit.ts'
import type { PaymentsClock } from './payments-clock.ts'
import { earlier } from './payments-clock.ts'
import type { ClockTurner } from './turn-clock.ts'
import { createClockTurner } from './turn-clock.ts'

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
