import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { api, bodyOf } from '../api/client.ts'
import { siteHash } from './routes.ts'
import { useUpdateSite } from './use-site.ts'

const refreshMilliseconds = 10_000
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
