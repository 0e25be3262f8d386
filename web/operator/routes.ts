export const statuses = ['building', 'ready', 'active', 'asleep', 'failed', 'suspended', 'archived', 'purged'] as const
export type SiteStatus = (typeof statuses)[number]

export const orders = ['newest', 'oldest', 'due-first', 'due-last'] as const
type Order = (typeof orders)[number]

export const siteParts = ['facts', 'timeline', 'failures', 'logs', 'billing', 'configuration', 'relocation'] as const
export type SitePart = (typeof siteParts)[number]

export interface SitesView {
  /** An id, a hostname, an e-mail address, or what a slug begins with. */
  readonly search?: string | undefined
  readonly status?: SiteStatus | undefined
  readonly order?: Order | undefined
  readonly cursor?: string | undefined
}

export interface AuditView {
  /** The id of a person or an operator. */
  readonly who?: string | undefined
  /** An act by code; `all` shows what was only read too. */
  readonly action?: string | undefined
  /** The id of a site, an account or a person. */
  readonly target?: string | undefined
  /** The first and the last day (UTC). */
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly cursor?: string | undefined
}

export const leadStages = [
  'signed-up',
  'activated',
  'engaged',
  'asked',
  'customer',
  'expanding',
  'at-risk',
  'lost',
] as const
export const leadSorts = ['score', 'next-step', 'deadline'] as const

export interface LeadsView {
  readonly sort?: (typeof leadSorts)[number] | undefined
  readonly stage?: (typeof leadStages)[number] | undefined
  readonly assignee?: string | undefined
  readonly cursor?: string | undefined
}

const reportNames = ['funnel', 'conversion-time', 'retention', 'revenue', 'trial-cost', 'variants'] as const
const reportGroups = ['offer', 'variant', 'campaign', 'week'] as const

export interface ReportsView {
  readonly report?: (typeof reportNames)[number] | undefined
  /** The first and the last day (UTC). */
  readonly from?: string | undefined
  readonly until?: string | undefined
  readonly offer?: string | undefined
  readonly by?: (typeof reportGroups)[number] | undefined
}

/** Views without a choice. */
const plainPlaces = [
  'overview',
  'rollouts',
  'blueprints',
  'cells',
  'billing',
  'webhooks',
  'settings',
  'sessions',
] as const
type PlainPlace = (typeof plainPlaces)[number]

export type Route =
  | { readonly name: PlainPlace }
  /** There is no such view. */
  | { readonly name: 'unknown' }
  | { readonly name: 'sites'; readonly view: SitesView }
  | { readonly name: 'audit'; readonly view: AuditView }
  | { readonly name: 'leads'; readonly view: LeadsView }
  | { readonly name: 'reports'; readonly view: ReportsView }
  | { readonly name: 'lead'; readonly id: string }
  | { readonly name: 'site'; readonly id: string; readonly part: SitePart; readonly cursor?: string | undefined }

const oneOf = <Value extends string>(values: readonly Value[], given: string | null): Value | undefined =>
  values.find((value) => value === given)

const dayOf = (text: string | undefined): string | undefined =>
  text !== undefined && /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)) ? text : undefined

