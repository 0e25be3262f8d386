import { createServer } from 'node:http'
import type { Mailbox } from '../../adapters/mailbox/mailbox.ts'
import { awaitsDelivery } from '../../adapters/mailbox/spool.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import type { Log } from '../../core/ports/context.ts'
import type { UsageStore } from '../../lambdas/reports/usage/ports.ts'
import { StartUpError } from '../home/start-up-error.ts'
import type { Store } from '../open-store.ts'
import type { ConsoleRequests } from '../routers/host-endpoint.ts'
import { createHostMetrics, type HostMetricsParts } from './host-metrics.ts'
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

/** Counts at the places where a host's parts meet, and serves what was counted. */
export const measureHost = () => {
  const metrics = createHostMetrics()
  return {
    ofUsage: (usage: UsageStore): UsageStore => ({
      ...usage,
      addToHour: async (report) => {
        metrics.noteUsage(report.usage)
        await usage.addToHour(report)
      },
    }),
    ofEvents:
      (next: (event: DomainEvent) => void) =>
      (event: DomainEvent): void => {
        metrics.noteEvent(event)
        next(event)
      },
    ofConsole:
      (next: ConsoleRequests): ConsoleRequests =>
      (request, response, hostname) => {
        metrics.watch(response)
        return next(request, response, hostname)
      },
    /** @param options.port without it, nothing is served. @returns what ends it. */
    serve: async ({
      port,
      ports,
      outbox,
      mailbox,
      log,
    }: {
      readonly port: number | undefined
      readonly ports: HostMetricsParts['ports']
      readonly outbox: Pick<Store['outbox'], 'pending'>
      readonly mailbox: Pick<Mailbox, 'list'>
      readonly log: Log
    }): Promise<() => Promise<void>> => {
      if (port === undefined) return async () => undefined
      const queues = {
        events: async () => (await outbox.pending()).length,
        mails: async () => (await mailbox.list()).filter(awaitsDelivery).length,
      }
      return (await serveMetrics({ port, read: () => metrics.read({ ports, queues }), log })).close
    },
  }
}
