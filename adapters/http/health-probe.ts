import { request } from 'node:http'
import type { HealthProbe } from '../../core/ports/runtime.ts'
import { sourceAddressFor } from '../containers/site-network.ts'

/**
 * Asks over HTTP with a new connection each time: a kept one might be of a process that has ended.
 * @param timeoutMilliseconds for everything, up to the status line.
 */
export const createHealthProbe = ({
  timeoutMilliseconds = 1500,
}: {
  readonly timeoutMilliseconds?: number
} = {}): HealthProbe => ({
  isHealthy: ({ host, port }, path) =>
    new Promise((resolve) => {
      try {
        const probe = request(
          {
            host,
            port,
            path,
            localAddress: sourceAddressFor(host),
            agent: false,
            signal: AbortSignal.timeout(timeoutMilliseconds),
          },
          (response) => {
            const status = response.statusCode ?? 0
            resolve(status >= 200 && status < 300)
            response.destroy()
          },
        )
        probe.on('error', () => resolve(false))
        probe.end()
      } catch {
        resolve(false)
      }
    }),
})
