/** The last answers that had an ETag, by address; the oldest first. */
const known = new Map<string, { readonly etag: string; readonly response: Response }>()
const most = 50

const remember = (url: string, etag: string, response: Response): void => {
  known.delete(url)
  known.set(url, { etag, response })
  const [oldest] = known.keys()
  if (known.size > most && oldest !== undefined) known.delete(oldest)
}

/** Forgets the answers, at sign-out. */
export const forgetAnswers = (): void => known.clear()

/** Fetches; what has not changed since (304) is answered from memory, so that polling is cheap. */
export const rememberingFetch = async (request: Request): Promise<Response> => {
  if (request.method !== 'GET') return fetch(request)
  const earlier = known.get(request.url)
  if (earlier !== undefined) request.headers.set('if-none-match', earlier.etag)
  const response = await fetch(request)
  if (response.status === 304 && earlier !== undefined) return earlier.response.clone()
  const etag = response.headers.get('etag')
  if (response.ok && etag !== null) remember(request.url, etag, response.clone())
  return response
}
