import { createHash } from 'node:crypto'
import type { Launch } from '../../core/ports/runtime.ts'

const withSortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/**
 * Equal for launches that mean the same, and for no others: 64 hexadecimal digits that give no secret away.
 * @param extra what else makes a difference to the runtime, such as how it builds a container from a launch.
 */
export const launchDigest = (launch: Launch, extra: object = {}): string =>
  createHash('sha256')
    .update(JSON.stringify([launch, extra], withSortedKeys))
    .digest('hex')
