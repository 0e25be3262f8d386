import { isDeepStrictEqual } from 'node:util'
import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { findOwnSite, type OwnerAct } from '../../core/site/change-site.ts'
import type { Site } from '../../core/site/site.ts'
import { type ConfigurePorts, changeConfiguration } from '../configuration/change-configuration.ts'
import { type NewValues, noValues, withValues } from '../configuration/configuration.ts'
import { requireSiteOfOwn } from './allowance.ts'
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
    containers: blueprint.containers.map(({ process, ...container }) => ({
      ...container,
      secrets: [...container.secrets, ...hidden],
      variables: [...(container.variables ?? []), ...further],
      environment: without(container.environment, further),
      ...(process && { process: { ...process, environment: without(process.environment ?? {}, further) } }),
    })),
  }
}

/** What a site runs, with the variables that people set: only software of their own gets those that it does not declare. */
export const withOwnVariables = (blueprint: Blueprint, variables: Readonly<Record<string, unknown>> = {}): Blueprint =>
  isOwnBlueprint(blueprint.name) ? declaring(blueprint, { variables }) : blueprint

/**
 * Sets and takes back values of a site for its owner, and starts it with them. Nothing happens if it has them already.
 * @throws {SitewrightError} `NotFound`; `Forbidden` for a site that a vendor's software runs on; as `changeConfiguration`.
 */
export const changeOwnValues = async (ports: ConfigurePorts, act: OwnerAct, values: NewValues): Promise<Site> => {
  const site = await findOwnSite(ports, act)
  requireSiteOfOwn(site)
  const { configuration: basedOn = 0 } = site
  const before = basedOn === 0 ? undefined : await ports.configurations.read(site.id, basedOn)
  const { variables } = before ?? noValues
  const isSame = isDeepStrictEqual(withValues(variables, values.variables), { ...variables })
  if (isSame && Object.keys(values.secrets).length === 0 && Object.keys(values.variables).length > 0) return site
  const blueprints: ConfigurePorts['blueprints'] = {
    ...ports.blueprints,
    get: async (...named) => {
      const found = await ports.blueprints.get(...named)
      return found && declaring(found, values)
    },
  }
  return changeConfiguration({ ...ports, blueprints }, act, { ...values, basedOn, reason: 'By its owner' })
}
