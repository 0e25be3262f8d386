/** The functions that handle payments. */
export const hearing = [
  'stripe-webhook paymentNotices.keep',
  'converge-billing sites.get',
  'converge-billing accounts.get',
  'converge-billing stripe.GET subscriptions',
] as const
