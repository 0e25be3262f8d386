import type { BrakeState } from '../brake/brake-state.ts'
import { changeBrake } from '../brake/change-brake.ts'
import { clockJump } from '../brake/trip.ts'
import { system } from '../events/system.ts'
import type { Instant } from '../instant.ts'
import { nextDestructiveStep } from '../site/next-step.ts'
import type { DeadlinePorts } from './deadline-ports.ts'

/** Whether by this clock anything would be taken away from anybody, an owner's own deletion included. */
const isAnythingToTake = async ({ sites, policies }: DeadlinePorts, now: Instant): Promise<boolean> => {
  for (const kind of ['destructive', 'deletion'] as const) {
    if ((await sites.countDue({ kind, until: now, atMost: 1 })) > 0) return true
  }
  for await (const site of sites.listDue({ kind: 'notice', until: now })) {
    const end = nextDestructiveStep(site, policies.find(site.policyVersion))
    if (end !== undefined && end.dueAt <= now) return true
  }
  return false
}

/**
 * Compares the domain clock with what the last sweep saw of it, and trips the brake where it has jumped and something would
 * be taken away by it: a host that slept, a wrong date, sweeps that failed for hours.
 */
export const watchClock = async (ports: DeadlinePorts, now: Instant): Promise<BrakeState> => {
  const { brakes, log } = ports
  return changeBrake(brakes, now, async (state) => {
    const { forecast: _, ...withoutForecast } = state
    const jump = ports.clockIsTurned() ? undefined : clockJump(state.seenAt, now)
    if (state.seenAt === now && state.version > 1) return undefined
    if (jump === undefined || state.tripped?.because === 'clock') return { next: { ...state, seenAt: now } }
    if (!(await isAnythingToTake(ports, now))) {
      // What was foretold for days that the clock has left does not hold any more.
      return { next: { ...(jump === 'back' ? withoutForecast : state), seenAt: now } }
    }
    const detail = `The domain clock has gone ${jump === 'ahead' ? 'ahead' : 'back'} from ${state.seenAt} to ${now}.`
    log.error({ event: 'brake-tripped', because: 'clock', seenAt: state.seenAt, now }, 'the brake has tripped')
    return {
      next: { ...state, seenAt: now, tripped: { at: now, because: 'clock', detail } },
      act: { act: 'tripped', because: 'clock', detail, actor: system },
    }
  })
}
