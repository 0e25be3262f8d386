import { useQuery } from '@tanstack/react-query'
import { ApiError } from '../api/api-error.ts'
import { api, bodyOf, signInAndReturn } from '../api/client.ts'
import type { operations } from '../api/openapi.d.ts'
import { createQueryClient } from '../api/query-client.ts'
import type { catalogue } from '../texts/catalogues/owner.ts'
import { useDomainNow, usePageOf } from '../ui/use-page.ts'

/** Who is signed in. A 401 of the API would be an error in the browser's console of each first visit. */
const readSession = async () => {
  const { email, now, may } = await bodyOf(api.GET('/v1/session/person'))
  if (email === null || may === null) throw new ApiError(401, {})
  return { email, now, may }
}

export const useSession = () => useQuery({ queryKey: ['session'], queryFn: readSession, staleTime: Infinity })

/** Says whether the person may do something in the account, with a site. The server says it, and decides. */
export const useMay = () => {
  const { data } = useSession()
  return (operation: keyof operations, site?: { readonly ownersOnly: boolean }): boolean =>
    data?.may.always.includes(operation) === true ||
    (data?.may.unlessOwnersOnly.includes(operation) === true && site?.ownersOnly !== true)
}

/** Queries of a session. Who has none signs in, and comes back to this view. A refusal may mean that the person has another role now. */
export const createSessionQueries = () => {
  const queries = createQueryClient((error) => {
    if (!(error instanceof ApiError)) return
    if (error.status === 401) signInAndReturn()
    if (error.status === 403) void queries.invalidateQueries({ queryKey: ['session'] })
  })
  return queries
}

export const usePage = () => usePageOf<keyof typeof catalogue>()

export const useNow = (): string => useDomainNow(useSession())
