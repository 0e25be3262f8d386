/** The value of a `Link` to the next page, for a form that has no place for a cursor. */
export const nextLink = (url: URL, query: object, cursor: string): string => {
  for (const [name, value] of Object.entries({ ...query, cursor })) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return `<${url.href}>; rel="next"`
}
