import { queryOptions, useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import { ApiError, api, base, bodyOf, chosenAccount, isKind, takeReturnPath } from '../api/client.ts'
import { mayHaveTrial, ownOffer } from '../api/open-offer.ts'
import type { PageSettings } from '../settings.ts'
import { PageError } from '../ui/use-page.ts'
import { blueprintOfLink, isStartedFor, screenAt } from './request-code.ts'
import { usePage } from './screen.tsx'

/** To an invitation, which may have been opened in another tab; to the sites of a team; or to name a site, as whoever comes for a product. */
const placeForNew = async (): Promise<string> => {
  if (new URLSearchParams(location.search).has('blueprint')) return screenAt('new')
  const [{ invitations }, { accounts }] = await Promise.all([
    bodyOf(api.GET('/v1/invitations')),
    bodyOf(api.GET('/v1/accounts')),
  ])
  const [invitation] = invitations
  if (invitation !== undefined) return `${base()}/sites/#/invitations/${invitation.id}`
  return accounts.length > 1 ? `${base()}/sites/` : screenAt('new')
}

/** Where somebody continues who is signed in: where they were, to a build, to their sites, or to name one where the offer has trials of its own. */
export const placeAfterSignIn = async (settings: PageSettings, signal?: AbortSignal): Promise<string> => {
  const before = takeReturnPath()
  if (before !== undefined) return before
  const { sites, cursor } = await bodyOf(api.GET('/v1/sites', signal === undefined ? {} : { signal }))
  const [first] = sites
  if (first === undefined) return placeForNew()
  if (sites.length === 1 && first.status === 'building') return screenAt(`building/${first.id}`)
  const isNew = settings.trials === 'one-per-offer' && chosenAccount === null && cursor === undefined
  return isNew && mayHaveTrial(sites, settings) ? placeForNew() : `${base()}/sites/`
}

const readSession = ({ offer = ownOffer }: PageSettings) =>
  bodyOf(api.GET('/v1/session/person', { params: { query: { offer } } }))

const sessionQuery = (settings: PageSettings) =>
  queryOptions({ queryKey: ['session'], queryFn: () => readSession(settings) })

/** The address of whoever is signed in; null if nobody is. */
export const useSession = () => useQuery({ ...sessionQuery(usePage().settings), select: ({ email }) => email })

/** The products that a new site can have, and the one that the visitor came for: that of the link or, in another tab or browser, that of the sign-up. */
export const useProducts = () => {
  const { settings } = usePage()
  const { data } = useQuery(sessionQuery(settings))
  const products = settings.products.filter(({ name }) => data?.blueprints.includes(name))
  const wanted = blueprintOfLink(settings) ?? data?.blueprint
  return { products, wanted: (products.find(({ name }) => name === wanted) ?? products[0])?.name }
}

interface Given {
  readonly code: string
  readonly acceptedTerms?: boolean
  /** The version of the text by which they consent to marketing now. */
  readonly marketingConsent?: string
}

/**
 * Exchanges a code for a session. If the answer to the right code was lost but its cookie arrived, the server refuses a second
 * attempt, and the session shows that the first one succeeded.
 */
const verify = async (id: string, given: Given, settings: PageSettings): Promise<void> => {
  try {
    await api.POST('/v1/signups/{id}/verification', { params: { path: { id } }, body: given })
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0) throw error
    const { email = null } = (await readSession(settings).catch(() => undefined)) ?? {}
    if (email === null || !isStartedFor(email)) throw error
  }
}

export const useSignIn = (id: string) => {
  const queries = useQueryClient()
  const { settings } = usePage()
  /** The sign-up whose code was exchanged: what follows may fail, and a code is good for once. */
  const verified = useRef<string>(undefined)
  return useMutation({
    mutationFn: async (given: Given) => {
      if (verified.current !== id) await verify(id, given, settings)
      verified.current = id
      try {
        // First: the place to return to is kept once only, and this may fail.
        const session = await readSession(settings)
        return { session, place: await placeAfterSignIn(settings) }
      } catch (error) {
        if (!isKind(error, 'unauthenticated')) throw error
        verified.current = undefined
        throw new PageError('code.no-cookies', 'the browser did not keep the cookie of the session')
      }
    },
    onSuccess: ({ session, place }) => {
      queries.setQueryData(sessionQuery(settings).queryKey, session)
      // The code must not stay in the address or in the history.
      location.replace(place)
    },
  })
}
