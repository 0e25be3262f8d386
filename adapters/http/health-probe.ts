import type { IncomingMessage } from 'node:http'
import { request } from 'node:http'
import type { AskingProbe, CheckProbe, HealthAnswer } from '../../core/ports/runtime.ts'
import type { Endpoint } from '../../core/site/site.ts'
import { sourceAddressFor } from '../containers/site-network.ts'
import { hasCode } from '../durable-files/replace-file.ts'

const longestLocation = 200

/** Why a request to a site got no answer. */
export const failureOf = (error: unknown): Extract<HealthAnswer, { readonly failure: unknown }> => {
  if (hasCode(error, 'ECONNREFUSED')) return { failure: 'refused' }
  return { failure: error instanceof Error && error.name === 'TimeoutError' ? 'silent' : 'broken' }
}

/** In bytes. */
const mostRead = 1_048_576

const firstText = async (response: IncomingMessage): Promise<string> => {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of response) {
    parts.push(Buffer.from(part))
    bytes += parts.at(-1)?.length ?? 0
    if (bytes >= mostRead) break
  }
  return Buffer.concat(parts).toString('utf8')
}

/**
 * Asks over HTTP with a new connection each time: a kept one might be of a process that has ended.
 * @param timeoutMilliseconds for everything, up to the status line, or the end of what is read.
 */
export const createHealthProbe = ({
  timeoutMilliseconds = 1500,
}: {
  readonly timeoutMilliseconds?: number
} = {}): AskingProbe & CheckProbe => {
  const fetchFrom = <Answer>(
    { host, port }: Endpoint,
    path: string,
    read: (response: IncomingMessage) => Answer | Promise<Answer>,
  ): Promise<Answer | HealthAnswer> =>
    new Promise((resolve) => {
      const signal = AbortSignal.timeout(timeoutMilliseconds)
      const fail = (error: unknown): void => resolve(failureOf(signal.aborted ? signal.reason : error))
      try {
        const probe = request(
          { host, port, path, localAddress: sourceAddressFor(host), agent: false, signal },
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
  return {
    ask,
    isHealthy: async (endpoint, path) => isWell(await ask(endpoint, path)),
    meets: async (endpoint, { path, status, contains }) => {
      const answer = await fetchFrom(
        endpoint,
        path,
        async (response) =>
          response.statusCode === status && (contains === undefined || (await firstText(response)).includes(contains)),
      )
      return answer === true
    },
  }
}

export const isWell = (answer: HealthAnswer): boolean =>
  'status' in answer && answer.status >= 200 && answer.status < 300
