import createClient from 'openapi-fetch'
import type { paths } from '../../docs/api/openapi.d.ts'
import { ApiError, errorOf } from './api-error.ts'
import { rememberingFetch } from './remembering-fetch.ts'

/** The API, typed by its description. Its calls throw `ApiError`. */
export const api = createClient<paths>({
  baseUrl: globalThis.location?.origin ?? '',
  cache: 'no-store',
  headers: { accept: 'application/json' },
  fetch: rememberingFetch,
})

api.use({
  onResponse: async ({ response }) => {
    if (!response.ok) throw await errorOf(response)
  },
  onError: ({ error, request }) => (request.signal.aborted ? undefined : new ApiError(0, { detail: String(error) })),
})

/** The body of an answer that has one. */
export const bodyOf = async <Body>(call: Promise<{ readonly data?: Body }>): Promise<NonNullable<Body>> => {
  const { data } = await call
  if (data === undefined || data === null) throw new Error('the answer has no body')
  return data
}
