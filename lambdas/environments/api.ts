import { isEnvironment } from '../../core/site/environment.ts'
import { type ActEndpointPorts, actEndpoint, actOf } from '../_runtime/act-endpoint.ts'
import { type HttpRoute, ownerEndpoint } from '../_runtime/endpoint.ts'
import { hasRight } from '../accounts/team/rights.ts'
import { type SiteViewPorts, siteView } from '../sites/views.ts'
import {
  type ChangeEnvironmentPorts,
  deleteEnvironment,
  extendEnvironment,
  restoreEnvironment,
} from './change-environment.ts'
import { type CreateEnvironmentPorts, createEnvironment } from './create-environment.ts'
import { type EnvironmentSite, requireProduction } from './environment.ts'
import { environmentOperations as operations } from './operations.ts'

export type EnvironmentApiPorts = ActEndpointPorts & ChangeEnvironmentPorts & CreateEnvironmentPorts & SiteViewPorts

/** Everybody who acts for an account is its owner, unless its team says otherwise. */
const isOwner = (session: object): boolean =>
  !('rank' in session) || session.rank === 'owner' || session.rank === 'holder'

export const environmentRoutes = (ports: EnvironmentApiPorts): readonly HttpRoute[] => {
  const answer = (site: EnvironmentSite, status: 200 | 202 = 200) => ({ status, body: siteView(site, ports) })
  return [
    ownerEndpoint(operations.listEnvironments, ports, async ({ params }, { session }) => {
      const production = await requireProduction(ports, { siteId: params.id, accountId: session.accountId })
      const found: EnvironmentSite[] = []
      for await (const site of ports.sites.listEnvironments(production.id)) {
        if (isEnvironment(site) && site.status !== 'purged' && site.status !== 'failed') found.push(site)
      }
      const byName = found.toSorted((one, other) => (one.environmentOf.name < other.environmentOf.name ? -1 : 1))
      const environments = byName.flatMap((site) => siteView(site, ports) ?? [])
      return { body: { environments, max: ports.plans.find(production.plan).environments?.count ?? 0 } }
    }),
    actEndpoint(operations.createEnvironment, ports, async ({ params, body }, context) => {
      const act = actOf(params.id, context)
      const { site, isNew } = await createEnvironment(ports, act, body, {
        isOwner: isOwner(context.session),
        reachesProduction: context.session.token?.production !== false,
        mayDeploy: await hasRight(ports, 'createDeployment', context.session, params.id),
      })
      return answer(site, isNew ? 202 : 200)
    }),
    actEndpoint(operations.extendEnvironment, ports, async ({ params: { id, name }, body }, context) =>
      answer(await extendEnvironment(ports, actOf(id, context), name, body.expires)),
    ),
    ownerEndpoint(operations.deleteEnvironment, ports, async ({ params: { id, name } }, context) =>
      answer(await deleteEnvironment(ports, actOf(id, context), name)),
    ),
    actEndpoint(operations.restoreEnvironment, ports, async ({ params: { id, name } }, context) =>
      answer(await restoreEnvironment(ports, actOf(id, context), name)),
    ),
  ]
}
