import { createHash } from 'node:crypto'
import type { Launch } from '../../core/ports/runtime.ts'

const withSortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** Equal for equal values, in any order of their keys: 64 hexadecimal digits. */
export const contentDigest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value, withSortedKeys)).digest('hex')

/**
 * Equal for launches that mean the same, and for no others; reveals no secret. Ignores the cell, the plan and whether the launch
 * may be interrupted: that is where it runs and who pays, not what. Another cell has another generation of the data. @param extra what else matters to the runtime, such as how it builds a container.
 */
export const launchDigest = (
  { interruptible: _, plan: __, cell: ___, ...launch }: Launch,
  extra: object = {},
): string => contentDigest([launch, extra])
