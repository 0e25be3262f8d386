import type { KeptSite } from '../site/site.ts'

/** `unknown` where nobody could say: it counts as paid. */
export type PaidAnswer = 'paid' | 'unpaid' | 'unknown'

/** Who knows whether a site is paid for. Asked before anything is taken away. */
export interface Billing {
  /** Throws nothing: no answer is an answer. */
  readonly isPaidFor: (site: KeptSite) => Promise<PaidAnswer>
}
