const entities: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
])

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => entities.get(character) ?? character)

/**
 * Turns the direction of the texts beside its own too, up to the end of a paragraph. The marks and joiners of right-to-left languages do not.
 * Source: Unicode Standard Annex 9, "Directional Formatting Characters".
 */
const turning = /[\u202a-\u202e\u2066-\u2069]/gu

export const turnsOthers = (text: string): boolean => text.search(turning) !== -1

/** Whether a reader sees anything of a text. */
export const isVisible = (text: string): boolean =>
  /[^\p{Cc}\p{Cf}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u.test(text)

/** One line of a text, cut to a length; undefined if nothing is left. */
export const lineOf = (value: unknown, longest: number): string | undefined =>
  typeof value !== 'string'
    ? undefined
    : value
        .slice(0, 4 * longest)
        .replaceAll(turning, '')
        .replaceAll(/[\p{Cc}\s]+/gu, ' ')
        .trim()
        .slice(0, longest) || undefined

/**
 * Half of a character that UTF-16 writes as two units, as `slice` leaves it where it cuts an emoji. `JSON.stringify` escapes it, and nothing
 * else in this range.
 */
const halfInJson = /(?<!\\)((?:\\\\)*)\\ud[89a-f][0-9a-f]{2}/g

/** What `JSON.stringify` made, with U+FFFD for each half of a character: UTF-8 cannot hold one. */
export const withoutHalves = (json: string): string => json.replaceAll(halfInJson, '$1\u{fffd}')
