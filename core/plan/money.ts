/**
 * Currencies whose amounts Stripe does not count in hundredths. ISK and UGX it does count in hundredths, of which there may be none.
 * Source: https://docs.stripe.com/currencies, "Zero-decimal currencies", "Three-decimal currencies" and "Special cases".
 */
const byDigits = [
  [0, 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'],
  [3, 'BHD JOD KWD OMR TND'],
] as const
const whole = ['ISK', 'UGX']

/** The decimals of Stripe's amounts. Intl has other ones for some currencies, and they differ between runtimes. */
export const digitsOf = (currency: string): number =>
  byDigits.find(([, currencies]) => currencies.split(' ').includes(currency))?.[0] ?? 2

/** Stripe takes only amounts that this divides: three decimals end with 0. */
export const stepOf = (currency: string): number => {
  if (whole.includes(currency)) return 100
  return digitsOf(currency) === 3 ? 10 : 1
}

/** An amount in the minor units that Stripe counts in, as people read it. */
export const moneyText = (
  { amount, currency }: { readonly amount: number; readonly currency: string },
  locale: string,
  options: Intl.NumberFormatOptions = {},
): string => {
  const digits = digitsOf(currency)
  const shown = { minimumFractionDigits: digits, maximumFractionDigits: digits }
  return new Intl.NumberFormat(locale, { style: 'currency', currency, ...shown, ...options }).format(
    amount / 10 ** digits,
  )
}
