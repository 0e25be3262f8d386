import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client, type Dispatcher } from 'undici'

const writesOneIn = 3
/** In milliseconds, longer than any request is held. */
const headersTimeout = 60_000

const reasonOf = (error: unknown): string => `not answered: ${error instanceof Error ? error.message : error}`

/** The problem of an answer; undefined without one. */
const failureOf = async (
  { statusCode, body }: Dispatcher.ResponseData,
  expected: number,
): Promise<string | undefined> => {
  const answer = await body.text()
  return statusCode === expected ? undefined : `${statusCode} instead of ${expected}: ${answer.slice(0, 200)}`
}

/** What visitors of a product read, and what they write. */
export interface Visits {
  readonly reads: string
  readonly writes: string
  readonly bodyOf: (text: string) => object
  readonly headers?: Readonly<Record<string, string>>
}

const visitsOfWelcome: Visits = { reads: '/api/entries?limit=5', writes: '/api/entries', bodyOf: (text) => ({ text }) }

const read = async (client: Client, { reads: path, headers }: Visits): Promise<string | undefined> =>
  failureOf(await client.request({ method: 'GET', path, headers: { ...headers }, headersTimeout }), 200)

const write = async (client: Client, visits: Visits, text: string): Promise<string | undefined> => {
  const headers = { ...visits.headers, 'content-type': 'application/json' }
  const body = JSON.stringify(visits.bodyOf(text))
  return failureOf(await client.request({ method: 'POST', path: visits.writes, headers, body, headersTimeout }), 201)
}

/** Visitors of a site, each on one connection, one request after the other. */
export const openLoad = (options: {
  readonly port: number
  readonly host: string
  readonly connections: number
  /** Between two requests of one visitor. */
  readonly thinkMilliseconds: number | (() => number)
  /** Those of the welcome site by default. */
  readonly visits?: Visits
}) => {
  const { port, host, connections, thinkMilliseconds, visits: product = visitsOfWelcome } = options
  const told: Visits = { ...product, headers: { ...product.headers, host } }
  const think = typeof thinkMilliseconds === 'number' ? () => thinkMilliseconds : thinkMilliseconds
  /** A line for each request with a wrong answer, and the texts of the writes that the site acknowledged. */
  const failures: string[] = []
  const acknowledged: string[] = []
  let requests = 0
  let longest = 0
  let answeredAt = performance.now()
  let silence = 0
  let isStopping = false
  const underWay = new Set<Promise<void>>()

  const ask = async (client: Client, text: string | undefined): Promise<void> => {
    const startedAt = performance.now()
    const failure = await (text === undefined ? read(client, told) : write(client, told, text)).catch(reasonOf)
    if (failure !== undefined) failures.push(failure)
    else if (text !== undefined) acknowledged.push(text)
    requests += 1
    const now = performance.now()
    longest = Math.max(longest, now - startedAt)
    if (failure !== undefined) return
    silence = Math.max(silence, now - answeredAt)
    answeredAt = now
  }

  const visit = async (number: number): Promise<void> => {
    const client = new Client(`http://127.0.0.1:${port}`)
    // Started at different times.
    await sleep((think() * number) / connections)
    for (let turn = number; !isStopping; turn += 1) {
      const asked = ask(client, turn % writesOneIn === 0 ? randomUUID() : undefined)
      underWay.add(asked)
      await asked
      underWay.delete(asked)
      await sleep(think())
    }
    await client.close()
  }
  const visits = Array.from({ length: connections }, (_, number) => visit(number))

  return {
    /** The longest request that ended since the last call, in milliseconds. */
    takeLongest: () => {
      const taken = longest
      longest = 0
      return taken
    },
    /** The longest time without a right answer to anybody since the last call, in milliseconds. */
    takeSilence: () => {
      const taken = Math.round(Math.max(silence, performance.now() - answeredAt))
      silence = 0
      return taken
    },
    /** How many writes the site acknowledged so far. */
    acknowledgements: () => acknowledged.length,
    answered: async () => {
      await Promise.all(underWay)
    },
    stop: async () => {
      isStopping = true
      await Promise.all(visits)
      return { requests, failures, acknowledged }
    },
  }
}

export type Load = ReturnType<typeof openLoad>
