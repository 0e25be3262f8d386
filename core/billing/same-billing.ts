import type { SiteBilling } from './site-billing.ts'

const facts = (billing: SiteBilling | undefined): string =>
  JSON.stringify(Object.entries(billing ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1)))

/** Whether two say the same of one subscription: then nothing is written. */
export const isSameBilling = (one: SiteBilling | undefined, other: SiteBilling | undefined): boolean =>
  facts(one) === facts(other)
