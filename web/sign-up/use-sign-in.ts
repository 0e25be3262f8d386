import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ApiError, api, base, bodyOf, takeReturnPath } from '../api/client.ts'
import { isStartedFor } from './request-code.ts'

/** Where somebody continues who is signed in: where they were, to name a site, to a build, or to their sites. */
export const placeAfterSignIn = async (signal?: AbortSignal): Promise<string> => {
  const before = takeReturnPath()
  if (before !== undefined) return before
  const { sites } = await bodyOf(api.GET('/v1/sites', signal === undefined ? {} : { signal }))
  const [first] = sites
  if (first === undefined) return `${base()}/#/new`
  return sites.length === 1 && first.status === 'building' ? `${base()}/#/building/${first.id}` : `${base()}/sites/`
}

const sessionKey = ['session']

const signedInAs = async (): Promise<string | null> => (await bodyOf(api.GET('/v1/session/person'))).email

export const useSession = () => useQuery({ queryKey: sessionKey, queryFn: signedInAs })

interface Given {
  readonly code: string
  readonly acceptedTerms?: boolean
  /** The version of the text by which they consent to marketing now. */
  readonly marketingConsent?: string
}

/**
 * Exchanges a code for a session. If the answer to the right code was lost but its cookie arrived, the server refuses a second
 * attempt, and the session shows that the first one succeeded.
 * @returns the session's address.
 */
const verify = async (id: string, given: Given): Promise<string> => {
  try {
    const call = api.POST('/v1/signups/{id}/verification', { params: { path: { id } }, body: given })
    return (await bodyOf(call)).account.email
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0) throw error
    const email = await signedInAs().catch(() => null)
    if (email === null || !isStartedFor(email)) throw error
    return email
  }
}

export const useSignIn = (id: string) => {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async (given: Given) => {
      const email = await verify(id, given)
      return { email, place: await placeAfterSignIn() }
    },
    onSuccess: ({ email, place }) => {
      queries.setQueryData(sessionKey, email)
      // The code must not stay in the address or in the history.
      location.replace(place)
    },
  })
}
