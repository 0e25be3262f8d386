import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import { api, bodyOf } from '../api/client.ts'
import type { components } from '../api/openapi.d.ts'
import { onSale } from './billing-words.ts'
import { usePage } from './page.ts'
import { siteHash } from './routes.ts'

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

const waitMilliseconds = 2000
const patienceMilliseconds = 60_000

/** The subscription of a site. */
export const billingQuery = (id: string) =>
  queryOptions({
    queryKey: ['billing', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/sites/{id}/billing', { params: { path: { id } }, signal })),
  })

/**
 * The subscription of a site, kept up to date. After the payment page (`isBought`), Stripe's message about the payment may still be on its way:
 * `payment` says whether it has arrived, or takes longer than usual.
 */
export const useBilling = (id: string, isBought: boolean) => {
  const update = useUpdateSite(id)
  // By the browser's clock.
  const [waitsUntil] = useState(() => (isBought ? Date.now() + patienceMilliseconds : 0))
  const query = useQuery({
    ...billingQuery(id),
    refetchInterval: ({ state: { data, dataUpdatedAt } }) =>
      data?.state !== 'active' && dataUpdatedAt < waitsUntil ? waitMilliseconds : refreshMilliseconds,
  })
  const isPaid = query.data?.state === 'active'
  const payment =
    waitsUntil === 0 ? undefined : isPaid ? 'started' : query.dataUpdatedAt < waitsUntil ? 'waiting' : 'late'
  useEffect(() => {
    if (payment !== 'started') return
    // A reload does not thank again. The site may have been loaded before the payment.
    history.replaceState(null, '', siteHash(id, 'plans'))
    void update()
  }, [payment, id, update])
  return { query, payment } as const
}

export type Plan = components['schemas']['Plan']

/** The plans that this installation offers; none until they are loaded. */
export const useOfferedPlans = (): readonly Plan[] => {
  const { data } = useQuery({
    queryKey: ['offered-plans'],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/plans', { signal })),
    staleTime: Infinity,
  })
  return onSale(data?.plans ?? [], usePage().settings)
}
