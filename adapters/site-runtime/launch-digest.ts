import { createHash } from 'node:crypto'
import type { BlueprintContainer } from '../../core/blueprint/blueprint.ts'
import type { Launch } from '../../core/ports/runtime.ts'

const withSortedKeys = (_key: string, value: unknown): unknown =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : value

/** Equal for values that mean the same, whatever the order of their keys: 64 hexadecimal digits. */
export const contentDigest = (value: unknown): string =>
  createHash('sha256').update(JSON.stringify(value, withSortedKeys)).digest('hex')

/**
 * Equal for launches that mean the same, and for no others; gives no secret away. Whether it may be interrupted makes no
 * difference: that is where it runs, not what.
 * @param extra what else makes a difference to the runtime, such as how it builds a container from a launch.
 */
export const launchDigest = ({ interruptible: _, ...launch }: Launch, extra: object = {}): string =>
  contentDigest([launch, extra])

/** What a container of a launch finds in its environment, besides what its runtime adds. */
export const containerEnvironment = (container: BlueprintContainer, launch: Launch): Record<string, string> => ({
  ...container.environment,
  ...Object.fromEntries(Object.entries(launch.secrets).filter(([name]) => container.secrets.includes(name))),
  ...launch.environment,
})
