import { SitewrightError } from '../../core/errors.ts'
import { findOwnSite } from '../../core/site/change-site.ts'
import type { Site } from '../../core/site/site.ts'
import { type ActEndpointPorts, actEndpoint, actOf } from '../_runtime/act-endpoint.ts'
import { ownerEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import { configurationView } from '../configuration/api.ts'
import type { ConfigurePorts } from '../configuration/change-configuration.ts'
import { noValues } from '../configuration/configuration.ts'
import { blueprintOf } from '../sites/run/prepare-launch.ts'
import { type AdvancePorts, advanceDeploymentsOf, keepNeeded } from './advance-deployments.ts'
import { requireOwnSoftware, requireSiteOfOwn } from './allowance.ts'
import { declaring } from './declare-values.ts'
import { type DeployPorts, deploy, requireDeployableSite } from './deploy.ts'
import type { Deployment, OwnSoftware } from './deployment.ts'
import { deploymentOperations as operations } from './operations.ts'
import { changeOwnValues } from './own-values.ts'

interface DeploymentApiPorts
  extends Omit<AdvancePorts, 'accounts'>,
    Omit<DeployPorts, keyof AdvancePorts>,
    Omit<ConfigurePorts, keyof AdvancePorts>,
    ActEndpointPorts,
    HttpPorts {
  readonly blueprints: AdvancePorts['blueprints'] & ConfigurePorts['blueprints']
  readonly configurations: ConfigurePorts['configurations']
  readonly deployments: AdvancePorts['deployments'] & DeployPorts['deployments']
  readonly ownSoftware: Omit<OwnSoftware, 'remove'>
}

const mostListed = 25

const deploymentView = (site: Site, one: Deployment) => {
  const { id, version, at, images, commit = null, cause, lines, endedAt, blueprint } = one
  const isReplaced =
    one.status === 'live' && (site.blueprint.name !== blueprint.name || site.blueprint.version !== version)
  const status = isReplaced ? 'replaced' : one.status
  return {
    ...{ id, version, status, at, commit, images },
    ...(cause && { cause }),
    ...(lines && { lines: [...lines] }),
    ...(endedAt && { endedAt }),
  }
}

const valuesView = async ({ blueprints, configurations }: DeploymentApiPorts, site: Site) => {
  const blueprint = await blueprintOf(blueprints, site)
  const versions = await configurations.list(site.id)
  const set = versions.find(({ version }) => version === site.configuration) ?? noValues
  const view = configurationView(site, declaring(blueprint, set), versions)
  const known = blueprint.containers.flatMap((container) => container.secrets)
  return {
    ...view,
    secrets: view.secrets.map((secret) => ({ ...secret, used: known.includes(secret.name) })),
    versions: versions.map(({ version, at, actor, changed }) => ({
      version,
      at,
      by: actor.kind,
      changed: [...changed],
    })),
  }
}

/** Owners' API of what their own sites run. */
export const create = (ports: DeploymentApiPorts) =>
  httpHandler(
    [
      actEndpoint(operations.createDeployment, ports, async ({ params, headers, body }, context) => {
        const act = actOf(params.id, context)
        const account = await ports.accounts.get(act.accountId)
        const made = await deploy(ports, act, account, { ...body, idempotencyKey: headers['idempotency-key'] })
        try {
          await advanceDeploymentsOf(ports, made.siteId, context.requestId)
        } catch (err) {
          // The sweep goes on.
          ports.log.warn({ siteId: made.siteId, err }, 'a deployment could not begin at once')
        }
        const now = (await ports.deployments.find(made.siteId, made.id)) ?? made
        return { status: 202, body: { deployment: deploymentView(await findOwnSite(ports, act), now) } }
      }),
      ownerEndpoint(operations.listDeployments, ports, async ({ params: { id } }, { session }) => {
        const site = await findOwnSite(ports, { siteId: id, accountId: session.accountId })
        const found = await ports.deployments.list(site.id, mostListed)
        return { status: 200, body: { deployments: found.map((one) => deploymentView(site, one)) } }
      }),
      ownerEndpoint(operations.getDeployment, ports, async ({ params: { id, deploymentId } }, { session }) => {
        const site = await findOwnSite(ports, { siteId: id, accountId: session.accountId })
        const found = await ports.deployments.find(site.id, deploymentId)
        if (found === undefined) throw new SitewrightError('NotFound', 'This site has no such deployment.')
        return { status: 200, body: { deployment: deploymentView(site, found) } }
      }),
      actEndpoint(operations.openPush, ports, async ({ params }, context) => {
        const site = await findOwnSite(ports, actOf(params.id, context))
        requireOwnSoftware(site, await ports.accounts.get(context.session.accountId))
        requireDeployableSite(site)
        // What was pushed and never deployed would fill the repository.
        await keepNeeded(ports, site.id)
        return { status: 200, body: await ports.ownSoftware.pushAccess(site.id) }
      }),
      ownerEndpoint(operations.getConfiguration, ports, async ({ params: { id } }, { session }) => {
        const site = await findOwnSite(ports, { siteId: id, accountId: session.accountId })
        requireSiteOfOwn(site)
        return { status: 200, body: await valuesView(ports, site) }
      }),
      actEndpoint(operations.changeConfiguration, ports, async ({ params, body }, context) => {
        const site = await changeOwnValues(ports, actOf(params.id, context), body)
        return { status: 202, body: await valuesView(ports, site) }
      }),
    ],
    ports,
  )
