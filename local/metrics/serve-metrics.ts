import { createServer } from 'node:http'
import type { Log } from '../../core/ports/context.ts'
import { StartUpError } from '../home/start-up-error.ts'
import { type Metric, openMetricsText, openMetricsType } from './open-metrics.ts'

/**
 * Serves `GET /metrics` to this machine alone, on a port of its own that no proxy in front of the host reaches.
 * @param options.port 0 takes a free one.
 * @throws {StartUpError} if the port is taken.
 */
export const serveMetrics = async ({
  port,
  read,
  log,
}: {
  readonly port: number
  readonly read: () => Promise<readonly Metric[]>
  readonly log: Log
}): Promise<{ readonly port: number; readonly close: () => Promise<void> }> => {
  const answer = async (): Promise<readonly [status: number, type: string, body: string]> => {
    try {
      return [200, openMetricsType, openMetricsText(await read())]
    } catch (error) {
      log.warn({ err: error }, 'the metrics could not be read')
      return [503, 'text/plain; charset=utf-8', 'The metrics could not be read. The log has the reason.\n']
    }
  }
  const server = createServer(async ({ method, url }, response) => {
    const isAsked = method === 'GET' && url === '/metrics'
    const [status, type, body] = isAsked ? await answer() : [404, 'text/plain', 'Only GET /metrics is here.\n']
    response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new StartUpError(`cannot listen on 127.0.0.1:${port} for SITEWRIGHT_METRICS_PORT: ${error.message}`)),
    )
    server.listen(port, '127.0.0.1', resolve)
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
