import { useQuery } from '@tanstack/react-query'
import type { components } from '../../docs/api/openapi.d.ts'
import { api, bodyOf } from '../api/client.ts'
import { onSale } from './on-sale.ts'
import { usePage } from './use-page.ts'

type Plan = components['schemas']['Plan']

/** The plans that this installation offers; none until they are loaded. */
export const useOfferedPlans = (): readonly Plan[] => {
  const { data } = useQuery({
    queryKey: ['offered-plans'],
    queryFn: ({ signal }) => bodyOf(api.GET('/v1/plans', { signal })),
    staleTime: Infinity,
  })
  return onSale(data?.plans ?? [], usePage().settings)
}
