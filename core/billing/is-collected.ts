import type { SiteBilling } from './site-billing.ts'

/** Whether Stripe collects on it, or tries to: it goes on by itself. */
export const isCollected = ({ state }: Pick<SiteBilling, 'state'>): boolean =>
  state === 'active' || state === 'past-due'
