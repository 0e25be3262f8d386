import { SitewrightError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import { actOf, actorOf } from '../../core/site/change-site.ts'
import type { Site } from '../../core/site/site.ts'
import type { Answer } from '../_runtime/answer.ts'
import { type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import type { ChangeAccountPorts } from '../accounts/change-account.ts'
import { changeAllowance } from '../deployments/allowance.ts'
import { allowanceOperations } from '../deployments/operations.ts'
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

export const create = (ports: DraftPorts & ChangeAccountPorts & SiteViewPorts & OperatorPorts & HttpPorts) => {
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
    operatorEndpoint(operations.operatorSwitchBack, ports, async ({ params, body }, context) =>
      answer(await switchBackAsOperator(ports, actOf(params.id, context), body), 202),
    ),
    operatorEndpoint(allowanceOperations.operatorChangeAllowance, ports, async ({ params: { id }, body }, context) => {
      if (!isId('acct', id)) throw new SitewrightError('NotFound', 'There is no such account.')
      const act = { actor: actorOf(context.operator), causationId: context.requestId, ...ports }
      const { allowance = null } = await changeAllowance(ports, id, body, act)
      return { body: { allowance } }
    }),
  ]
  return httpHandler(routes, ports)
}
