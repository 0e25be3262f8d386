import { brakeFromStore } from '../../core/brake/brake-from-store.ts'
import type { DeadlinePorts } from '../../core/deadlines/deadline-ports.ts'
import type { RunningFunctions } from '../start-functions.ts'
import type { QuietPorts } from './await-quiet.ts'
import { createQuiet } from './await-quiet.ts'
import type { DomainClock } from './domain-clock.ts'
import { nextVisit } from './next-visit.ts'
import type { ClockTurner } from './turn-clock.ts'
import { createClockTurner } from './turn-clock.ts'

/** Puts together what turns the clock of a host that runs. */
export const createHostClock = (parts: {
  readonly clock: DomainClock
  readonly running: Pick<RunningFunctions, 'functions' | 'workflows' | 'isPublished'>
  readonly ports: Pick<DeadlinePorts, 'sites' | 'brakes' | 'totals' | 'policies' | 'log'> &
    Pick<QuietPorts, 'pause' | 'monotonic'>
  readonly newId: () => string
  readonly isStopping: () => boolean
}): ClockTurner => {
  const { clock, running, ports, newId, isStopping } = parts
  /** As the schedule does. */
  const callNow = (name: string) => async (): Promise<void> => {
    const found = running.functions.find((candidate) => candidate.name === name)
    if (found === undefined) throw new Error(`there is no function ${name}`)
    await found.invoke({ id: newId(), 'detail-type': 'Scheduled Event', detail: {} })
  }
  const { workflows, isPublished } = running
  return createClockTurner({
    clock,
    sweep: callNow('act-on-deadlines'),
    quiet: createQuiet({ ...ports, workflows, isPublished, heal: callNow('heal-operations'), isStopping }),
    nextVisit: (way) => nextVisit(ports, way),
    isBrakeOn: brakeFromStore(ports.brakes).isOn,
    isStopping,
  })
}
