import { toInstant } from '../../../core/instant.ts'
import type { Clock } from '../../../core/ports/clocks.ts'

export interface SimulatedClock {
  readonly now: Clock
  readonly advance: (milliseconds: number) => void
}

/** @param speed how much faster than real time it runs by itself. */
export const simulatedClock = (speed: number): SimulatedClock => {
  const began = Date.now()
  let offset = 0
  return {
    now: () => toInstant(new Date(began + (Date.now() - began) * speed + offset)),
    advance: (milliseconds) => {
      offset += milliseconds
    },
  }
}
