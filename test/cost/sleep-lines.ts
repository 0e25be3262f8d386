import type { Plan } from '../../core/plan/plan.ts'
import { assumptions } from './assumptions.ts'
import { type CostLine, callLines, costLine } from './cost-line.ts'

/** Routers report every five minutes, and a sweep each minute finds idle sites. */
export const minutesUntilNoticed = 6

/** How much of a month a site runs, from 0 to 1, and how often a month it wakes. */
export interface Running {
  readonly share: number
  readonly wakes: number
}

const always: Running = { share: 1, wakes: 0 }

/** Only trials are assumed to be used in sessions: a paid site that may sleep is counted as one in use all day. */
export const runningOf = ({ kind, sleepAfterMinutes }: Plan): Running => {
  if (kind !== 'trial' || sleepAfterMinutes === undefined) return always
  const { sessionsOfTrialADay, minutesOfASession, secondsToStartASite, daysInMonth } = assumptions
  const minutes = secondsToStartASite / 60 + minutesOfASession + sleepAfterMinutes + minutesUntilNoticed
  const share = (sessionsOfTrialADay * minutes) / (24 * 60)
  return share >= 1 ? always : { share, wakes: sessionsOfTrialADay * daysInMonth }
}

/**
 * A wake and the sleep after it: the states of both machines, WakeSite again until the site answers; the commits of both; and the
 * events of these commits, which wake two functions each.
 */
const cycle = { transitions: 5, writeUnits: 60, readUnits: 40, events: 5 }

/** A task that waits for a site checks for five seconds and then waits one; each check after the first is another transition. */
export const checksForASite = Math.ceil(assumptions.secondsToStartASite / 6)

/** The monthly cost of waking a site and of putting it to sleep, without its containers. */
export const wakeLines = ({ wakes }: Running): readonly CostLine[] => {
  const transitions = cycle.transitions + checksForASite
  const calls = transitions + 2 * cycle.events
  const seconds = assumptions.secondsOfACall + assumptions.secondsToStartASite / calls
  return [
    costLine('Wakes: transitions', 'transition', wakes * transitions),
    ...callLines('Wakes', wakes * calls, { seconds }),
    costLine('Wakes: writes', 'tableWrite', wakes * cycle.writeUnits),
    costLine('Wakes: reads', 'tableRead', wakes * (cycle.readUnits + checksForASite)),
    costLine('Wakes: events', 'event', wakes * cycle.events),
  ]
}
