import { MutationCache, QueryCache, QueryClient, useQuery } from '@tanstack/react-query'
import { ApiError, bodyOf } from './client.ts'

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

interface ReadOptions {
  readonly enabled?: boolean
  readonly staleTime?: number
  /** Reads again after so many seconds. */
  readonly every?: number
}

/** A query for the body of an answer. */
export const useRead = <Body>(
  queryKey: readonly unknown[],
  call: (signal: AbortSignal) => Promise<{ readonly data?: Body }>,
  { every, ...options }: ReadOptions = {},
) =>
  useQuery({
    ...options,
    queryKey,
    queryFn: ({ signal }) => bodyOf(call(signal)),
    refetchInterval: every === undefined ? false : every * 1000,
  })
