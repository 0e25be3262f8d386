// @ts-check

/**
 * `€19.00 a month`, with the decimals of the currency.
 * @param {import('./api.js').Price} price
 */
export const sayPrice = ({ amount, currency, interval }) => {
  const format = new Intl.NumberFormat('en-GB', { style: 'currency', currency })
  const { maximumFractionDigits = 2 } = format.resolvedOptions()
  return `${format.format(amount / 10 ** maximumFractionDigits)} a ${interval}`
}
