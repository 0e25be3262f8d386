import type * as z from 'zod'
import { factsFor } from '../../core/blueprint/interpolate.ts'
import { parseSiteFile } from '../../core/blueprint/site-file.ts'
import { isErrorOfKind, refuse } from '../../core/errors.ts'
import type { Context } from '../../core/ports/context.ts'
import { softwareOwner } from '../../core/site/environment.ts'
import { ownershipOf, type Site } from '../../core/site/site.ts'
import type { ConfigurationStore } from '../configuration/configuration.ts'
import { configurationOf, type SecretPorts, secretsOf } from '../configuration/read-configuration.ts'
import { requireSiteOfOwn } from './allowance.ts'
import { withOwnVariables } from './declare-values.ts'
import { type Deployment, type DeploymentStore, type OwnSoftware, ownBlueprint } from './deployment.ts'
import type { exportedSchema } from './exported-site.ts'

interface DeploymentPorts {
  readonly deployments: Pick<DeploymentStore, 'read'>
}

export interface ExportOwnPorts extends DeploymentPorts, Pick<Context, 'plans' | 'siteUrl'> {
  readonly configurations: Pick<ConfigurationStore, 'read'>
  readonly ownSoftware: Pick<OwnSoftware, 'pushAccess'>
}

/** @throws {SitewrightError} `Forbidden` for a site of a vendor's software; `TransitionNotAllowed` before the first deployment. */
const requireRunning = async ({ deployments }: DeploymentPorts, site: Site): Promise<Deployment> => {
  requireSiteOfOwn(site)
  const { name, version } = site.blueprint
  const found = name === ownBlueprint(site.id) ? await deployments.read(site.id, version) : undefined
  if (found !== undefined) return found
  return refuse('This site runs nothing of your own yet. Deploy to it first.')
}

const dataSecretsOf = ({ file }: Deployment): readonly string[] => parseSiteFile(file).dataSecrets ?? []

/** Plain processes have no registry. */
const pullAccess = ({ ownSoftware }: ExportOwnPorts, site: Site) =>
  ownSoftware.pushAccess(softwareOwner(site), 'pull').catch((error: unknown) => {
    if (isErrorOfKind(error, 'NoRegistry')) return null
    throw error
  })

/**
 * What a site runs, to run it elsewhere: no value of a secret.
 * @throws {SitewrightError} `Forbidden`; `TransitionNotAllowed` before the first deployment.
 */
export const exportOwnSite = async (ports: ExportOwnPorts, site: Site): Promise<z.infer<typeof exportedSchema>> => {
  const live = await requireRunning(ports, site)
  const { version, commit = null, file, images } = live
  const { slug = '', hostname = '' } = ownershipOf(site) ?? {}
  const configuration = await configurationOf(ports, site.id, site.configuration)
  const blueprint = withOwnVariables(live.blueprint, configuration?.variables)
  const plan = ports.plans.find(site.plan)
  const given = Object.entries(blueprint.variables ?? {}).flatMap(([name, { secret }]) => (secret ? [name] : []))
  const secrets = new Set(blueprint.containers.flatMap((container) => container.secrets))
  return {
    ...{ slug, version, commit, file, blueprint, images, given },
    facts: { ...factsFor(blueprint, { siteUrl: ports.siteUrl(hostname), plan }, configuration?.variables) },
    variables: configuration?.variables ?? {},
    generated: [...secrets].filter((name) => !given.includes(name)),
    dataSecrets: [...dataSecretsOf(live)],
    pull: await pullAccess(ports, site),
  }
}

/**
 * The secrets without which the data of a site cannot be read, and no other ones.
 * @throws {SitewrightError} `Forbidden`; `TransitionNotAllowed` before the first deployment.
 */
export const dataSecretValues = async (
  ports: SecretPorts & DeploymentPorts,
  site: Site,
): Promise<Readonly<Record<string, string>>> => {
  const live = await requireRunning(ports, site)
  const names = dataSecretsOf(live)
  const configuration = await configurationOf(ports, site.id, site.configuration)
  const { values } = await secretsOf(ports, site, live.blueprint, configuration)
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.includes(name)))
}
