import { type Instant, toInstant } from '../../../core/instant.ts'
import type { Clock } from '../../../core/ports/context.ts'

export interface SimulatedClock {
  /** The wall clock. */
  readonly now: Clock
  /** Ahead of the wall clock by as much as it was turned. */
  readonly domain: Clock
  /** Lets time pass, by both clocks. */
  readonly advance: (milliseconds: number) => void
  /** Turns the domain clock forward; never back. */
  readonly turnTo: (instant: Instant) => void
}

/** @param speed how much faster than real time it runs by itself. */
export const simulatedClock = (speed: number): SimulatedClock => {
  const began = Date.now()
  let offset = 0
  let turned = 0
  const wall = (): number => began + (Date.now() - began) * speed + offset
  return {
    now: () => toInstant(new Date(wall())),
    domain: () => toInstant(new Date(wall() + turned)),
    advance: (milliseconds) => {
      offset += milliseconds
    },
    turnTo: (instant) => {
      turned = Math.max(turned, Date.parse(instant) - wall())
    },
  }
}
