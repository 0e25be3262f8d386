import { request } from 'node:http'
import type { SiteId } from '../../core/ids.ts'
import type { HookAnswer, HookCall, SiteHooks } from '../../core/ports/hooks.ts'
import { mostAnswered } from '../../core/ports/hooks.ts'
import type { Endpoint } from '../../core/site/location.ts'
import { isSameEndpoint } from '../../core/site/location.ts'
import { sourceAddressFor } from '../containers/site-network.ts'
import { failureOf } from './health-probe.ts'

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

const post = ({ host, port }: Endpoint, call: HookCall, timeoutMilliseconds: number): Promise<HookAnswer> =>
  new Promise((resolve) => {
    const signal = AbortSignal.timeout(timeoutMilliseconds)
    const give = (error: unknown): void => resolve(failureOf(signal.aborted ? signal.reason : error))
    try {
      const asking = request(
        {
          host,
          port,
          path: call.path,
          method: 'POST',
          headers: headersOf(call),
          localAddress: sourceAddressFor(host),
          agent: false,
          signal,
        },
        (answer) => {
          const status = answer.statusCode ?? 0
          let text = ''
          answer.setEncoding('utf8')
          answer.on('data', (chunk: string) => {
            text = `${text}${chunk}`.slice(0, mostAnswered)
            if (text.length === mostAnswered) answer.destroy()
          })
          // The status counts, also of an answer that breaks off.
          answer.on('error', () => {})
          answer.on('close', () => resolve({ status, text }))
        },
      )
      asking.on('error', give)
      asking.end(call.body)
    } catch (error) {
      give(error)
    }
  })

/**
 * Posts with a new connection each time: a kept one might be of a process that has ended.
 * @param options.locate where the site listens now; a site that has moved since its record was written is not asked.
 */
export const createSiteHooks = ({
  locate,
  timeoutMilliseconds = 10_000,
}: {
  readonly locate?: (siteId: SiteId) => Promise<Endpoint | undefined>
  readonly timeoutMilliseconds?: number
} = {}): SiteHooks => ({
  call: async ({ id, endpoint }, call) => {
    if (endpoint === undefined) return { failure: 'refused' }
    if (locate !== undefined) {
      const now = await locate(id).catch(() => undefined)
      if (!isSameEndpoint(endpoint, now)) return { failure: 'refused' }
    }
    return post(endpoint, call, timeoutMilliseconds)
  },
})
