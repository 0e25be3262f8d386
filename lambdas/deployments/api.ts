import { production as productionName } from '../../core/blueprint/site-file.ts'
import { notFound } from '../../core/errors.ts'
import { findOwnSite, type OwnerAct } from '../../core/site/change-site.ts'
import { softwareOwner } from '../../core/site/environment.ts'
import type { Site } from '../../core/site/site.ts'
import { actEndpoint, actOf } from '../_runtime/act-endpoint.ts'
import type { Answer } from '../_runtime/answer.ts'
import { ownerEndpoint } from '../_runtime/endpoint.ts'
import { httpHandler } from '../_runtime/http-handler.ts'
import { hasRight, requireRight } from '../accounts/team/rights.ts'
import { configurationView } from '../configuration/api.ts'
import type { ConfigurePorts } from '../configuration/change-configuration.ts'
import { noValues } from '../configuration/configuration.ts'
import { type EnvironmentApiPorts, environmentRoutes } from '../environments/api.ts'
import { nameOf, requireEnvironment, requireProduction } from '../environments/environment.ts'
import { environmentOperations as environments } from '../environments/operations.ts'
import { withoutOutput } from '../sites/evidence/diagnose.ts'
import { logOperations } from '../sites/logs/operations.ts'
import { blueprintOf } from '../sites/run/prepare-launch.ts'
import { type AdvancePorts, advanceDeploymentsOf, keepUsedSoftware } from './advance-deployments.ts'
import { requireOwnSoftware, requireSiteOfOwn } from './allowance.ts'
import { declaring, withOwnVariables } from './declare-values.ts'
import { deploy, promote, requireDeployableSite } from './deploy.ts'
import type { Deployment, OwnSoftware } from './deployment.ts'
import { type ExplainPorts, explainSite } from './explain-view.ts'
import { type OpenImportPorts, openImport } from './import.ts'
import { exportOwnSite } from './leaving.ts'
import { deploymentOperations as operations } from './operations.ts'
import { changeOwnValues } from './own-values.ts'
import { rollBack } from './roll-back.ts'

type DeploymentApiPorts = AdvancePorts &
  EnvironmentApiPorts &
  ConfigurePorts &
  ExplainPorts &
  Pick<OpenImportPorts, 'archiveUploads'> & { readonly ownSoftware: Omit<OwnSoftware, 'remove'> }

const maxListed = 25

/** @param readsLogs whether it is for somebody who may read the output of the site. */
const deploymentView = (site: Site, one: Deployment, readsLogs: boolean) => {
  const { id, version, at, images, commit = null, cause, lines, endedAt, blueprint, promotedFrom, imported, back } = one
  const isReplaced =
    one.status === 'live' && (site.blueprint.name !== blueprint.name || site.blueprint.version !== version)
  const status = isReplaced ? 'replaced' : one.status
  return {
    ...{ id, version, status, at, commit, images },
    ...(cause && { cause: readsLogs ? cause : withoutOutput(cause) }),
    ...(lines && readsLogs && { lines: [...lines] }),
    ...(endedAt && { endedAt }),
    ...(promotedFrom && { promotedFrom: promotedFrom.name }),
    ...(imported && { imported: imported.digest }),
    ...(back && { back }),
  }
}

const valuesView = async ({ blueprints, configurations }: DeploymentApiPorts, site: Site) => {
  const blueprint = await blueprintOf(blueprints, site)
  const versions = await configurations.list(site.id)
  const set = versions.find(({ version }) => version === site.configuration) ?? noValues
  const view = configurationView(site, declaring(blueprint, set), versions)
  const known = blueprint.containers.flatMap((container) => container.secrets)
  const declared = Object.keys(withOwnVariables(blueprint, set.variables).variables ?? {})
  return {
    ...view,
    variables: view.variables.map((variable) => ({ ...variable, used: declared.includes(variable.name) })),
    secrets: view.secrets.map((secret) => ({ ...secret, used: known.includes(secret.name) })),
    versions: view.versions.map(({ version, at, actor, changed }) => ({ version, at, by: actor.kind, changed })),
  }
}

/** Begins a deployment that was added, and answers with it. */
const begun = async (ports: DeploymentApiPorts, act: OwnerAct, made: Deployment): Promise<Answer> => {
  try {
    await advanceDeploymentsOf(ports, made.siteId, act.causationId)
  } catch (err) {
    // The sweep goes on.
    ports.log.warn({ siteId: made.siteId, err }, 'a deployment could not begin at once')
  }
  const now = (await ports.deployments.find(made.siteId, made.id)) ?? made
  // Whoever may deploy may read the output.
  return { status: 202, body: { deployment: deploymentView(await findOwnSite(ports, act), now, true) } }
}

