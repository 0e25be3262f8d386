/** One line of a text, cut to a length; undefined if nothing is left. */
export const lineOf = (value: unknown, longest: number): string | undefined =>
  typeof value !== 'string'
    ? undefined
    : value
        .slice(0, 4 * longest)
        .replaceAll(/[\p{Cc}\s]+/gu, ' ')
        .trim()
        .slice(0, longest) || undefined
