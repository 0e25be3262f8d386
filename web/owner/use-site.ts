import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import type { components } from '../../docs/api/openapi.d.ts'
import { api, bodyOf } from '../api/client.ts'

export type Site = components['schemas']['Site']

const refreshMilliseconds = 10_000
const busyMilliseconds = 2000

/** Sites are polled more often while one changes. */
export const pollInterval = (sites: readonly Site[]): number =>
  sites.some(({ operation, status }) => operation !== null || status === 'building')
    ? busyMilliseconds
    : refreshMilliseconds

/** A site of the signed-in owner. */
export const useSite = (id: string) =>
  useQuery({
    queryKey: ['site', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/sites/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data } }) => pollInterval(data === undefined ? [] : [data]),
  })

/** Shows a site as an act answered it, or loads it again. A poll from before the act does not overwrite it. */
export const useUpdateSite = (id: string) => {
  const queries = useQueryClient()
  return useCallback(
    async (site?: Site): Promise<void> => {
      const queryKey = ['site', id]
      await queries.cancelQueries({ queryKey })
      for (const key of [['sites'], ['billing', id]]) void queries.invalidateQueries({ queryKey: key })
      if (site === undefined) await queries.invalidateQueries({ queryKey })
      else queries.setQueryData(queryKey, site)
    },
    [queries, id],
  )
}
