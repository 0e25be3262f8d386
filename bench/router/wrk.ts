import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/** What came of one load. */
export interface Load {
  readonly requests: number
  readonly requestsPerSecond: number
  /** 99th percentile of the answer times, in milliseconds. */
  readonly p99: number
}

const milliseconds: Readonly<Record<string, number>> = { us: 0.001, ms: 1, s: 1000, m: 60_000 }

/** @throws {Error} where a request failed: a fast error page is no throughput. */
const read = (output: string): Load => {
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`wrk met errors:\n${output}`)
  const [, rate] = /Requests\/sec:\s+([\d.]+)/.exec(output) ?? []
  const [, time, unit = ''] = /99%\s+([\d.]+)(us|ms|s|m)\b/.exec(output) ?? []
  const [, requests] = /(\d+) requests in/.exec(output) ?? []
  const factor = milliseconds[unit]
  if (rate === undefined || time === undefined || requests === undefined || factor === undefined) {
    throw new Error(`wrk said:\n${output}`)
  }
  return { requests: Number(requests), requestsPerSecond: Number(rate), p99: Number(time) * factor }
}

/** Loads one address over so many kept connections for so many seconds. */
export const loadWithWrk = async (
  program: string,
  target: { readonly port: number; readonly host: string },
  { connections, seconds }: { readonly connections: number; readonly seconds: number },
): Promise<Load> => {
  const url = `http://127.0.0.1:${target.port}/`
  const { stdout } = await promisify(execFile)(program, [
    ...['--threads', '1', '--connections', String(connections), '--duration', `${seconds}s`, '--latency'],
    ...['--header', `Host: ${target.host}`, url],
  ])
  return read(stdout)
}
