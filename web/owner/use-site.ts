import { useQuery } from '@tanstack/react-query'
import type { components } from '../../docs/api/openapi.d.ts'
import { api, bodyOf } from '../api/client.ts'

export type Site = components['schemas']['Site']

const refreshMilliseconds = 10_000
const busyMilliseconds = 2000

/** A site of the signed-in owner, polled more often while it changes. */
export const useSite = (id: string) =>
  useQuery({
    queryKey: ['site', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/sites/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data } }) =>
      data?.operation || data?.status === 'building' ? busyMilliseconds : refreshMilliseconds,
  })
