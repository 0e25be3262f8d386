import { useQuery } from '@tanstack/react-query'
import { ApiError } from '../api/api-error.ts'
import { api, bodyOf } from '../api/client.ts'
import { createQueryClient } from '../api/query-client.ts'
import { signInAndReturn } from '../api/return-to.ts'

export const useSession = () =>
  useQuery({ queryKey: ['session'], queryFn: () => bodyOf(api.GET('/v1/session')), staleTime: Infinity })

/** Queries of a session. Who has none signs in, and comes back to this view. */
export const createSessionQueries = () =>
  createQueryClient((error) => {
    if (error instanceof ApiError && error.status === 401) signInAndReturn()
  })
