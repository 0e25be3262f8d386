import { useQuery } from '@tanstack/react-query'
import { ApiError } from '../api/api-error.ts'
import { api, bodyOf, signInAndReturn } from '../api/client.ts'
import { createQueryClient } from '../api/query-client.ts'
import type { catalogue } from '../texts/catalogues/owner.ts'
import { useDomainNow, usePageOf } from '../ui/use-page.ts'

/** Who is signed in. A 401 of the API would be an error in the browser's console of each first visit. */
const readSession = async () => {
  const { email, now } = await bodyOf(api.GET('/v1/session/person'))
  if (email === null) throw new ApiError(401, {})
  return { email, now }
}

export const useSession = () => useQuery({ queryKey: ['session'], queryFn: readSession, staleTime: Infinity })

/** Queries of a session. Who has none signs in, and comes back to this view. */
export const createSessionQueries = () =>
  createQueryClient((error) => {
    if (error instanceof ApiError && error.status === 401) signInAndReturn()
  })

export const usePage = () => usePageOf<keyof typeof catalogue>()

export const useNow = (): string => useDomainNow(useSession())
