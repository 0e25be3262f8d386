import type { Subscription } from '../../../core/ports/payments.ts'
import type { SiteBilling } from '../../../core/site/site-billing.ts'
import { domainNow } from '../../support/fixed-ports.ts'
import { siteSamples } from '../../support/site-samples.ts'

/** Paid and running, of the sample site. */
export const subscription = (facts: Partial<Subscription> = {}): Subscription => ({
  id: 'sub_1',
  customerId: 'cus_1',
  siteId: siteSamples.active.id,
  status: 'active',
  createdAt: '2026-04-01T12:00:00.000Z',
  price: { plan: 'growth', interval: 'month', currency: 'EUR' },
  cancelsAtPeriodEnd: false,
  paidThrough: '2026-05-31T12:00:00.000Z',
  isDisputed: false,
  ...facts,
})

/** The same as a site has it. */
export const billing = (facts: Partial<SiteBilling> = {}): SiteBilling => ({
  subscriptionId: 'sub_1',
  state: 'active',
  plan: 'growth',
  interval: 'month',
  currency: 'EUR',
  cancelsAtPeriodEnd: false,
  endsWithDeletion: false,
  paidThrough: '2026-05-31T12:00:00.000Z',
  isDisputed: false,
  ...facts,
})

export const sold = { now: domainNow, isSold: ({ plan }: { readonly plan: string }) => plan !== 'theirs' }
