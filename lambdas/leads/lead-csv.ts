import * as z from 'zod'

/** What stands between the cells of a file. */
export const separatorForm = z
  .enum(['comma', 'semicolon'])
  .default('comma')
  .describe(
    '`semicolon` is for spreadsheets in languages with decimal commas, such as German, which cannot open the other form. Numbers then have decimal commas.',
  )

export type Separator = z.output<typeof separatorForm>

type Cell = string | number | boolean | null | undefined

/**
 * What a spreadsheet takes for a formula, also behind what another spreadsheet takes for a separator, and behind an empty quoted part or spaces. An
 * apostrophe makes it text.
 * Source: OWASP, "CSV Injection".
 */
const formulae = {
  comma: /(^|[;\t\r\n])(?=["\s]*[=+\-@＝＋－＠]|[\t\r])/g,
  semicolon: /(^|[,;\t\r\n])(?=["\s]*[=+\-@＝＋－＠]|[\t\r])/g,
}

const cellText = (cell: Cell, separator: Separator): string => {
  const text = cell === null || cell === undefined ? '' : String(cell)
  if (typeof cell === 'number') return separator === 'semicolon' ? text.replace('.', ',') : text
  const safe = typeof cell === 'string' ? text.replaceAll(formulae[separator], "$1'") : text
  const needsQuotes = separator === 'semicolon' ? /[";\r\n]/ : /[",\r\n]/
  return needsQuotes.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** Rows as CSV (RFC 4180, with its comma or a semicolon) that a spreadsheet opens as UTF-8, with formulae as text. */
export const csvOf = (
  columns: readonly string[],
  rows: readonly (readonly Cell[])[],
  separator: Separator = 'comma',
): string => {
  const between = { comma: ',', semicolon: ';' }[separator]
  const lineOf = (row: readonly Cell[]): string => `${row.map((cell) => cellText(cell, separator)).join(between)}\r\n`
  return `\u{feff}${[columns, ...rows].map(lineOf).join('')}`
}
