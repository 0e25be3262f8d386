import { assumptions } from './assumptions.ts'
import type { CostLine } from './cost-line.ts'
import { costLine } from './cost-line.ts'

interface TaskSize {
  readonly cpu: number
  readonly memoryMiB: number
}

/** The compute of so many tasks for a month. */
export const taskLines = (
  item: string,
  { cpu, memoryMiB }: TaskSize,
  options: {
    readonly tasks?: number
    readonly interruptible?: boolean
    /** The path of the size in the configuration, with a dot at its end. */
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
