import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { ApiError } from '../api/api-error.ts'
import { api, bodyOf } from '../api/client.ts'
import { placeAfterSignIn } from './enter.ts'
import { isStartedFor } from './request-code.ts'

const sessionKey = ['session']

/** The session's address; null if nobody is signed in. */
const signedInAs = async (): Promise<string | null> => (await bodyOf(api.GET('/v1/session/person'))).email

/** The address of the session; null if nobody is signed in. */
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

/** Signs in with a code, and continues. */
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
