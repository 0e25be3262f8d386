import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { oneTimePassword } from '../../../core/blueprint/handing-over.ts'
import { factsFor } from '../../../core/blueprint/interpolate.ts'
import { SitewrightError } from '../../../core/errors.ts'
import type { PlanCatalogue } from '../../../core/plan/plan.ts'
import type { HealthProbe } from '../../../core/ports/probes.ts'
import type { Launch, SiteRuntime } from '../../../core/ports/runtime.ts'
import { isEnvironment, limitsOf } from '../../../core/site/environment.ts'
import { type Endpoint, placeOf } from '../../../core/site/location.ts'
import { isRehearsal, secretsOwner } from '../../../core/site/rehearsal.ts'
import { isKept, isOfDraft, ownershipOf, type Site } from '../../../core/site/site.ts'
import type { BlueprintReader } from '../../blueprints/ports.ts'
import {
  configurationOf,
  everySecretOf,
  generatedFor,
  requireRunnable,
  type SecretPorts,
  type SecretsOf,
  secretsOf,
} from '../../configuration/read-configuration.ts'
import { withOwnVariables } from '../../deployments/declare-values.ts'
import { isOwnBlueprint } from '../../deployments/deployment.ts'

export interface LaunchPorts extends SecretPorts {
  readonly blueprints: Pick<BlueprintReader, 'get' | 'status'>
  readonly plans: PlanCatalogue
  /** See docs/entitlement.md. */
  readonly rootPublicKey: string
  readonly siteUrl: (hostname: string) => string
}

/**
 * The content that a site runs, or is built from.
 * @throws {SitewrightError} `BlueprintUnknown`, also if a draft has other content by now; `NotFound` for software that went with its site.
 */
export const blueprintOf = async (
  blueprints: Pick<BlueprintReader, 'get' | 'status'>,
  site: Site,
): Promise<Blueprint> => {
  const { name, version } = site.blueprint
  if (!isOfDraft(site)) {
    const blueprint = await blueprints.get(name, version)
    if (blueprint !== undefined) return blueprint
    if (site.status === 'purged' || site.status === 'failed')
      throw new SitewrightError('NotFound', 'The software of this site was removed with it.')
    throw new SitewrightError('BlueprintUnknown', `Blueprint '${name}' version ${version} was never published.`)
  }
  const draft = (await blueprints.status(name))?.draft
  if (draft?.revision === site.draft) return draft.blueprint
  throw new SitewrightError('BlueprintUnknown', `The draft of blueprint '${name}' version ${version} was replaced.`)
}

export interface AnswerPorts extends Pick<LaunchPorts, 'blueprints'> {
  readonly runtime: Pick<SiteRuntime, 'locate'>
  readonly probe: HealthProbe
}

/** Checks once whether a site answers. @throws {SitewrightError} `SiteNotReady`. */
export const requireAnswer = async ({ blueprints, runtime, probe }: AnswerPorts, site: Site): Promise<Endpoint> => {
  const { traffic } = await blueprintOf(blueprints, site)
  const endpoint = await runtime.locate(placeOf(site))
  if (endpoint !== undefined && (await probe.isHealthy(endpoint, traffic))) return endpoint
  throw new SitewrightError('SiteNotReady', `${site.id} does not answer yet.`)
}

/** The site whose secrets a command gets that anonymises a copy of its data, while that has not happened. */
export const copiedFrom = (site: Site): (SecretsOf & { readonly configuration: number | undefined }) | undefined => {
  const from = site.status === 'building' ? site.operation.from : undefined
  const { configuration, dataSecrets } = site.environmentOf?.anonymise ?? {}
  if (from === undefined || site.environmentOf?.anonymise === undefined) return undefined
  return { id: from.siteId, environmentOf: { dataSecrets }, configuration }
}

export const secretsOfSource = async (
  ports: SecretPorts,
  source: NonNullable<ReturnType<typeof copiedFrom>>,
  blueprint: Blueprint,
): Promise<Readonly<Record<string, string>>> => {
  const configuration = await configurationOf(ports, source.id, source.configuration)
  return (await secretsOf(ports, source, blueprint, configuration)).values
}

/**
 * Whether nobody may read any output of a site: a copy is anonymised for it, and its result not loaded yet. No platform records what its
 * commands print.
 */
