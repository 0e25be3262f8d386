import { createServer } from 'node:http'
import type { Log } from '../../core/ports/context.ts'
import { StartUpError } from '../home/start-up-error.ts'

/** A metric of the OpenMetrics text format, version 1.0.0. */
export interface Metric {
  /** Without `_total`, which the samples of counters get. */
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
  /** The name ends with it. */
  readonly unit?: 'seconds' | 'bytes' | undefined
  readonly samples: readonly Sample[]
}

export interface Sample {
  readonly labels?: Readonly<Record<string, string>>
  readonly value: number
}

const openMetricsType = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

const escaped = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')

const labelsText = (labels: Readonly<Record<string, string>> = {}): string => {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

const linesOf = ({ name, type, help, unit, samples }: Metric): readonly string[] => [
  `# TYPE ${name} ${type}`,
  ...(unit === undefined ? [] : [`# UNIT ${name} ${unit}`]),
  `# HELP ${name} ${escaped(help)}`,
  ...samples.map(({ labels, value }) => `${name}${type === 'counter' ? '_total' : ''}${labelsText(labels)} ${value}`),
]

/** The text of an exposition. */
export const openMetricsText = (metrics: readonly Metric[]): string =>
  `${[...metrics.flatMap(linesOf), '# EOF'].join('\n')}\n`

/** A counter by labels. */
export const createCounter = (name: string, help: string, unit?: Metric['unit']) => {
  const values = new Map<string, { readonly labels: Readonly<Record<string, string>>; value: number }>()
  return {
    add: (labels: Readonly<Record<string, string>>, count = 1): void => {
      const key = JSON.stringify(Object.entries(labels))
      const known = values.get(key)
      if (known === undefined) values.set(key, { labels, value: count })
      else known.value += count
    },
    read: (): Metric => ({
      name,
      type: 'counter',
      help,
      unit,
      samples: [...values.values()].map((one) => ({ ...one })),
    }),
  }
}

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