/** The environment of a name, beside a site that is one itself or the production of others. */
const environmentBeside = async (ports: DeploymentApiPorts, act: OwnerAct, name: string): Promise<Site> => {
  const site = await findOwnSite(ports, act)
  const production = await requireProduction(ports, { ...act, siteId: site.environmentOf?.siteId ?? site.id })
  return name === productionName ? production : requireEnvironment(ports, production, nameOf(production, { name }))
}

/** Owners' API of what their own sites run, and of their environments. */
export const create = (ports: DeploymentApiPorts) =>
  httpHandler(
    [
      ...environmentRoutes(ports),
      actEndpoint(operations.createDeployment, ports, async ({ params, headers, body }, context) => {
        const act = actOf(params.id, context)
        const asked = { ...body, idempotencyKey: headers['idempotency-key'] }
        return begun(ports, act, await deploy(ports, act, asked))
      }),
      actEndpoint(operations.promoteDeployment, ports, async ({ params, headers, body }, context) => {
        const act = actOf(params.id, context)
        const from = await environmentBeside(ports, act, body.from)
        const asked = { from, name: body.from, idempotencyKey: headers['idempotency-key'] }
        return begun(ports, act, await promote(ports, act, asked))
      }),
      actEndpoint(operations.rollBackDeployment, ports, async ({ params, headers, body }, context) => {
        const act = actOf(params.id, context)
        const asked = { ...body, idempotencyKey: headers['idempotency-key'] }
        return begun(ports, act, await rollBack(ports, act, asked))
      }),
      ownerEndpoint(operations.listDeployments, ports, async ({ params }, { session }) => {
        const site = await findOwnSite(ports, { siteId: params.id, accountId: session.accountId })
        const found = await ports.deployments.list(site.id, maxListed)
        const readsLogs = await hasRight(ports, logOperations.readLogs.id, session, site.id)
        return { body: { deployments: found.map((one) => deploymentView(site, one, readsLogs)) } }
      }),
      ownerEndpoint(operations.getDeployment, ports, async ({ params: { id, deploymentId } }, { session }) => {
        const site = await findOwnSite(ports, { siteId: id, accountId: session.accountId })
        const known = await ports.deployments.find(site.id, deploymentId)
        const found = known ?? notFound('This site has no such deployment.')
        const readsLogs = await hasRight(ports, logOperations.readLogs.id, session, site.id)
        return { body: { deployment: deploymentView(site, found, readsLogs) } }
      }),
      actEndpoint(operations.openPush, ports, async ({ params, query }, context) => {
        const site = await findOwnSite(ports, actOf(params.id, context))
        // Before the upload, not after it.
        const { id } = query.environment === undefined ? operations.createDeployment : environments.createEnvironment
        await requireRight(ports, id, context.session, site.id)
        await requireOwnSoftware(ports, site)
        requireDeployableSite(site)
        // What was pushed and never deployed would fill the repository.
        await keepUsedSoftware(ports, site)
        return { body: await ports.ownSoftware.pushAccess(softwareOwner(site)) }
      }),
      ownerEndpoint(operations.getConfiguration, ports, async ({ params: { id } }, { session }) => {
        const site = await findOwnSite(ports, { siteId: id, accountId: session.accountId })
        requireSiteOfOwn(site)
        return { body: await valuesView(ports, site) }
      }),
      actEndpoint(operations.changeConfiguration, ports, async ({ params, body }, context) => {
        const site = await changeOwnValues(ports, actOf(params.id, context), body)
        return { status: 202, body: await valuesView(ports, site) }
      }),
      ownerEndpoint(operations.explainSite, ports, async ({ params: { id }, query }, { session: { accountId } }) => {
        const site = await findOwnSite(ports, { siteId: id, accountId })
        requireSiteOfOwn(site)
        return { body: await explainSite(ports, site, accountId, query) }
      }),
      actEndpoint(operations.openImport, ports, async ({ params, body }, context) => ({
        body: await openImport(ports, actOf(params.id, context), body),
      })),
      ownerEndpoint(operations.exportSite, ports, async ({ params: { id } }, { session: { accountId } }) => ({
        body: await exportOwnSite(ports, await findOwnSite(ports, { siteId: id, accountId })),
      })),
    ],
    ports,
  )