export const routeOf = (hash: string): Route => {
  const [path = '', query] = hash.replace(/^#/, '').split('?')
  const [, kind, id] = path.split('/')
  const given = new URLSearchParams(query)
  const textOf = (name: string) => given.get(name) || undefined
  const cursor = textOf('cursor')
  if (kind === 'sites' && id) return { name: 'site', id, part: oneOf(siteParts, given.get('part')) ?? 'facts', cursor }
  if (kind === 'sites') {
    const [status, order] = [oneOf(statuses, given.get('status')), oneOf(orders, given.get('order'))]
    return { name: 'sites', view: { search: textOf('search'), status, order, cursor } }
  }
  if (kind === 'leads' && id) return { name: 'lead', id }
  if (kind === 'leads') {
    const [sort, stage] = [oneOf(leadSorts, given.get('sort')), oneOf(leadStages, given.get('stage'))]
    return { name: 'leads', view: { sort, stage, assignee: textOf('assignee'), cursor } }
  }
  if (kind === 'reports') {
    const [report, by] = [oneOf(reportNames, given.get('report')), oneOf(reportGroups, given.get('by'))]
    const [from, until] = [dayOf(textOf('from')), dayOf(textOf('until'))]
    return { name: 'reports', view: { report, from, until, offer: textOf('offer'), by } }
  }
  if (kind === 'audit') {
    const [from, until] = [dayOf(textOf('from')), dayOf(textOf('until'))]
    const [who, action, target] = ['who', 'action', 'target'].map(textOf)
    return { name: 'audit', view: { who, action, target, from, until, cursor } }
  }
  return { name: kind ? (oneOf(plainPlaces, kind) ?? 'unknown') : 'overview' }
}

const withQuery = (path: string, values: Readonly<Record<string, string | undefined>>): string => {
  const given = Object.entries(values).flatMap(([name, value]): [string, string][] => (value ? [[name, value]] : []))
  const query = new URLSearchParams(given).toString()
  return query === '' ? path : `${path}?${query}`
}

/** The fragment of a view: the address holds the whole state of it. */
export const hashOf = (route: Route): string => {
  if (route.name === 'overview' || route.name === 'unknown') return '#/'
  if ('view' in route) return withQuery(`#/${route.name}`, { ...route.view })
  if (route.name === 'lead') return `#/leads/${route.id}`
  if (route.name !== 'site') return `#/${route.name}`
  const { id, part, cursor } = route
  return withQuery(`#/sites/${id}`, { part: part === 'facts' ? undefined : part, cursor })
}

const sorts = {
  newest: { sort: 'created', order: 'descending' },
  oldest: { sort: 'created', order: 'ascending' },
  'due-first': { sort: 'deadline', order: 'ascending' },
  'due-last': { sort: 'deadline', order: 'descending' },
} as const

const hostnameIn = (url: string): string | undefined => {
  try {
    return new URL(url).hostname.replace(/\.$/, '')
  } catch {
    return undefined
  }
}

/** What a text looks like: an id, an e-mail address, a hostname or a URL with one, or words. */
export const searchOf = (text: string) => {
  const hostname = /^https?:\/\//i.test(text) ? hostnameIn(text) : undefined
  if (hostname) return { hostname }
  if (/^site_\w+$/.test(text)) return { id: text }
  if (/^\S+@\S+$/.test(text)) return { owner: text }
  if (!/^\S+\.\S+$/.test(text)) return { words: text }
  return { hostname: hostnameIn(`http://${text}`) ?? text }
}

/** The conditions of a view for the API. A search has its own order, and takes no other condition here. */
export const queryOf = ({ search, status, order = 'newest', cursor }: SitesView) => {
  const more = cursor === undefined ? {} : { cursor }
  const text = search?.trim() ?? ''
  if (text !== '') return { ...searchOf(text), ...more }
  return { ...sorts[order], ...(status === undefined ? ({ owned: 'true' } as const) : { status }), ...more }
}

export const leadsQueryOf = ({ sort, stage, assignee, cursor }: LeadsView) => ({
  ...(sort === undefined ? {} : { sort }),
  ...(stage === undefined ? {} : { stage }),
  ...(assignee === undefined ? {} : { assignee }),
  ...(cursor === undefined ? {} : { cursor }),
})

export const reportQueryOf = ({ from, until, offer, by }: ReportsView) => ({
  ...(from === undefined ? {} : { from }),
  ...(until === undefined ? {} : { until }),
  ...(offer === undefined ? {} : { offer }),
  ...(by === undefined ? {} : { by }),
})

const dayMilliseconds = 86_400_000

/** The conditions of a view of the audit log for the API, whose end is not included. */
export const auditQueryOf = (view: AuditView): Readonly<Record<string, string>> => {
  const { who, action, target, from, until, cursor } = view
  const end = until === undefined ? undefined : new Date(Date.parse(until) + dayMilliseconds).toISOString()
  const acts = action === undefined ? { only: 'changes' } : action === 'all' ? {} : { action }
  const asked = {
    who,
    ...acts,
    target,
    from: from === undefined ? undefined : new Date(from).toISOString(),
    until: end,
    cursor,
  }
  return Object.fromEntries(Object.entries(asked).flatMap(([name, value]) => (value ? [[name, value]] : [])))
}
