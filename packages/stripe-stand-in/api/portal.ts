import * as z from 'zod'
import { portalConfigurationObject } from '../objects/portal-configuration-object.ts'
import { portalSessionObject } from '../objects/portal-session-object.ts'
import type { PortalConfiguration } from '../records/portal-configuration.ts'
import { invalidRequest, noSuch } from '../stripe-fault.ts'
import type { World } from '../world.ts'
import { requireCustomer } from './customers.ts'
import { endpoint } from './endpoint.ts'
import { pageOf, pageParameters } from './page.ts'
import { clearable, flag, mergeMetadata, metadataParameter, text } from './parameters.ts'

const what = 'configuration'

const requireConfiguration = ({ records }: World, id: string): PortalConfiguration => {
  const configuration = records.configurations.get(id)
  if (configuration === undefined) throw noSuch(what, id, 'configuration')
  return configuration
}

const proration = z.enum(['always_invoice', 'create_prorations', 'none']).optional()
const update = z.enum(['address', 'email', 'name', 'phone', 'shipping', 'tax_id'])

/** Plan changes are known to be off; what they would need besides is not kept. */
const features = z.strictObject({
  customer_update: z
    .strictObject({ enabled: flag, allowed_updates: z.union([z.literal(''), z.array(update)]).optional() })
    .optional(),
  invoice_history: z.strictObject({ enabled: flag }).optional(),
  payment_method_update: z.strictObject({ enabled: flag }).optional(),
  subscription_cancel: z
    .strictObject({
      enabled: flag,
      mode: z.enum(['at_period_end', 'immediately']).optional(),
      proration_behavior: proration,
      cancellation_reason: z
        .strictObject({ enabled: flag, options: z.union([z.literal(''), z.array(text)]).optional() })
        .optional(),
    })
    .optional(),
  subscription_pause: z
    .strictObject({ enabled: z.literal('false', 'the stand-in lets nobody pause subscriptions in the portal') })
    .optional(),
  subscription_update: z
    .strictObject({
      enabled: z.literal('false', 'the stand-in lets nobody change plans in the portal').transform(() => false),
      proration_behavior: proration,
      default_allowed_updates: z.literal('').optional(),
    })
    .optional(),
})
type Features = z.output<typeof features>

const list = <Item>(value: '' | Item[] | undefined): Item[] | undefined => (value === '' ? [] : value)

const cancelsOf = ({ subscription_cancel: cancel }: Features) => ({
  cancels: cancel?.enabled,
  cancelsWhen: cancel?.mode,
  cancelProration: cancel?.proration_behavior,
  asksReason: cancel?.cancellation_reason?.enabled,
  reasons: list(cancel?.cancellation_reason?.options),
})

const featuresOf = (given: Features) => ({
  showsInvoices: given.invoice_history?.enabled,
  changesCard: given.payment_method_update?.enabled,
  changesCustomer: given.customer_update?.enabled,
  customerUpdates: list(given.customer_update?.allowed_updates),
  changesPlan: given.subscription_update?.enabled,
  planProration: given.subscription_update?.proration_behavior,
  ...cancelsOf(given),
})

const details = {
  name: clearable.optional(),
  default_return_url: clearable.optional(),
  metadata: metadataParameter.optional(),
  business_profile: z
    .strictObject({
      headline: clearable.optional(),
      privacy_policy_url: clearable.optional(),
      terms_of_service_url: clearable.optional(),
    })
    .optional(),
  login_page: z.strictObject({ enabled: z.literal('false', 'the stand-in has no log-in page') }).optional(),
}
type Details = z.output<z.ZodObject<typeof details>>

const detailsOf = (given: Details) => ({
  name: given.name,
  defaultReturnUrl: given.default_return_url,
  headline: given.business_profile?.headline,
  privacyPolicyUrl: given.business_profile?.privacy_policy_url,
  termsOfServiceUrl: given.business_profile?.terms_of_service_url,
})

const create = (world: World, given: Details & { features: Features }): PortalConfiguration => {
  const { records, newId, now } = world
  const { id } = records.configurations.put({
    id: newId('bpc_'),
    created: now,
    updated: now,
    active: true,
    isDefault: records.configurations.list().length === 0,
    name: null,
    metadata: mergeMetadata({}, given.metadata),
    defaultReturnUrl: null,
    headline: null,
    privacyPolicyUrl: null,
    termsOfServiceUrl: null,
    showsInvoices: false,
    changesCard: false,
    customerUpdates: [],
    changesCustomer: false,
    cancels: false,
    cancelsWhen: 'at_period_end',
    cancelProration: 'none',
    asksReason: false,
    reasons: [],
    changesPlan: false,
    planProration: 'none',
  })
  return records.configurations.change(id, { ...detailsOf(given), ...featuresOf(given.features) })
}

const openSession = (
  world: World,
  given: {
    customer: string
    configuration?: string | undefined
    return_url?: string | undefined
    locale?: string | undefined
  },
): object => {
  const { records, newId, now } = world
  requireCustomer(world, given.customer)
  const configuration =
    given.configuration === undefined
      ? records.configurations.list().find(({ isDefault }) => isDefault)
      : requireConfiguration(world, given.configuration)
  if (configuration === undefined) {
    throw invalidRequest(
      'No configuration provided and your test mode default configuration has not been created. ' +
        'Provide a configuration or create your default.',
    )
  }
  if (!configuration.active) throw invalidRequest('The configuration is not active.', { param: 'configuration' })
  const session = records.portalSessions.put({
    id: newId('bps_'),
    created: now,
    customer: given.customer,
    configuration: configuration.id,
    returnUrl: given.return_url ?? configuration.defaultReturnUrl,
    locale: given.locale ?? null,
  })
  world.emit('billing_portal.session.created', portalSessionObject(world, session))
  return portalSessionObject(world, session)
}

export const portalEndpoints = [
  endpoint('POST', '/v1/billing_portal/configurations', { ...details, features }, (world, _id, given) => {
    const configuration = portalConfigurationObject(create(world, given))
    world.emit('billing_portal.configuration.created', configuration)
    return configuration
  }),
  endpoint(
    'GET',
    '/v1/billing_portal/configurations',
    { ...pageParameters, active: flag.optional(), is_default: flag.optional() },
    ({ records }, _id, { active, is_default, ...page }) =>
      pageOf(
        records.configurations.list(),
        (configuration) =>
          (active === undefined || configuration.active === active) &&
          (is_default === undefined || configuration.isDefault === is_default),
        page,
        { what, url: '/v1/billing_portal/configurations', show: portalConfigurationObject },
      ),
  ),
  endpoint('GET', '/v1/billing_portal/configurations/:id', {}, (world, id) =>
    portalConfigurationObject(requireConfiguration(world, id)),
  ),
  endpoint(
    'POST',
    '/v1/billing_portal/configurations/:id',
    { ...details, features: features.optional(), active: flag.optional() },
    (world, id, given) => {
      const { metadata } = requireConfiguration(world, id)
      const configuration = portalConfigurationObject(
        world.records.configurations.change(id, {
          ...detailsOf(given),
          ...featuresOf(given.features ?? {}),
          active: given.active,
          metadata: mergeMetadata(metadata, given.metadata),
          updated: world.now,
        }),
      )
      world.emit('billing_portal.configuration.updated', configuration)
      return configuration
    },
  ),
  endpoint(
    'POST',
    '/v1/billing_portal/sessions',
    { customer: text, configuration: text.optional(), return_url: z.url().optional(), locale: text.optional() },
    (world, _id, given) => openSession(world, given),
  ),
]
