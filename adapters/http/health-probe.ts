import { type IncomingMessage, request } from 'node:http'
import { type AskingProbe, type CheckProbe, type HealthAnswer, isWell } from '../../core/ports/probes.ts'
import type { Endpoint } from '../../core/site/site.ts'
import { type StrangersWay, setUpsOf } from '../../lambdas/blueprints/strangers.ts'
import { sourceAddressFor } from '../containers/site-network.ts'
import { hasCode } from '../durable-files/replace-file.ts'

const longestLocation = 200
const maxHops = 10

/** Why a request to a site got no answer. */
export const failureOf = (error: unknown): Extract<HealthAnswer, { readonly failure: unknown }> => {
  if (hasCode(error, 'ECONNREFUSED')) return { failure: 'refused' }
  return { failure: error instanceof Error && error.name === 'TimeoutError' ? 'silent' : 'broken' }
}

/** In bytes. */
const maxRead = 1_048_576

const firstText = async (response: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response) {
    parts.push(Buffer.from(part))
    bytes += parts.at(-1)?.length ?? 0
    if (bytes >= maxRead) break
  }
  return Buffer.concat(parts).toString('utf8')
}

interface Page {
  readonly status: number
  readonly body: string
  /** Where a redirect leads. */
  readonly location: string | undefined
}

const pageOf = async (response: IncomingMessage): Promise<Page> => {
  const { statusCode: status = 0, headers } = response
  const location = status >= 300 && status < 400 ? headers.location : undefined
  return { status, body: await firstText(response), location }
}

const strangersHeaders = (hostname: string) => ({
  host: hostname,
  'x-forwarded-host': hostname,
  accept: 'text/html,*/*',
})

/** A product that sends visitors from HTTP to HTTPS answers itself only to those. */
const overTls = { 'x-forwarded-proto': 'https' }

/** A page takes longer than an answer on the health path. */
const patience = 8

/**
 * Asks over HTTP with a new connection each time: a kept one might be of a process that has ended.
 * @param timeoutMilliseconds for everything, up to the status line, or the end of what is read.
 */
export const createHealthProbe = (
  options: { readonly timeoutMilliseconds?: number } = {},
): AskingProbe & CheckProbe => {
  const { timeoutMilliseconds = 1500 } = options
  const fetchFrom = <Answer>(
    { host, port }: Endpoint,
    path: string,
    read: (response: IncomingMessage) => Answer | Promise<Answer>,
    given: Readonly<Record<string, string>> = {},
  ): Promise<Answer | HealthAnswer> =>
    new Promise((resolve) => {
      const isPage = Object.hasOwn(given, 'x-forwarded-host')
      const headers = { ...overTls, ...given }
      const signal = AbortSignal.timeout(timeoutMilliseconds * (isPage ? patience : 1))
      const fail = (error: unknown): void => resolve(failureOf(signal.aborted ? signal.reason : error))
      try {
        const probe = request(
          { host, port, path, localAddress: sourceAddressFor(host), agent: false, signal, headers },
          (response) => {
            Promise.resolve(read(response))
              .then(resolve, fail)
              .finally(() => probe.destroy())
          },
        )
        probe.on('error', fail)
        probe.end()
      } catch (error) {
        resolve(failureOf(error))
      }
    })
  const ask: AskingProbe['ask'] = (endpoint, path) =>
    fetchFrom(endpoint, path, ({ statusCode: status = 0, headers: { location } }) => ({
      status,
      ...(location === undefined ? {} : { location: location.slice(0, longestLocation) }),
    }))
  /** As the router asks for a visitor, who is nobody. @throws {Error} if the site does not respond. */
  const visit = async (endpoint: Endpoint, url: URL): Promise<Page | undefined> => {
    const path = `${url.pathname}${url.search}`
    const answer = await fetchFrom(endpoint, path, pageOf, strangersHeaders(url.hostname))
    if ('body' in answer) return answer
    if ('failure' in answer && answer.failure === 'broken') return undefined
    throw new Error(`${path} does not answer`)
  }
  const walk = async (endpoint: Endpoint, hostname: string, path: string): Promise<StrangersWay> => {
    const hops: StrangersWay['hops'][number][] = []
    let next: URL | null = new URL(path, `https://${hostname}`)
    while (next !== null && hops.length < maxHops) {
      if (next.hostname !== hostname) return { hops, lead: next.href }
      const url: URL = next
      const answer = await visit(endpoint, url)
      if (answer === undefined) break
      hops.push({ path: `${url.pathname}${url.search}`, answer })
      next = answer.location === undefined ? null : URL.parse(answer.location, url.href)
    }
    return { hops }
  }
  const isClosed = async (endpoint: Endpoint, hostname: string, publicPages?: readonly string[]): Promise<boolean> => {
    try {
      return (await setUpsOf((path) => walk(endpoint, hostname, path), publicPages)).length === 0
    } catch {
      // What cannot be asked is not known to be closed.
      return false
    }
  }
  return {
    ask,
    isHealthy: async (endpoint, { healthPath, healthStatus }) => isWell(await ask(endpoint, healthPath), healthStatus),
    meets: async (endpoint, { path, status, contains, notContains, headers, strangersAt, publicPages }) => {
      if (strangersAt !== undefined) return isClosed(endpoint, strangersAt, publicPages)
      const read = async (response: IncomingMessage): Promise<boolean> => {
        if (response.statusCode !== status) return false
        const text = contains === undefined && notContains === undefined ? '' : await firstText(response)
        return text.includes(contains ?? '') && (notContains === undefined || !text.includes(notContains))
      }
      return (await fetchFrom(endpoint, path, read, headers)) === true
    },
  }
}
