import type { Actor } from '../../core/events/event.ts'
import { isId } from '../../core/ids.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { Operator } from '../../core/ports/tokens.ts'
import type { Act, ActPorts } from '../../core/site/change-site.ts'
import { requireSite } from '../../core/site/change-site.ts'
import {
  changePlanAsOperator,
  endHoldAsOperator,
  extendAsOperator,
  holdAsOperator,
  suspendAsOperator,
} from '../../core/site/end/act-on-site.ts'
import { purgeAsOperator } from '../../core/site/end/purge-site.ts'
import { resumeAsOperator } from '../../core/site/end/resume-site.ts'
import type { Site } from '../../core/site/site.ts'
import { ownershipOf } from '../../core/site/site.ts'
import type { OperatorAuthenticationPorts } from '../_runtime/authenticate-operator.ts'
import type { Answer, HttpRoute } from '../_runtime/endpoint.ts'
import { operatorEndpoint } from '../_runtime/endpoint.ts'
import type { FindSitesPorts } from './find-sites.ts'
import { findSites } from './find-sites.ts'
import { operatorOperations as operations } from './operator-operations.ts'
import { operatorSiteDetail, operatorSiteView, siteEventView } from './operator-site-view.ts'
import type { SiteViewPorts } from './site-view.ts'

export interface OperatorSitePorts extends ActPorts, FindSitesPorts, SiteViewPorts, OperatorAuthenticationPorts {
  readonly plans: PlanCatalogue
}

const operatorActor = ({ operatorId, role }: Operator): Actor => ({ kind: 'operator', operatorId, role })

const siteOf = async ({ sites }: OperatorSitePorts, id: string): Promise<Site> =>
  requireSite(isId('site', id) ? await sites.get(id) : undefined)

const actOf = (siteId: string, { operator, requestId }: { operator: Operator; requestId: string }): Act => ({
  siteId,
  actor: operatorActor(operator),
  causationId: requestId,
})

const withCursor = (cursor: string | undefined) => (cursor === undefined ? {} : { cursor })

const readingRoutes = (ports: OperatorSitePorts): readonly HttpRoute[] => [
  operatorEndpoint(operations.operatorListSites, ports, async ({ query }) => {
    const { items, cursor } = await findSites(ports, query)
    return { status: 200, body: { sites: items.map((site) => operatorSiteView(site, ports)), ...withCursor(cursor) } }
  }),
  operatorEndpoint(operations.operatorGetSite, ports, async ({ params }) => {
    const site = await siteOf(ports, params.id)
    const accountId = ownershipOf(site)?.accountId
    const owner = accountId === undefined ? undefined : await ports.accounts.getOwner(accountId)
    return { status: 200, body: operatorSiteDetail(site, owner, ports) }
  }),
  operatorEndpoint(operations.operatorListEvents, ports, async ({ params, query: { limit, cursor } }) => {
    const { id } = await siteOf(ports, params.id)
    const page = await ports.siteLists.pageOfEvents(id, { limit, ...withCursor(cursor) })
    return { status: 200, body: { events: page.items.map(siteEventView), ...withCursor(page.cursor) } }
  }),
]

/** What operators do with sites. */
export const siteRoutes = (ports: OperatorSitePorts): readonly HttpRoute[] => {
  /** 202 says that something goes on that takes its time. */
  const answer = (site: Site, status: 200 | 202 = 200): Answer => ({ status, body: operatorSiteView(site, ports) })
  const resumed = (site: Site): Answer => answer(site, site.status === 'archived' ? 202 : 200)

  return [
    ...readingRoutes(ports),
    operatorEndpoint(operations.operatorExtend, ports, async ({ params, body: { by, reason } }, context) =>
      answer(await extendAsOperator(ports, actOf(params.id, context), { milliseconds: by, reason })),
    ),
    operatorEndpoint(operations.operatorSuspend, ports, async ({ params, body: { reason } }, context) =>
      answer(await suspendAsOperator(ports, actOf(params.id, context), reason)),
    ),
    operatorEndpoint(operations.operatorResume, ports, async ({ params, body: { reason } }, context) =>
      resumed(await resumeAsOperator(ports, actOf(params.id, context), { reason })),
    ),
    operatorEndpoint(operations.operatorRestore, ports, async ({ params, body: { reason } }, context) =>
      resumed(await resumeAsOperator(ports, actOf(params.id, context), { reason, onlyArchived: true })),
    ),
    operatorEndpoint(operations.operatorHold, ports, async ({ params, body: { reason } }, context) =>
      answer(await holdAsOperator(ports, actOf(params.id, context), reason)),
    ),
    operatorEndpoint(operations.operatorUnhold, ports, async ({ params, body: { reason } }, context) =>
      answer(await endHoldAsOperator(ports, actOf(params.id, context), reason)),
    ),
    operatorEndpoint(operations.operatorPurge, ports, async ({ params, body: { reason } }, context) => {
      const { operatorId } = context.operator
      return answer(await purgeAsOperator(ports, actOf(params.id, context), { operatorId, reason }), 202)
    }),
    operatorEndpoint(operations.operatorChangePlan, ports, async ({ params, body }, context) =>
      answer(await changePlanAsOperator(ports, actOf(params.id, context), body)),
    ),
  ]
}
