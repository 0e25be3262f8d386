import { request } from 'node:http'
import type { AskingProbe, HealthAnswer } from '../../core/ports/runtime.ts'
import type { Endpoint } from '../../core/site/site.ts'
import { sourceAddressFor } from '../containers/site-network.ts'
import { hasCode } from '../durable-files/replace-file.ts'

const longestLocation = 200

const failureOf = (error: unknown): HealthAnswer => {
  if (hasCode(error, 'ECONNREFUSED')) return { failure: 'refused' }
  return { failure: error instanceof Error && error.name === 'TimeoutError' ? 'silent' : 'broken' }
}

/**
 * Asks over HTTP with a new connection each time: a kept one might be of a process that has ended.
 * @param timeoutMilliseconds for everything, up to the status line.
 */
export const createHealthProbe = ({
  timeoutMilliseconds = 1500,
}: {
  readonly timeoutMilliseconds?: number
} = {}): AskingProbe => {
  const ask = ({ host, port }: Endpoint, path: string): Promise<HealthAnswer> =>
    new Promise((resolve) => {
      const signal = AbortSignal.timeout(timeoutMilliseconds)
      try {
        const probe = request(
          { host, port, path, localAddress: sourceAddressFor(host), agent: false, signal },
          ({ statusCode: status = 0, headers: { location } }) => {
            resolve({ status, ...(location === undefined ? {} : { location: location.slice(0, longestLocation) }) })
            probe.destroy()
          },
        )
        probe.on('error', (error) => resolve(failureOf(signal.aborted ? signal.reason : error)))
        probe.end()
      } catch (error) {
        resolve(failureOf(error))
      }
    })
  return { ask, isHealthy: async (endpoint, path) => isWell(await ask(endpoint, path)) }
}

export const isWell = (answer: HealthAnswer): boolean =>
  'status' in answer && answer.status >= 200 && answer.status < 300
