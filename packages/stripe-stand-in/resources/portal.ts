import type Stripe from 'stripe'
import * as z from 'zod'
import { endpoint, finder, flag, listEndpoint, mergeMetadata, metadataParameter, text } from '../api/endpoint.ts'
import { collection, metadata, record, seconds } from '../collection.ts'
import { invalidRequest } from '../fault.ts'
import { nulls } from '../objects.ts'
import type { World } from '../world.ts'
import { requireCustomer } from './customers.ts'

const updates = z.array(z.enum(['address', 'email', 'name', 'phone', 'shipping', 'tax_id']))

const configurationSchema = z.object({
  ...record,
  updated: seconds,
  active: z.boolean(),
  metadata,
  showsInvoices: z.boolean(),
  changesCard: z.boolean(),
  customerUpdates: updates,
  changesCustomer: z.boolean(),
  cancels: z.boolean(),
})
type PortalConfiguration = z.infer<typeof configurationSchema>

export const configurations = collection('portal configuration', configurationSchema)

export const portalConfigurationObject = (configuration: PortalConfiguration): Stripe.BillingPortal.Configuration => ({
  id: configuration.id,
  object: 'billing_portal.configuration',
  active: configuration.active,
  business_profile: nulls('headline privacy_policy_url terms_of_service_url'),
  created: configuration.created,
  features: {
    customer_update: { allowed_updates: configuration.customerUpdates, enabled: configuration.changesCustomer },
    invoice_history: { enabled: configuration.showsInvoices },
    payment_method_update: { enabled: configuration.changesCard, payment_method_configuration: null },
    subscription_cancel: {
      cancellation_reason: { enabled: false, options: [], feedback_options: null },
      enabled: configuration.cancels,
      mode: 'at_period_end',
      proration_behavior: 'none',
    },
    subscription_pause: {
      duration: { interval_options: [{ interval: 'month', interval_count: 1 }], type: 'interval_options' },
      enabled: false,
    },
    subscription_update: {
      billing_cycle_anchor: null,
      default_allowed_updates: [],
      enabled: false,
      proration_behavior: 'none',
      schedule_at_period_end: { conditions: [] },
      trial_update_behavior: 'end_trial',
    },
  },
  is_default: false,
  livemode: false,
  login_page: { enabled: false, url: null },
  metadata: configuration.metadata,
  updated: configuration.updated,
  ...nulls('application default_return_url name'),
})

const features = z.strictObject({
  customer_update: z.strictObject({ enabled: flag, allowed_updates: updates.optional() }).optional(),
  invoice_history: z.strictObject({ enabled: flag }).optional(),
  payment_method_update: z.strictObject({ enabled: flag }).optional(),
  subscription_cancel: z
    .strictObject({
      enabled: flag,
      mode: z.literal('at_period_end', 'the portal of the stand-in cancels at the end of the period').optional(),
      proration_behavior: z.literal('none', 'the stand-in credits nothing at the end').optional(),
    })
    .optional(),
  subscription_pause: z
    .strictObject({ enabled: z.literal('false', 'the portal of the stand-in pauses no subscriptions') })
    .optional(),
  subscription_update: z
    .strictObject({ enabled: z.literal('false', 'the portal of the stand-in changes no plans') })
    .optional(),
})

const featuresOf = (given: z.output<typeof features>) => ({
  showsInvoices: given.invoice_history?.enabled ?? false,
  changesCard: given.payment_method_update?.enabled ?? false,
  changesCustomer: given.customer_update?.enabled ?? false,
  customerUpdates: given.customer_update?.allowed_updates ?? [],
  cancels: given.subscription_cancel?.enabled ?? false,
})

const portalSessionSchema = z.object({
  ...record,
  customer: z.string(),
  configuration: z.string(),
  returnUrl: z.string().nullable(),
})
export type PortalSession = z.infer<typeof portalSessionSchema>

export const portalSessions = collection('portal session', portalSessionSchema)

const portalSessionObject = ({ address }: World, session: PortalSession): Stripe.BillingPortal.Session => ({
  id: session.id,
  object: 'billing_portal.session',
  configuration: session.configuration,
  created: session.created,
  customer: session.customer,
  livemode: false,
  return_url: session.returnUrl,
  url: `${address}/portal/${session.id}`,
  ...nulls('customer_account flow locale on_behalf_of'),
})

const requireConfiguration = finder(configurations.get, 'configuration')

export const portalEndpoints = [
  endpoint(
    'POST',
    '/v1/billing_portal/configurations',
    { features, metadata: metadataParameter.optional() },
    (world, _id, given) => {
      const made = { updated: world.now, active: true, metadata: mergeMetadata({}, given.metadata) }
      return portalConfigurationObject(configurations.create(world, 'bpc_', { ...made, ...featuresOf(given.features) }))
    },
  ),
  listEndpoint(
    '/v1/billing_portal/configurations',
    'configuration',
    { active: flag.optional() },
    {
      find: (world) => configurations.list(world),
      isWanted: ({ active }, wanted) => (wanted.active ?? active) === active,
      show: portalConfigurationObject,
    },
  ),
  endpoint(
    'POST',
    '/v1/billing_portal/configurations/:id',
    { features: features.optional(), active: flag.optional() },
    (world, id, { features: wanted, active }) => {
      requireConfiguration(world, id, 'configuration')
      const change = { ...(wanted && featuresOf(wanted)), active, updated: world.now }
      return portalConfigurationObject(configurations.change(world, id, change))
    },
  ),
  endpoint(
    'POST',
    '/v1/billing_portal/sessions',
    { customer: text, configuration: text, return_url: z.url() },
    (world, _id, { return_url: returnUrl, ...given }) => {
      const { id: customer } = requireCustomer(world, given.customer, 'customer')
      const { id: configuration, active } = requireConfiguration(world, given.configuration, 'configuration')
      if (!active) throw invalidRequest('The configuration is not active.', { param: 'configuration' })
      return portalSessionObject(world, portalSessions.create(world, 'bps_', { customer, configuration, returnUrl }))
    },
  ),
]
