const grouped = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })

/** Small amounts with two significant digits, larger ones with cents, and large ones as whole dollars. */
export const dollars = (usd: number): string => {
  if (usd === 0) return '0'
  if (usd >= 1000) return grouped.format(usd)
  if (usd >= 0.0995) return usd.toFixed(2)
  const digits = 1 - Math.floor(Math.log10(usd))
  return usd.toFixed(Math.min(digits, 8))
}

/** A quantity with three significant digits at least, if it has as many. */
export const quantity = (value: number): string => {
  if (value >= 1000) return grouped.format(value)
  return String(Number(value.toPrecision(3)))
}

/** A table in Markdown, under one row of headings. */
export const markdownTable = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
