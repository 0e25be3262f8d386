export const siteParts = [
  'overview',
  'environments',
  'plans',
  'domains',
  'copies',
  'sharing',
  'history',
  'settings',
] as const
export type SitePart = (typeof siteParts)[number]

export type Route =
  | { readonly name: 'sites' }
  | { readonly name: 'account' }
  | { readonly name: 'team' }
  | { readonly name: 'invitation'; readonly id: string }
  | { readonly name: 'site'; readonly id: string; readonly part: SitePart; readonly isBought: boolean }

/** The view of an address's fragment. `#/bought/ID` is where Stripe sends somebody who has paid. */
export const routeOf = (hash: string): Route => {
  const [path = '', query] = hash.replace(/^#/, '').split('?')
  const [, kind, id] = path.split('/')
  if (kind === 'account') return { name: 'account' }
  if (kind === 'team') return { name: 'team' }
  if (!id) return { name: 'sites' }
  if (kind === 'invitations') return { name: 'invitation', id }
  const given = new URLSearchParams(query).get('part')
  if (kind === 'bought') return { name: 'site', id, part: 'plans', isBought: true }
  return { name: 'site', id, part: siteParts.find((part) => part === given) ?? 'overview', isBought: false }
}

export const siteHash = (id: string, part: SitePart): string =>
  part === 'overview' ? `#/sites/${id}` : `#/sites/${id}?part=${part}`
