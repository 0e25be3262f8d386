const entities: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
])

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities.get(character) ?? character)

/** One line of a text, cut to a length; undefined if nothing is left. */
export const lineOf = (value: unknown, longest: number): string | undefined =>
  typeof value !== 'string'
    ? undefined
    : value
        .slice(0, 4 * longest)
        .replaceAll(/[\p{Cc}\s]+/gu, ' ')
        .trim()
        .slice(0, longest) || undefined
