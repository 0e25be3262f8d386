export type Route =
  | { readonly name: 'start' }
  | {
      readonly name: 'code'
      readonly id: string
      readonly linkCode: string | undefined
      readonly asksConsent?: boolean
    }
  | { readonly name: 'keep'; readonly id: string; readonly code: string }
  | { readonly name: 'new' }
  | { readonly name: 'building'; readonly id: string }
  | { readonly name: 'waiting' }
  | { readonly name: 'owner'; readonly path: string }

/** The screen of an address's fragment. Mails and Stripe have such addresses, so they must stay valid. */
export const routeOf = (hash: string): Route => {
  const [path = '', query] = hash.replace(/^#/, '').split('?')
  const [, kind, id] = path.split('/')
  const given = new URLSearchParams(query)
  const code = given.get('code') ?? undefined
  if (kind === 'signups' && id)
    return { name: 'code', id, linkCode: code, asksConsent: given.get('ask') === 'marketing' }
  if (kind === 'keep' && id) return { name: 'keep', id, code: code ?? '' }
  if (kind === 'building' && id) return { name: 'building', id }
  if (kind === 'new' || kind === 'waiting') return { name: kind }
  if (['sites', 'bought', 'account', 'team', 'invitations'].includes(kind ?? ''))
    return { name: 'owner', path: `/sites/${hash}` }
  return { name: 'start' }
}
