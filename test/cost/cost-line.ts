import { assumptions } from './assumptions.ts'
import { type PriceName, prices } from './prices.ts'

/** A quantity, and its price in US dollars. */
export interface CostLine {
  readonly item: string
  readonly price: PriceName
  readonly quantity: number
  readonly usd: number
  /** The paths in sitewright.config.ts that change the quantity. */
  readonly settings: readonly string[]
}

export const costLine = (
  item: string,
  price: PriceName,
  quantity: number,
  settings: readonly string[] = [],
): CostLine => ({ item, price, quantity, settings, usd: (quantity * prices[price].usd) / prices[price].per })

export const totalOf = (lines: readonly CostLine[]): number => lines.reduce((sum, { usd }) => sum + usd, 0)

/** Multiplies the quantities. */
export const times = (factor: number, lines: readonly CostLine[]): readonly CostLine[] =>
  lines.map((line) => ({ ...line, quantity: line.quantity * factor, usd: line.usd * factor }))

/** A group of lines of a bill. */
export interface BillPart {
  readonly name: string
  readonly lines: readonly CostLine[]
}
export type Bill = readonly BillPart[]

export const linesOf = (bill: Bill): readonly CostLine[] => bill.flatMap(({ lines }) => lines)

/** Adds settings that change the lines. */
export const changedBy = (settings: readonly string[], lines: readonly CostLine[]): readonly CostLine[] =>
  lines.map((line) => ({ ...line, settings: [...settings, ...line.settings] }))

const gigabyte = 1_000_000

/** The cost of function calls: their time, logs and traces. */
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

/** The same as in adapters/ecs/fargate-archiver.ts: vCPUs and gigabytes. */
const size = { cpu: 0.5, memory: 1 }

/** The cost of archiver tasks, on demand. */
export const jobLines = (item: string, jobs: number): readonly CostLine[] => {
  const hours = (jobs * assumptions.minutesOfAJob) / 60
  return [
    costLine(`${item}: CPU`, 'fargateCpu', hours * size.cpu),
    costLine(`${item}: memory`, 'fargateMemory', hours * size.memory),
  ]
}

interface TaskSize {
  readonly cpu: number
  readonly memoryMiB: number
}

/** The compute cost of tasks for a month. */
export const taskLines = (
  item: string,
  { cpu, memoryMiB }: TaskSize,
  options: {
    readonly tasks?: number
    readonly interruptible?: boolean
    /** The path of the size in the configuration, with a trailing dot. */
    readonly sizeSetting: string
    readonly settings?: readonly string[]
  },
): readonly CostLine[] => {
  const { tasks = 1, interruptible = false, sizeSetting, settings = [] } = options
  const hours = tasks * assumptions.hoursInMonth
  return [
    costLine(`${item}: CPU`, interruptible ? 'spotCpu' : 'fargateCpu', hours * cpu, [...settings, `${sizeSetting}cpu`]),
    costLine(`${item}: memory`, interruptible ? 'spotMemory' : 'fargateMemory', (hours * memoryMiB) / 1024, [
      ...settings,
      `${sizeSetting}memoryMiB`,
    ]),
  ]
}
