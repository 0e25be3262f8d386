import { assumptions } from './assumptions.ts'
import type { CostLine } from './cost-line.ts'
import { costLine } from './cost-line.ts'

/** As adapters/ecs/archiver-definition.ts has it: vCPUs and gigabytes. */
const size = { cpu: 0.5, memory: 1 }

/** So many tasks of the archiver, on demand. */
export const jobLines = (item: string, jobs: number): readonly CostLine[] => {
  const hours = (jobs * assumptions.minutesOfAJob) / 60
  return [
    costLine(`${item}: CPU`, 'fargateCpu', hours * size.cpu),
    costLine(`${item}: memory`, 'fargateMemory', hours * size.memory),
  ]
}
