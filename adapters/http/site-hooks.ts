import { request } from 'node:http'
import type { HookAnswer, HookCall, SiteHooks } from '../../core/ports/hooks.ts'
import { type Endpoint, isSameEndpoint, placeOf, type SitePlace } from '../../core/site/location.ts'
import { sourceAddressFor } from '../containers/site-network.ts'
import { postOnce } from './post-once.ts'

/** Routers drop fields of this kind from visitors' requests, so a site can believe it. */
const hookHeader = 'X-Sitewright-Hook'

const headersOf = ({ siteUrl, idempotencyKey, token, body }: HookCall) => {
  const { host, protocol } = new URL(siteUrl)
  return {
    Host: host,
    'X-Forwarded-Host': host,
    'X-Forwarded-Proto': protocol.slice(0, -1),
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
    'Idempotency-Key': idempotencyKey,
    [hookHeader]: 'hand-over',
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
  }
}

const post = ({ host, port }: Endpoint, call: HookCall, timeoutMilliseconds: number): Promise<HookAnswer> => {
  const { path, body } = call
  const localAddress = sourceAddressFor(host)
  return postOnce(request, { host, port, path, headers: headersOf(call), localAddress, body, timeoutMilliseconds })
}

/**
 * Posts with a new connection each time: a kept one might be of a process that has ended.
 * @param options.locate where the site listens now; a site that has moved since its record was written is not asked.
 */
export const createSiteHooks = (
  options: {
    readonly locate?: (place: SitePlace) => Promise<Endpoint | undefined>
    readonly timeoutMilliseconds?: number
  } = {},
): SiteHooks => ({
  call: async (site, call) => {
    const { locate, timeoutMilliseconds = 10_000 } = options
    const { endpoint } = site
    if (endpoint === undefined) return { failure: 'refused' }
    if (locate !== undefined) {
      const now = await locate(placeOf(site)).catch(() => undefined)
      if (!isSameEndpoint(endpoint, now)) return { failure: 'refused' }
    }
    return post(endpoint, call, timeoutMilliseconds)
  },
})
