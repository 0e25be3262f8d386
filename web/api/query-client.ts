import { MutationCache, QueryCache, QueryClient } from '@tanstack/react-query'
import { ApiError } from './client.ts'

const mostRetries = 2

/**
 * The cache of queries. Polling (`refetchInterval`) stops while the page is hidden. What may pass is retried; a refusal is final.
 * @param onError is called with each error of a query or a mutation, such as one that shows that the session has ended.
 */
export const createQueryClient = (onError: (error: unknown) => void = () => undefined): QueryClient =>
  new QueryClient({
    queryCache: new QueryCache({ onError }),
    mutationCache: new MutationCache({ onError }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => error instanceof ApiError && error.mayPass && failures < mostRetries,
        retryDelay: (failures) => 500 * 2 ** failures,
        networkMode: 'always',
        refetchIntervalInBackground: false,
      },
      mutations: { networkMode: 'always' },
    },
  })
