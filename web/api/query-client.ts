import { MutationCache, QueryCache, QueryClient, type QueryKey, useMutation, useQuery } from '@tanstack/react-query'
import { ApiError, api, base, bodyOf, forgetAccount, isKind } from './client.ts'
import { forgetAnswers } from './remembering-fetch.ts'
import { tabStorage } from './storage.ts'

const maxRetries = 2

/** Whether something is gone, or forbidden to the reader: nobody asks for it again and again. */
export const isLost = (error: unknown): boolean => error instanceof ApiError && [403, 404, 410].includes(error.status)

/**
 * The cache of queries. Polling (`refetchInterval`) stops while the page is hidden. What may pass is retried; a refusal is final. What is gone or
 * forbidden by now loses its data, so that the page says so; after an act on such a thing everything is read again.
 * @param onError is called with each error of a query, with its key, or of a mutation, such as one that shows that the session has ended.
 */
export const createQueryClient = (
  onError: (error: unknown, queryKey?: QueryKey) => void = () => undefined,
): QueryClient => {
  const queries = new QueryClient({
    queryCache: new QueryCache({
      onError: (error, query) => {
        if (isLost(error)) query.setState({ data: undefined })
        onError(error, query.queryKey)
      },
    }),
    mutationCache: new MutationCache({
      onError: (error) => {
        if (isLost(error)) void queries.invalidateQueries()
        onError(error)
      },
    }),
    defaultOptions: {
      queries: {
        retry: (failures, error) => error instanceof ApiError && error.mayPass && failures < maxRetries,
        retryDelay: (failures) => 500 * 2 ** failures,
        networkMode: 'always',
        refetchIntervalInBackground: false,
      },
      mutations: { networkMode: 'always' },
    },
  })
  return queries
}

/** Shows what an act answered. A read that began before it does not overwrite it. */
export const showAnswer = async (queries: QueryClient, queryKey: QueryKey, answer: unknown): Promise<void> => {
  await queries.cancelQueries({ queryKey })
  queries.setQueryData(queryKey, answer)
}

/**
 * The session, read once and whenever the page becomes visible again: somebody else may have signed in in another tab. Then the page begins anew,
 * because what it holds is for the person before.
 */
export const useSessionOf = <Session>(
  queryKey: QueryKey,
  read: () => Promise<Session>,
  personOf: (session: Session) => string | undefined,
) =>
  useQuery({
    queryKey,
    queryFn: async ({ client }) => {
      const before = client.getQueryData<Session>(queryKey)
      const session = await read()
      const former = before ? personOf(before) : undefined
      if (former !== undefined && former !== personOf(session)) location.reload()
      return session
    },
    staleTime: Infinity,
    refetchOnWindowFocus: 'always',
  })

/** Ends the session of an owner, and begins anew with nothing of theirs. @param onError says that they are still signed in. */
export const useSignOut = (onError?: (error: unknown) => void) =>
  useMutation({
    mutationFn: async () => {
      try {
        await api.DELETE('/v1/session')
      } catch (error) {
        // It is over already: an answer was lost, or it was ended elsewhere.
        if (!isKind(error, 'unauthenticated')) throw error
      }
    },
    onSuccess: () => {
      forgetAnswers()
      tabStorage.clear()
      forgetAccount()
      // A new document: a reload would be shown at the owner's other addresses too, on the way back.
      location.replace(`${base()}/`)
    },
    ...(onError && { onError }),
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
    refetchInterval: ({ state }) => (every === undefined || isLost(state.error) ? false : every * 1000),
  })
