import { expect, it } from 'vitest'
import { portalConfigurationObject } from '#stripe-stand-in/resources/portal.ts'
import { isAsWanted, wantedFeatures } from '../../../../adapters/stripe/sync/wanted.ts'

const { features } = portalConfigurationObject({
  ...{ id: 'bpc_1', created: 1, updated: 1, active: true, metadata: {} },
  ...{ showsInvoices: true, changesCard: true, changesCustomer: true, cancels: true },
  customerUpdates: [...wantedFeatures.customer_update.allowed_updates],
})

it('a portal is right where owners can do in it what they should', () => {
  expect(isAsWanted(features)).toBe(true)
  const { subscription_pause: _, ...older } = features
  expect(isAsWanted(older as typeof features)).toBe(true)
})

it.each([
  ['pause', { subscription_pause: { ...features.subscription_pause, enabled: true } }],
  ['change plans', { subscription_update: { ...features.subscription_update, enabled: true } }],
  ['cancel at once', { subscription_cancel: { ...features.subscription_cancel, mode: 'immediately' } }],
  ['not give another card', { payment_method_update: { ...features.payment_method_update, enabled: false } }],
] as const)('a portal is corrected where owners can %s', (_, change) => {
  expect(isAsWanted({ ...features, ...change } as typeof features)).toBe(false)
})
