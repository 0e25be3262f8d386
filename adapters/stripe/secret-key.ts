/** Which of the two worlds that Stripe keeps apart a key opens. */
export type StripeMode = 'test' | 'live'

/** @param key `sk_…` or, restricted, `rk_…`. Never in a message. @throws {Error} for any other, such as a publishable key. */
export const modeOfKey = (key: string): StripeMode => {
  const mode = /^(?:sk|rk)_(test|live)_[0-9A-Za-z_]+$/.exec(key)?.[1]
  if (mode === 'test' || mode === 'live') return mode
  throw new Error('Stripe’s secret key has to start with sk_test_, rk_test_, sk_live_ or rk_live_.')
}
