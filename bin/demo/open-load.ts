import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Dispatcher } from 'undici'
import { Client } from 'undici'

/** What came of all requests. */
interface LoadOutcome {
  readonly requests: number
  /** A line for each that was not answered as it should have been. */
  readonly failures: readonly string[]
  /** The texts of those writes that the site said it has. */
  readonly acknowledged: readonly string[]
}

export interface Load {
  /** How long the slowest took of those that ended since this was asked before, in milliseconds. */
  readonly takeLongest: () => number
  /** Waits until what is under way has been answered: what was held is slow to end after whatever held it is over. */
  readonly answered: () => Promise<void>
  /** Lets what is under way end. */
  readonly stop: () => Promise<LoadOutcome>
}

/** Every third request writes. */
const writesOneIn = 3
/** In milliseconds, longer than any visitor is held. */
const headersTimeout = 60_000

const reasonOf = (error: unknown): string => `not answered: ${error instanceof Error ? error.message : error}`

/** What was wrong with an answer; undefined where nothing was. */
const troubleOf = async (
  { statusCode, body }: Dispatcher.ResponseData,
  expected: number,
): Promise<string | undefined> => {
  const answer = await body.text()
  return statusCode === expected ? undefined : `${statusCode} instead of ${expected}: ${answer.slice(0, 200)}`
}

const read = async (client: Client, host: string): Promise<string | undefined> => {
  const path = '/api/entries?limit=5'
  return troubleOf(await client.request({ method: 'GET', path, headers: { host }, headersTimeout }), 200)
}

const write = async (client: Client, host: string, text: string): Promise<string | undefined> => {
  const headers = { host, 'content-type': 'application/json' }
  const body = JSON.stringify({ text })
  return troubleOf(await client.request({ method: 'POST', path: '/api/entries', headers, body, headersTimeout }), 201)
}

/** Visitors of a site, each on one connection with one request after the other. */
export const openLoad = (options: {
  readonly port: number
  /** Of the site, with its port. */
  readonly host: string
  readonly connections: number
  /** Between two requests of one visitor. */
  readonly thinkMilliseconds: number
}): Load => {
  const { port, host, connections, thinkMilliseconds } = options
  const failures: string[] = []
  const acknowledged: string[] = []
  let requests = 0
  let longest = 0
  let isStopping = false
  const underWay = new Set<Promise<void>>()

  const ask = async (client: Client, text: string | undefined): Promise<void> => {
    const startedAt = performance.now()
    const trouble = await (text === undefined ? read(client, host) : write(client, host, text)).catch(reasonOf)
    if (trouble !== undefined) failures.push(trouble)
    else if (text !== undefined) acknowledged.push(text)
    requests += 1
    longest = Math.max(longest, performance.now() - startedAt)
  }

  const visit = async (number: number): Promise<void> => {
    const client = new Client(`http://127.0.0.1:${port}`)
    // Not all in one step.
    await sleep((thinkMilliseconds * number) / connections)
    for (let turn = number; !isStopping; turn += 1) {
      const asked = ask(client, turn % writesOneIn === 0 ? randomUUID() : undefined)
      underWay.add(asked)
      await asked
      underWay.delete(asked)
      await sleep(thinkMilliseconds)
    }
    await client.close()
  }
  const visits = Array.from({ length: connections }, (_, number) => visit(number))

  return {
    takeLongest: () => {
      const taken = longest
      longest = 0
      return taken
    },
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
