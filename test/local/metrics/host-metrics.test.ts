import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, it } from 'vitest'
import { eventSchema } from '../../../core/events/event.ts'
import { noUsage } from '../../../lambdas/reports/usage/usage.ts'
import { type HostMetricsParts, measureHost } from '../../../local/metrics/host-metrics.ts'
import { openMetricsText, serveMetrics } from '../../../local/metrics/open-metrics.ts'
import events from '../../fixtures/event.json' with { type: 'json' }

const parts: HostMetricsParts = {
  ports: {
    totals: {
      read: async () => [{ status: 'active', plan: 'trial', sites: 3 }],
      days: async () => ({ days: [] }),
      count: async () => 'known',
    },
    sites: { countReady: async () => 2, countDue: async () => 1 } as never,
    capacities: [{ name: 'local', sites: 10 }],
    rateWindows: { read: async (windows: readonly unknown[]) => windows.map(() => 0) } as never,
    pool: { target: 5, buildsAtOnce: 1 },
    offeredBlueprints: ['welcome'],
    clocks: { domain: () => '2026-03-01T12:00:00.000Z', wall: () => '2026-03-01T12:00:00.000Z' },
    waitingList: { count: async () => 4 } as never,
  },
  queues: { mails: async () => 7 },
}

const answered = (statusCode: number): ServerResponse =>
  Object.assign(new EventEmitter(), { statusCode }) as unknown as ServerResponse

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

describe('the metrics of a host', () => {
  it('count what passed, and read the rest', async () => {
    const metrics = measureHost()
    for (const status of [200, 204, 404]) {
      const response = answered(status)
      await metrics.ofConsole(async () => undefined)({} as never, response, 'localhost')
      response.emit('finish')
    }
    const usage = { ...noUsage(), requests: 10, clientErrors: 2, serverErrors: 1 }
    await metrics.ofUsage({ addToHour: async () => undefined } as never).addToHour({ usage } as never)
    const note = metrics.ofEvents(() => undefined)
    for (const event of Object.values(events)) note(eventSchema.parse(event))
    const text = openMetricsText(await metrics.read(parts))
    for (const line of [
      'sitewright_requests_total{class="2xx"} 2',
      'sitewright_requests_total{class="4xx"} 1',
      'sitewright_site_requests_total{class="other"} 7',
      'sitewright_sites{status="active",plan="trial"} 3',
      'sitewright_pool_ready{blueprint="welcome"} 2',
      'sitewright_pool_target{blueprint="welcome"} 5',
      'sitewright_operations_running 1',
      'sitewright_operations_total{operation="build",outcome="failed"} 1',
      'sitewright_queue_length{queue="mails"} 7',
      'sitewright_queue_length{queue="waiting-list"} 4',
      'sitewright_wakes_total 1',
    ]) {
      expect(text.split('\n')).toContain(line)
    }
  })

  it('are OpenMetrics: each family once, with its type and unit, and an end', async () => {
    const text = openMetricsText([
      {
        name: 'a_seconds',
        type: 'counter',
        unit: 'seconds',
        help: 'a "b"\nc',
        samples: [{ labels: { x: '"\\\n' }, value: 1.5 }],
      },
      { name: 'b', type: 'gauge', help: 'nothing', samples: [] },
    ])
    expect(text).toBe(
      [
        '# TYPE a_seconds counter',
        '# UNIT a_seconds seconds',
        '# HELP a_seconds a \\"b\\"\\nc',
        'a_seconds_total{x="\\"\\\\\\n"} 1.5',
        '# TYPE b gauge',
        '# HELP b nothing',
        '# EOF',
        '',
      ].join('\n'),
    )
    const names = (await measureHost().read(parts)).map(({ name }) => name)
    expect(new Set(names).size).toBe(names.length)
  })

  it('are served on loopback alone, at one path, and say when they cannot be read', async () => {
    let fails = false
    const read = async () => {
      if (fails) throw new Error('no store')
      return measureHost().read(parts)
    }
    const server = await serveMetrics({ port: 0, read, log: silent })
    const ask = (path: string) => fetch(`http://127.0.0.1:${server.port}${path}`)
    const answer = await ask('/metrics')
    expect(answer.headers.get('content-type')).toContain('application/openmetrics-text')
    expect(await answer.text()).toMatch(/# EOF\n$/)
    expect((await ask('/')).status).toBe(404)
    fails = true
    expect((await ask('/metrics')).status).toBe(503)
    await expect(serveMetrics({ port: server.port, read, log: silent })).rejects.toThrow('SITEWRIGHT_METRICS_PORT')
    await server.close()
  })
})
