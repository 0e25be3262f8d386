import { SitewrightError } from '../../core/errors.ts'
import { findOwnSite } from '../../core/site/change-site.ts'
import type { Site } from '../../core/site/site.ts'
import { type ActEndpointPorts, actEndpoint, actOf } from '../_runtime/act-endpoint.ts'
import { ownerEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import { type AdvancePorts, advanceDeploymentsOf } from './advance-deployments.ts'
import { requireOwnSoftware, requireSiteOfOwn } from './allowance.ts'
import { type DeployPorts, deploy, requireDeployableSite } from './deploy.ts'
import type { Deployment, OwnSoftware } from './deployment.ts'
import { type ExplainPorts, explainSite } from './explain-view.ts'
import { type ExportOwnPorts, exportOwnSite } from './leaving.ts'
import { deploymentOperations as operations } from './operations.ts'

interface DeploymentApiPorts
  extends AdvancePorts,
    Omit<DeployPorts, keyof AdvancePorts>,
    Omit<ExplainPorts, 'deployments' | 'configurations'>,
    Pick<ExportOwnPorts, 'siteUrl'>,
    ActEndpointPorts,
    HttpPorts {
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
        return { status: 200, body: await ports.ownSoftware.pushAccess(site.id) }
      }),
      ownerEndpoint(operations.explainSite, ports, async ({ params: { id }, query }, { session: { accountId } }) => {
        const site = await findOwnSite(ports, { siteId: id, accountId })
        requireSiteOfOwn(site)
        return { status: 200, body: await explainSite(ports, site, accountId, query) }
      }),
      ownerEndpoint(operations.exportSite, ports, async ({ params: { id } }, { session: { accountId } }) => ({
        status: 200,
        body: await exportOwnSite(ports, await findOwnSite(ports, { siteId: id, accountId })),
      })),
    ],
    ports,
  )
