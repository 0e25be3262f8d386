import type { BlueprintContainer } from '../../core/blueprint/blueprint.ts'
import type { Launch } from '../../core/ports/runtime.ts'

/** What a container of a launch finds in its environment, besides what its runtime adds. */
export const containerEnvironment = (container: BlueprintContainer, launch: Launch): Record<string, string> => ({
  ...container.environment,
  ...Object.fromEntries(Object.entries(launch.secrets).filter(([name]) => container.secrets.includes(name))),
  ...launch.environment,
})
