import type * as z from 'zod'
import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { replaceableSecrets } from '../../core/blueprint/variables.ts'
import { isId } from '../../core/ids.ts'
import { actOf, requireSite } from '../../core/site/change-site.ts'
import type { Site } from '../../core/site/site.ts'
import { configurationDue } from '../../core/site/site-facts.ts'
import { type HttpRoute, type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { operatorSiteView } from '../operators/views.ts'
import { blueprintOf } from '../sites/run/prepare-launch.ts'
import type { SiteViewPorts } from '../sites/views.ts'
import { applyConfiguration, type ConfigurePorts, changeConfiguration } from './change-configuration.ts'
import { type Configuration, noValues } from './configuration.ts'
import { type configurationViewSchema, configurationOperations as operations } from './operations.ts'

export interface ConfigurationApiPorts extends ConfigurePorts, SiteViewPorts, OperatorPorts {}

/** What can be set for a site that runs a blueprint, and what is. */
export const configurationView = (
  site: Site,
  blueprint: Blueprint,
  versions: readonly Configuration[],
): z.input<typeof configurationViewSchema> => {
  const { configuration: inUse = 0 } = site
  const { variables: declared = {} } = blueprint
  const { variables, secrets } = versions.find(({ version }) => version === inUse) ?? noValues
  const textOf = (name: string) => {
    const { description = null, required = false } = declared[name] ?? {}
    return { name, description, required }
  }
  return {
    inUse,
    applying: configurationDue(site) ?? null,
    // The tables keep no order of names.
    variables: Object.entries(declared)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .filter(([, { secret }]) => !secret)
      .map(([name, { default: usual = null, values }]) => ({
        ...textOf(name),
        value: Object.hasOwn(variables, name) ? (variables[name] ?? null) : null,
        default: usual,
        values: values === undefined ? null : [...values],
      })),
    secrets: replaceableSecrets(blueprint).map((name) => {
      const set = Object.hasOwn(secrets, name) ? secrets[name] : undefined
      return { ...textOf(name), set: set === undefined ? null : { version: set.version, at: set.at } }
    }),
    versions: versions.map(({ version, at, actor, reason, basedOn, changed }) => {
      return { version, at, actor, reason, basedOn, changed: [...changed] }
    }),
  }
}

export const configurationRoutes = (ports: ConfigurationApiPorts): readonly HttpRoute[] => [
  operatorEndpoint(operations.operatorGetConfiguration, ports, async ({ params: { id } }) => {
    const site = requireSite(isId('site', id) ? await ports.sites.get(id) : undefined)
    const blueprint = await blueprintOf(ports.blueprints, site)
    return { body: configurationView(site, blueprint, await ports.configurations.list(site.id)) }
  }),
  operatorEndpoint(operations.operatorChangeConfiguration, ports, async ({ params, body }, context) => {
    const site = await changeConfiguration(ports, actOf(params.id, context), body)
    return { status: body.blueprint === undefined ? 202 : 200, body: operatorSiteView(site, ports) }
  }),
  operatorEndpoint(operations.operatorApplyConfiguration, ports, async ({ params: { id, version }, body }, context) => {
    const site = await applyConfiguration(ports, actOf(id, context), { version, reason: body.reason })
    return { status: 202, body: operatorSiteView(site, ports) }
  }),
]
