/** The header that links to the next page, if there is one, for a form that has no place for a cursor. */
export const nextLink = (url: URL, query: object, cursor: string | undefined): { readonly link?: string } => {
  if (cursor === undefined) return {}
  for (const [name, value] of Object.entries({ ...query, cursor })) {
    if (value !== undefined) url.searchParams.set(name, String(value))
  }
  return { link: `<${url.href}>; rel="next"` }
}