export const hidesOutput = (site: Site): boolean =>
  site.environmentOf?.result !== undefined &&
  (site.status === 'failed' || (site.status === 'building' && site.operation.seeded !== true))

/** The blueprint with what both sides of a relocation and the targets of an upgrade, and of one that failed, have: the platform may keep output of their tasks. */
const withOtherSides = async (
  { blueprints }: Pick<LaunchPorts, 'blueprints'>,
  site: Site,
  present: Blueprint,
): Promise<Blueprint> => {
  if (!isKept(site)) return present
  const { relocation, operation, failedUpgrade } = site
  const upgrade = operation?.kind === 'upgrade' ? operation.target.blueprint : undefined
  const sides = [
    ...[relocation?.target.blueprint, relocation?.switched?.back.blueprint, upgrade],
    failedUpgrade && { ...site.blueprint, version: failedUpgrade.to },
  ]
  const others = await Promise.all(sides.map((side) => side && blueprints.get(side.name, side.version)))
  const all = [present, ...others.filter((other) => other !== undefined)]
  const handOver = all.find((one) => one.handOver !== undefined)?.handOver
  return { ...present, ...(handOver && { handOver }), containers: all.flatMap(({ containers }) => containers) }
}

/** What no person may read in a site's output: its secrets, and the password with which its owner gets the product handed over. */
export const hiddenValues = async (
  ports: SecretPorts & Pick<LaunchPorts, 'blueprints'>,
  site: Site,
  present: Blueprint,
): Promise<readonly string[]> => {
  const blueprint = await withOtherSides(ports, site, present)
  const source = copiedFrom(site)
  const values = [
    ...(await everySecretOf(ports, { ...site, id: secretsOwner(site) }, blueprint)),
    ...(source === undefined ? [] : await everySecretOf(ports, source, blueprint)),
  ]
  if (blueprint.handOver === undefined) return values
  return [...values, ...(await generatedFor(ports, site, [oneTimePassword])).values()]
}

/** The files of environments say themselves whether they have a way out. */
const isCloneOfVendors = (site: Site): boolean => isEnvironment(site) && !isOwnBlueprint(site.blueprint.name)

/**
 * What a runtime needs to run a site. Name, hostname and features also come with each request. @throws {SitewrightError}
 * `BlueprintUnknown`; `LaunchFailed` if its blueprint requires a value that it does not have.
 */
export const launchOf = async (ports: LaunchPorts, site: Site): Promise<Launch> => {
  const published = await blueprintOf(ports.blueprints, site)
  const owner = secretsOwner(site)
  const configuration = await configurationOf(ports, owner, site.configuration)
  const blueprint = withOwnVariables(published, configuration?.variables)
  const plan = ports.plans.find(site.plan)
  const domain = blueprint.urlChange === 'restart' && isKept(site) ? site.urlHostname : undefined
  const hostname = domain ?? ownershipOf(site)?.hostname
  // Nobody visits a site that only proves a draft, so its URL needs no owner.
  const known = hostname ?? (isOfDraft(site) ? `${site.id.replace('_', '-')}.invalid` : undefined)
  const siteUrl = known === undefined ? undefined : ports.siteUrl(known)
  // A draft is proved without the values of a customer.
  if (!isOfDraft(site)) requireRunnable(blueprint, site.id, configuration)
  const { values: secrets, given } = await secretsOf(ports, { ...site, id: owner }, blueprint, configuration)
  const granted = { ...plan, limits: limitsOf(site, plan) }
  const facts = factsFor(blueprint, { siteUrl, plan: granted }, configuration?.variables)
  return {
    ...placeOf(site),
    generation: site.generation,
    // A rehearsal mails nobody and orders nothing.
    blueprint: isRehearsal(site) || isCloneOfVendors(site) ? { ...blueprint, outbound: 'none' } : blueprint,
    // An upgrade applies another plan's size.
    size: site.size ?? plan.size,
    plan: plan.id,
    interruptible: plan.kind === 'trial' || isEnvironment(site),
    secrets,
    ...(Object.keys(given).length === 0 ? {} : { given }),
    environment: { SITEWRIGHT_SITE_ID: site.id, SITEWRIGHT_ROOT_KEY: ports.rootPublicKey },
    ...(facts === undefined ? {} : { facts }),
  }
}
