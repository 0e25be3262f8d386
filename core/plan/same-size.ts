import type { Size } from './plan.ts'

export const isSameSize = (one: Size, other: Size | undefined): boolean =>
  one.cpu === other?.cpu && one.memoryMiB === other.memoryMiB && one.processes === other.processes
