import type { Actor } from '../events/event.ts'
import type { BrakeStore } from '../ports/brake.ts'
import type { Clocks } from '../ports/context.ts'
import type { BrakeState } from './brake-state.ts'
import { changeBrake } from './change-brake.ts'

interface BrakePorts {
  readonly brakes: BrakeStore
  readonly clocks: Clocks
}

interface Decision {
  readonly actor: Actor
  /** The operator's words. */
  readonly reason: string
}

/** Stops by hand what the clock takes away. Where the brake is on already, that is noted and it stays as it is. */
export const pullBrake = ({ brakes, clocks }: BrakePorts, { actor, reason }: Decision): Promise<BrakeState> => {
  const now = clocks.domain()
  return changeBrake(brakes, now, (state) => ({
    next: { ...state, tripped: state.tripped ?? { at: now, because: 'operator', detail: reason } },
    act: { act: 'tripped', because: 'operator', detail: reason, actor },
  }))
}

/**
 * Lets the clock go on. What is due now counts as forecast from here on, and the clock as it stands as right: whoever releases
 * the brake has looked at both. A brake that is off stays off.
 */
export const releaseBrake = ({ brakes, clocks }: BrakePorts, { actor, reason }: Decision): Promise<BrakeState> => {
  const now = clocks.domain()
  return changeBrake(brakes, now, ({ tripped, forecast: _, ...state }) =>
    tripped === undefined
      ? undefined
      : { next: { ...state, seenAt: now }, act: { act: 'released', because: tripped.because, detail: reason, actor } },
  )
}
