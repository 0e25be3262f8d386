type Cell = string | number | boolean | null | undefined

/**
 * What a spreadsheet takes for a formula, also behind what another spreadsheet takes for a separator, and behind an empty quoted part or spaces. An
 * apostrophe makes it text.
 * Source: OWASP, "CSV Injection".
 */
const formula = /(^|[;\t\r\n])(?=["\s]*[=+\-@＝＋－＠]|[\t\r])/g

const cellText = (cell: Cell): string => {
  const text = cell === null || cell === undefined ? '' : String(cell)
  const safe = typeof cell === 'string' ? text.replaceAll(formula, "$1'") : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Rows as CSV (RFC 4180) that a spreadsheet opens as UTF-8, with formulae as text. */
export const csvOf = (columns: readonly string[], rows: readonly (readonly Cell[])[]): string =>
  `\u{feff}${[columns, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('')}`
