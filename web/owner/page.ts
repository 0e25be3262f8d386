import { queryOptions, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import { ApiError, api, bodyOf, signInAndReturn } from '../api/client.ts'
import type { operations } from '../api/openapi.d.ts'
import { createQueryClient, isLost, useRead, useSessionOf } from '../api/query-client.ts'
import type { catalogue } from '../texts/catalogues/owner.ts'
import { useDomainNow, usePageOf } from '../ui/use-page.ts'
import { onSale, type Plan } from './plan-words.ts'
import { siteHash } from './routes.ts'
import type { Site } from './site-words.ts'

/** Who is signed in. A 401 of the API would be an error in the browser's console of each first visit. */
const readSession = async () => {
  const { email, now, may, isClosed } = await bodyOf(api.GET('/v1/session/person'))
  if (email === null || may === null) throw new ApiError(401, {})
  return { email, now, may, isClosed }
}

export const useSession = () => useSessionOf(['session'], readSession, ({ email }) => email)

/** The accounts that the person may act for: their own one and those of their teams. */
export const useAccounts = () => {
  const { data: session } = useSession()
  return useQuery({
    queryKey: ['accounts'],
    // Without a session it would be refused, which browsers log.
    enabled: session !== undefined,
    queryFn: async ({ signal }) => (await bodyOf(api.GET('/v1/accounts', { signal }))).accounts,
    staleTime: Infinity,
  })
}

/** What an account allows that is being deleted. */
const whileClosed = /^(get|list|link|reopen)/

/** Says whether the person may do something in the account, with a site. The server says it, and decides. */
export const useMay = () => {
  const { data } = useSession()
  return (operation: keyof operations, site?: { readonly ownersOnly: boolean }): boolean =>
    (data?.isClosed !== true || whileClosed.test(operation)) &&
    (data?.may.always.includes(operation) === true ||
      (data?.may.unlessOwnersOnly.includes(operation) === true && site?.ownersOnly !== true))
}

/** Queries of a session. Who has none signs in, and comes back to this view. A refusal may mean that the person has another role now, or that the account is closed. */
export const createSessionQueries = () => {
  const queries = createQueryClient((error, queryKey) => {
    if (!(error instanceof ApiError)) return
    if (error.status === 401) signInAndReturn()
    if ([403, 409].includes(error.status) && queryKey?.[0] !== 'session')
      void queries.invalidateQueries({ queryKey: ['session'] })
  })
  return queries
}

export const usePage = () => usePageOf<keyof typeof catalogue>()

export const useNow = (): string => useDomainNow(useSession())

const refreshMilliseconds = 10_000
const busyMilliseconds = 2000

/** Sites are polled more often while one changes, and no more once they are lost. */
export const pollInterval = (sites: readonly Site[] = [], error: unknown = null): number | false => {
  if (isLost(error)) return false
  return sites.some(({ operation, status }) => operation !== null || status === 'building')
    ? busyMilliseconds
    : refreshMilliseconds
}

export const useSite = (id: string) =>
  useQuery({
    queryKey: ['site', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/sites/{id}', { params: { path: { id } }, signal })),
    refetchInterval: ({ state: { data, error } }) => pollInterval(data && [data], error),
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
/** Each one asks Stripe. */
const checkoutMilliseconds = 300_000

export const billingQuery = (id: string) =>
  queryOptions({
    queryKey: ['billing', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/sites/{id}/billing', { params: { path: { id } }, signal })),
  })

/**
 * The subscription of a site, kept up to date. After the payment page (`isBought`), Stripe's message about the payment may still be on its way:
 * `payment` says whether it has arrived, takes longer than usual or was declined.
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
  // A debit that the bank declines days later leaves no trace on the subscription.
  const { data: checkout } = useQuery({
    queryKey: ['checkout', id],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/sites/{id}/checkout', { params: { path: { id } }, signal })),
    enabled: isBought && query.data !== undefined && !isPaid,
    staleTime: checkoutMilliseconds,
    refetchInterval: checkoutMilliseconds,
  })
  const isDeclined = checkout?.payment === 'failed'
  const unpaid = isDeclined ? 'declined' : query.dataUpdatedAt < waitsUntil ? 'waiting' : 'late'
  const payment = waitsUntil === 0 ? undefined : isPaid ? 'started' : unpaid
  useEffect(() => {
    if (payment !== 'started') return
    // A reload does not thank again. The site may have been loaded before the payment.
    history.replaceState(null, '', siteHash(id, 'plans'))
    void update()
  }, [payment, id, update])
  return { query, payment } as const
}

export const usePlans = () =>
  useRead(['offered-plans'], (signal) => api.GET('/v1/plans', { signal }), { staleTime: Infinity })

/** The plans that this installation offers; none until they are loaded. */
export const useOfferedPlans = (): readonly Plan[] => onSale(usePlans().data?.plans ?? [], usePage().settings)
