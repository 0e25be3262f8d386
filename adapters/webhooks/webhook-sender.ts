import type { LookupAddress } from 'node:dns'
import { lookup as lookupName } from 'node:dns/promises'
import { request as requestPlain } from 'node:http'
import { request } from 'node:https'
import { isIP } from 'node:net'
import { Webhook } from 'standardwebhooks'
import {
  type WebhookCall,
  type WebhookSecrets,
  type WebhookSender,
  webhookUrlProblem,
} from '../../lambdas/webhooks/webhook.ts'
import { type Ask, isPublicAddress, postOnce } from '../http/post-once.ts'

type Resolve = (hostname: string) => Promise<readonly LookupAddress[]>
type Lookup = NonNullable<NonNullable<Parameters<typeof request>[1]>['lookup']>

const resolveAll: Resolve = (hostname) => lookupName(hostname, { all: true })

/** Signs by the library of Standard Webhooks, once with each secret. */
export const signedHeaders = async ({ secrets, endpointId, id, at, body }: WebhookCall, stored: WebhookSecrets) => {
  const values = await Promise.all(secrets.map((number) => stored.valueOf(endpointId, number)))
  const time = new Date(at)
  return {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'user-agent': 'Sitewright-Webhooks/1',
    'webhook-id': id,
    'webhook-timestamp': String(Math.floor(time.getTime() / 1000)),
    'webhook-signature': values.map((value) => new Webhook(value).sign(id, time, body)).join(' '),
  }
}

/**
 * Sends webhooks. The name of an endpoint is resolved once for each attempt, and the connection goes to what was checked: a second answer of its
 * DNS has no effect. An endpoint with one address that is not public gets nothing.
 * @param options.allowedHosts hosts, with or without a port, that may have any address, and http.
 */
export const createWebhookSender = (options: {
  readonly secrets: WebhookSecrets
  readonly allowedHosts?: readonly string[]
  readonly resolve?: Resolve
  readonly mayReach?: (address: string) => boolean
  readonly timeoutMilliseconds?: number
}): WebhookSender => ({
  send: async (call) => {
    const { allowedHosts = [], resolve = resolveAll } = options
    const { mayReach = isPublicAddress, timeoutMilliseconds = 10_000 } = options
    // The allow-list may have changed since it was created.
    if (webhookUrlProblem(call.url, allowedHosts) !== undefined) return { failure: 'address' }
    const { protocol, hostname: bracketed, host, port, pathname, search } = new URL(call.url)
    const hostname = bracketed.replace(/^\[|\]$/g, '')
    const isAllowed = [host, bracketed].some((name) => allowedHosts.includes(name))
    // A literal address is connected to without a lookup.
    if (!isAllowed && isIP(hostname) !== 0 && !mayReach(hostname)) return { failure: 'address' }
    let isRefused = false
    const find = async (name: string): Promise<readonly LookupAddress[]> => {
      const found = await resolve(name)
      isRefused = found.length === 0 || (!isAllowed && !found.every(({ address }) => mayReach(address)))
      if (isRefused) throw new Error('the address is not allowed')
      return found
    }
    const lookup: Lookup = (name, { all }, give) => {
      find(name).then(
        (found) => (all === true ? give(null, [...found]) : give(null, found[0]?.address ?? '', found[0]?.family)),
        (error: Error) => give(error, ''),
      )
    }
    const ask: Ask = protocol === 'https:' ? request : requestPlain
    let retryAfter: string | undefined
    const noting: Ask = (options, answered) =>
      ask(options, (answer) => {
        retryAfter = answer.headers['retry-after']
        answered(answer)
      })
    const answer = await postOnce(noting, {
      hostname,
      port: port === '' ? undefined : Number(port),
      path: `${pathname}${search}`,
      headers: await signedHeaders(call, options.secrets),
      lookup,
      body: call.body,
      timeoutMilliseconds,
    })
    if (isRefused) return { failure: 'address' }
    return retryAfter === undefined ? answer : { ...answer, retryAfter }
  },
})
