import { actOf } from '../../core/site/change-site.ts'
import type { Site } from '../../core/site/site.ts'
import { type Answer, type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import { operatorSiteView } from '../operators/views.ts'
import type { SiteViewPorts } from '../sites/views.ts'
import {
  confirmAsOperator,
  type DraftPorts,
  draftAsOperator,
  switchBackAsOperator,
  withdrawAsOperator,
} from './act-on-relocation.ts'
import { relocationOperations as operations } from './operations.ts'

interface RelocationApiPorts extends DraftPorts, SiteViewPorts, OperatorPorts, HttpPorts {
  readonly plans: SiteViewPorts['plans']
}

/** The API of relocations. */
export const create = (ports: RelocationApiPorts) => {
  const answer = (site: Site, status: 200 | 202 = 200): Answer => ({ status, body: operatorSiteView(site, ports) })
  const routes = [
    operatorEndpoint(operations.operatorDraftRelocation, ports, async ({ params, body }, context) =>
      answer(await draftAsOperator(ports, actOf(params.id, context), body, context.operator.operatorId)),
    ),
    operatorEndpoint(operations.operatorWithdrawRelocation, ports, async ({ params, body: { reason } }, context) =>
      answer(await withdrawAsOperator(ports, actOf(params.id, context), reason)),
    ),
    operatorEndpoint(operations.operatorConfirmRelocation, ports, async ({ params, body: { reason } }, context) =>
      answer(await confirmAsOperator(ports, actOf(params.id, context), reason)),
    ),
    operatorEndpoint(operations.operatorSwitchBack, ports, async ({ params, body: { reason } }, context) =>
      answer(await switchBackAsOperator(ports, actOf(params.id, context), reason), 202),
    ),
  ]
  return httpHandler(routes, ports)
}
