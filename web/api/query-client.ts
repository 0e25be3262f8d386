import { QueryClient } from '@tanstack/react-query'
import { ApiError } from './api-error.ts'

const mostRetries = 2

/**
 * The cache of queries. Polling (`refetchInterval`) stops while the page is hidden. What may pass is retried; a refusal is final.
 */
export const createQueryClient = (): QueryClient =>
  new QueryClient({
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
