import { parentPort, workerData } from 'node:worker_threads'
import { simulate, type Tally } from '../support/simulation/simulate.ts'

export interface Range {
  readonly from: number
  readonly to: number
  readonly step: number
}

/** Every so many seeds are reported together. */
const reportEvery = 25

/** Runs every `step`-th seed of a range and reports to the thread's starter. */
const { from, to, step }: Range = workerData
let tally: Tally = new Map()
let done = 0
const report = (): void => {
  parentPort?.postMessage({ done, tally })
  tally = new Map()
  done = 0
}
for (let seed = from; seed <= to; seed += step) {
  const failure = await simulate(seed, tally, from === to)
  done += 1
  if (failure !== undefined) parentPort?.postMessage({ failure })
  if (done === reportEvery) report()
}
report()
