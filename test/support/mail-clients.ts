import { caniemail } from 'caniemail'

/** What is better where a client knows it. Without it the mail is light, square, in a plain column, and complete. */
const enhancements = new Set([
  '<body> element',
  '<style> element',
  '@media',
  'border-radius',
  'color-scheme CSS property',
  'color-scheme meta tag',
  // The text for lists of mails is then the first line of the mail.
  'display:none',
  'max-height property',
  'overflow',
  // For screen readers.
  'role attribute',
  // The button is underlined.
  'text-decoration',
  // A long word widens the column.
  'word-break',
])

const clients = ['gmail.*', 'outlook.*', 'apple-mail.*', 'yahoo.*', 'protonmail.*', 'samsung-email.*'] as const

/** What the HTML of a mail uses that clients in use do not know (caniemail.com), and what of it the mail needs. */
export const unknownToClients = (html: string) => {
  const { issues } = caniemail({ clients: [...clients], html })
  const unknown = [...issues.errors].flatMap(([client, found]) => found.map(({ title }) => ({ title, client })))
  return { unknown, needed: unknown.filter(({ title }) => !enhancements.has(title)) }
}
