import { functions, minutesOf } from '../../lambdas/manifest.ts'
import { assumptions } from './assumptions.ts'
import { callLines } from './call-lines.ts'
import type { CostLine } from './cost-line.ts'
import { costLine } from './cost-line.ts'

const secondsInMonth = assumptions.hoursInMonth * 3600

/** A site's record as it is listed: two kilobytes, of which an eventually consistent unit reads eight. */
const unitsOfListing = 0.25

/** The sweep that compares what runs with what is recorded reads each site once as running and once as having data. */
const readsOfReconciling = 2

/** Sweeps that list every site each time. */
const listing = ['reconcile-sites', 'meter-storage', 'clear-leftovers']

interface Sweep {
  readonly name: string
  readonly everyMinutes: number
}

const sweeps: readonly Sweep[] = functions.flatMap((definition) => {
  const everyMinutes = minutesOf(definition)
  return everyMinutes === undefined ? [] : [{ name: definition.name, everyMinutes }]
})

/** A sweep that takes longer than its interval comes that much less often: it runs one at a time. */
const runsOf = ({ everyMinutes }: Sweep, seconds: number): number =>
  secondsInMonth / Math.max(everyMinutes * 60, seconds)

/** What the clock wakes for a month, with so many sites running. */
export const sweepLines = (sites: number): readonly CostLine[] =>
  sweeps.flatMap((sweep) => {
    const reads = sweep.name === 'reconcile-sites' ? sites * readsOfReconciling : 0
    const seconds = assumptions.secondsOfACall + reads * assumptions.secondsOfARead
    const runs = runsOf(sweep, seconds)
    const listed = listing.includes(sweep.name) ? sites * unitsOfListing : 1
    return [
      ...callLines(`Sweep ${sweep.name}`, runs, { seconds }),
      costLine(`Sweep ${sweep.name}: reads`, 'tableRead', runs * (reads + listed)),
    ]
  })
