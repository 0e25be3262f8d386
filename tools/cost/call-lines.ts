import { assumptions } from './assumptions.ts'
import type { CostLine } from './cost-line.ts'
import { costLine } from './cost-line.ts'

const gigabyte = 1_000_000

/** So many calls of functions, and what each leaves behind: its time, its log, its trace. */
export const callLines = (
  item: string,
  calls: number,
  options: { readonly seconds?: number; readonly settings?: readonly string[] } = {},
): readonly CostLine[] => {
  const { seconds = assumptions.secondsOfACall, settings = [] } = options
  return [
    costLine(`${item}: calls`, 'functionRequest', calls, settings),
    costLine(`${item}: time`, 'functionTime', calls * seconds * assumptions.functionMemoryGb, settings),
    costLine(`${item}: logs`, 'logs', (calls * assumptions.kilobytesOfLogsACall) / gigabyte, settings),
    costLine(`${item}: traces`, 'trace', calls, settings),
  ]
}
