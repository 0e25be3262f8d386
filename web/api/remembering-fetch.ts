let last = Number.NEGATIVE_INFINITY
const note = (): void => {
  last = performance.now()
}

// Absent outside browsers.
const listen: unknown = Reflect.get(globalThis, 'addEventListener')
if (typeof listen === 'function') {
  for (const event of ['pointerdown', 'keydown', 'popstate']) listen.call(globalThis, event, note, { capture: true })
}

/** When somebody last used the page, by `performance.now()`. */
export const inputTime = (): number => last

interface Known {
  readonly etag: string
  readonly response: Response
  /** By `performance.now()`. */
  readonly askedAt: number
}

/** The last answers that had an ETag, by address; the oldest first. */
const known = new Map<string, Known>()
const max = 50

const remember = (url: string, answer: Known): void => {
  known.delete(url)
  known.set(url, answer)
  const [oldest] = known.keys()
  if (known.size > max && oldest !== undefined) known.delete(oldest)
}

/** Forgets the answers, at sign-out. */
export const forgetAnswers = (): void => known.clear()

/**
 * Fetches; what has not changed since (304) is answered from memory, so that polling is cheap. A repeated read is marked as a poll if
 * nobody used the page since the last one: polls do not keep a session.
 */
export const rememberingFetch = async (request: Request): Promise<Response> => {
  if (request.method !== 'GET') return fetch(request)
  const earlier = known.get(request.url)
  const askedAt = performance.now()
  if (earlier !== undefined) {
    request.headers.set('if-none-match', earlier.etag)
    if (inputTime() < earlier.askedAt) request.headers.set('sitewright-poll', '1')
  }
  const response = await fetch(request)
  if (response.status === 304 && earlier !== undefined) {
    remember(request.url, { ...earlier, askedAt })
    return earlier.response.clone()
  }
  const etag = response.headers.get('etag')
  if (response.ok && etag !== null) {
    // Read whole: what is left of an answer fails once somebody aborts its request.
    const body = await response.clone().blob()
    remember(request.url, { etag, response: new Response(body, response), askedAt })
  }
  return response
}
