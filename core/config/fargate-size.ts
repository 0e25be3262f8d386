import type { Size } from '../plan/plan.ts'

const gibibytes = (from: number, to: number, step = 1): readonly number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => (from + index * step) * 1024)

/** Memory in MiB that Fargate offers for each number of cores. Source: Amazon ECS Developer Guide, "Task definition parameters for Fargate", task size. */
const memoryByCpu: ReadonlyMap<number, readonly number[]> = new Map([
  [0.25, [512, 1024, 2048]],
  [0.5, gibibytes(1, 4)],
  [1, gibibytes(2, 8)],
  [2, gibibytes(4, 16)],
  [4, gibibytes(8, 30)],
  [8, gibibytes(16, 60, 4)],
  [16, gibibytes(32, 120, 8)],
])

/** Why Fargate does not offer a size; undefined if it does. */
export const fargateSizeProblem = ({ cpu, memoryMiB }: Pick<Size, 'cpu' | 'memoryMiB'>): string | undefined => {
  const offered = memoryByCpu.get(cpu)
  if (offered === undefined) return `Fargate has ${[...memoryByCpu.keys()].join(', ')} CPUs, not ${cpu}`
  if (offered.includes(memoryMiB)) return undefined
  return `with ${cpu} CPUs Fargate offers ${offered.join(', ')} MiB, not ${memoryMiB}`
}
