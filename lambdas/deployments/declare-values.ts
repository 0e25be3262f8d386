import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { NewValues } from '../configuration/configuration.ts'
import { isOwnBlueprint } from './deployment.ts'

const without = (texts: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> =>
  Object.fromEntries(Object.entries(texts).filter(([name]) => !names.includes(name)))

/**
 * A version as if its file declared these names, the variables for all its containers. What people set for their own software replaces what
 * the file sets, and needs no line in the file.
 */
export const declaring = (
  blueprint: Blueprint,
  { variables = {}, secrets = {} }: { readonly [Field in keyof NewValues]?: Readonly<Record<string, unknown>> },
): Blueprint => {
  const declared = blueprint.variables ?? {}
  const taken = [...Object.keys(declared), ...blueprint.containers.flatMap((container) => container.secrets)]
  const further = Object.keys(variables).filter((name) => !taken.includes(name))
  const hidden = Object.keys(secrets).filter((name) => !taken.includes(name))
  if (further.length + hidden.length === 0) return blueprint
  return {
    ...blueprint,
    variables: { ...declared, ...Object.fromEntries(further.map((name) => [name, {}])) },
    containers: blueprint.containers.map((container) => ({
      ...container,
      secrets: [...container.secrets, ...hidden],
      variables: [...(container.variables ?? []), ...further],
      environment: without(container.environment, further),
    })),
  }
}

/**
 * What a site runs, with the variables that people set: only software of their own gets those that it does not declare. A plain process never
 * does: with `NODE_OPTIONS` alone, a token would run its code as the user of the host.
 */
export const withOwnVariables = (blueprint: Blueprint, variables: Readonly<Record<string, unknown>> = {}): Blueprint =>
  isOwnBlueprint(blueprint.name) && blueprint.containers.every((container) => container.process === undefined)
    ? declaring(blueprint, { variables })
    : blueprint
