import type Stripe from 'stripe'
import type { PortalSession } from '../records/portal-session.ts'
import type { World } from '../world.ts'

export const portalSessionObject = (
  { address }: Pick<World, 'address'>,
  session: PortalSession,
): Stripe.BillingPortal.Session => ({
  id: session.id,
  object: 'billing_portal.session',
  configuration: session.configuration,
  created: session.created,
  customer: session.customer,
  customer_account: null,
  flow: null,
  livemode: false,
  locale: null,
  on_behalf_of: null,
  return_url: session.returnUrl,
  url: `${address}/portal/${session.id}`,
})
