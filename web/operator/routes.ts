export const statuses = ['building', 'ready', 'active', 'asleep', 'failed', 'suspended', 'archived', 'purged'] as const
export type SiteStatus = (typeof statuses)[number]

export const orders = ['newest', 'oldest', 'due-first', 'due-last'] as const
type Order = (typeof orders)[number]

export const siteParts = ['facts', 'timeline', 'failures', 'billing'] as const
export type SitePart = (typeof siteParts)[number]

/** What the list of sites shows. */
export interface SitesView {
  /** An id, a hostname, an e-mail address, or what a slug begins with. */
  readonly search?: string | undefined
  readonly status?: SiteStatus | undefined
  readonly order?: Order | undefined
  readonly cursor?: string | undefined
}

/** A view of the operator's page. */
export type Route =
  | { readonly name: 'overview' }
  | { readonly name: 'sites'; readonly view: SitesView }
  | { readonly name: 'site'; readonly id: string; readonly part: SitePart }

const oneOf = <Value extends string>(values: readonly Value[], given: string | null): Value | undefined =>
  values.find((value) => value === given)

/** The view of an address's fragment. */
export const routeOf = (hash: string): Route => {
  const [path = '', query] = hash.replace(/^#/, '').split('?')
  const [, kind, id] = path.split('/')
  const given = new URLSearchParams(query)
  if (kind === 'sites' && id) return { name: 'site', id, part: oneOf(siteParts, given.get('part')) ?? 'facts' }
  if (kind !== 'sites') return { name: 'overview' }
  return {
    name: 'sites',
    view: {
      search: given.get('search') || undefined,
      status: oneOf(statuses, given.get('status')),
      order: oneOf(orders, given.get('order')),
      cursor: given.get('cursor') || undefined,
    },
  }
}

const withQuery = (path: string, values: Readonly<Record<string, string | undefined>>): string => {
  const given = Object.entries(values).flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : []))
  const query = new URLSearchParams(given).toString()
  return query === '' ? path : `${path}?${query}`
}

/** The fragment of a view: the address holds the whole state of it. */
export const hashOf = (route: Route): string => {
  if (route.name === 'overview') return '#/'
  if (route.name === 'sites') return withQuery('#/sites', { ...route.view })
  return withQuery(`#/sites/${route.id}`, { part: route.part === 'facts' ? undefined : route.part })
}

const sorts = {
  newest: { sort: 'created', order: 'descending' },
  oldest: { sort: 'created', order: 'ascending' },
  'due-first': { sort: 'deadline', order: 'ascending' },
  'due-last': { sort: 'deadline', order: 'descending' },
} as const

const searchOf = (text: string) => {
  if (text.startsWith('site_')) return { id: text }
  if (text.includes('@')) return { owner: text }
  return text.includes('.') ? { hostname: text } : { slug: text }
}

/** The conditions of a view for the API. A search has its own order, and takes no other condition here. */
export const queryOf = ({ search, status, order = 'newest', cursor }: SitesView) => {
  const more = cursor === undefined ? {} : { cursor }
  const text = search?.trim() ?? ''
  if (text !== '') return { ...searchOf(text), ...more }
  return { ...sorts[order], ...(status === undefined ? {} : { status }), ...more }
}
