import { beginCheckout } from '../../core/billing/purchase/begin-checkout.ts'
import { changeOwnPlan } from '../../core/billing/purchase/change-plan.ts'
import type { CheckoutPorts } from '../../core/billing/purchase/open-checkout.ts'
import { openOwnPortal } from '../../core/billing/purchase/open-portal.ts'
import type { Session } from '../../core/signup/signup.ts'
import type { OwnerAct } from '../../core/site/change-site.ts'
import { findOwnSite } from '../../core/site/change-site.ts'
import type { AuthenticationPorts } from '../_runtime/authenticate.ts'
import type { HttpRoute } from '../_runtime/endpoint.ts'
import { ownerEndpoint } from '../_runtime/endpoint.ts'
import { withinSeconds } from '../_runtime/within-seconds.ts'
import { billingOperations as operations } from './billing-operations.ts'
import { billingView } from './billing-view.ts'

export interface BillingRoutePorts extends CheckoutPorts, AuthenticationPorts {}

const actOf = (siteId: string, { session, requestId }: { session: Session; requestId: string }): OwnerAct => ({
  siteId,
  accountId: session.accountId,
  actor: { kind: 'owner', personId: session.personId },
  causationId: requestId,
})

/** Below what the function itself has. Some of these ask Stripe several things, one after the other. */
const patienceSeconds = 12

/** What an owner does to pay for a site. */
export const billingRoutes = (ports: BillingRoutePorts): readonly HttpRoute[] => {
  const accountOf = ({ accountId }: Session) => ports.accounts.get(accountId)
  return [
    ownerEndpoint(operations.getBilling, ports, async ({ params }, context) => {
      const site = await findOwnSite(ports, actOf(params.id, context))
      return { status: 200, body: billingView(site, await accountOf(context.session), ports.policies) }
    }),
    ownerEndpoint(operations.beginCheckout, ports, async ({ params, body }, context) => {
      const { id, url, isNew } = await withinSeconds(
        patienceSeconds,
        beginCheckout(ports, actOf(params.id, context), body),
      )
      return { status: isNew ? 201 : 200, body: { id, url } }
    }),
    ownerEndpoint(operations.changeOwnPlan, ports, async ({ params, body }, context) => {
      const changed = await withinSeconds(patienceSeconds, changeOwnPlan(ports, actOf(params.id, context), body))
      return { status: 200, body: billingView(changed, await accountOf(context.session), ports.policies) }
    }),
    ownerEndpoint(operations.openPortal, ports, async ({ params }, context) => ({
      status: 200,
      body: await withinSeconds(patienceSeconds, openOwnPortal(ports, actOf(params.id, context))),
    })),
  ]
}
