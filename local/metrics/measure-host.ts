import type { Mailbox } from '../../adapters/mailbox/mailbox.ts'
import { awaitsDelivery } from '../../adapters/mailbox/spool.ts'
import type { DomainEvent } from '../../core/events/event.ts'
import type { Log } from '../../core/ports/context.ts'
import type { UsageStore } from '../../lambdas/reports/usage/ports.ts'
import type { Store } from '../open-store.ts'
import type { ConsoleRequests } from '../routers/host-endpoint.ts'
import { createHostMetrics, type HostMetricsParts } from './host-metrics.ts'
import { serveMetrics } from './serve-metrics.ts'

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
