import { setTimeout as pause } from 'node:timers/promises'
import { demoSite } from '../acceptance/api.ts'
import { type Attack, callAs, type Scene, type Visitor } from './attack.ts'
import { openHostileSite, type Plan, startHostileVisitor } from './hostile-peers.ts'

type Request = Awaited<ReturnType<typeof openHostileSite>>['request']

const connections = 40
const recoveryMilliseconds = 5000

const quantile = (milliseconds: readonly number[], part: number): number =>
  Math.round(milliseconds.toSorted((a, b) => a - b)[Math.ceil(part * milliseconds.length) - 1] ?? 0)
/** It decides, because on a busy machine single visits take long by themselves. */
const medianOf = (milliseconds: readonly number[]): number => quantile(milliseconds, 0.5)

const timeVisit = async ({ siteUrl }: Scene, call: Visitor['call']): Promise<number> => {
  const startedAt = performance.now()
  await demoSite(siteUrl, call).open()
  return performance.now() - startedAt
}

const visitSome = async (scene: Scene): Promise<readonly number[]> => {
  const times: number[] = []
  while (times.length < 20) times.push(await timeVisit(scene, callAs('192.0.2.1')))
  return times
}

/** @param planOf what the visitor says, given how to ask the hostile site for an answer. */
const buyTime = (name: string, planOf: (request: Request) => Plan): Attack => {
  const times: number[] = []
  return {
    name,
    milliseconds: 3000,
    begin: async (scene) => {
      const { request } = await openHostileSite(scene, name.replaceAll(/[^a-z]+/g, '-'))
      const before = await visitSome(scene)
      const max = Math.max(10 * medianOf(before), scene.patienceMilliseconds)
      const visitor = startHostileVisitor(scene.port, connections, planOf(request))
      await pause(500)
      let received = 0
      return {
        summary: () =>
          `p95 ${quantile(times, 0.95)} ms, ${quantile(before, 0.95)} ms before; ${(received / 2 ** 20).toFixed(1)} MiB arrived`,
        slowdown: () => quantile(times, 0.95) / Math.max(1, quantile(before, 0.95)),
        gains: async () => {
          const gains: string[] = []
          const done = await visitor.done()
          received = done.received
          await visitor.end()
          if (done.opened < connections) gains.push(`only ${done.opened} connections were opened`)
          const waits = medianOf(times)
          if (waits > max) gains.push(`others wait ${waits} ms (median), and ${medianOf(before)} ms before`)
          const endedAt = performance.now()
          let after = medianOf(await visitSome(scene))
          while (after > max && performance.now() - endedAt < recoveryMilliseconds)
            after = medianOf(await visitSome(scene))
          if (after > max) gains.push(`others still wait ${after} ms (median) after the attack`)
          return gains
        },
        end: visitor.end,
      }
    },
    visit: async (scene, { call }) => {
      times.push(await timeVisit(scene, call))
    },
  }
}

const chunk = '1\r\nx\r\n'
/** Four of them are below the limit of an answer. */
const extended = `1${';a'.repeat(2000)}\r\nx\r\n`
const line = 'a:\r\n'
/** As many as there is room for in the fields of a request, of an answer, and of what follows a body. */
const lines = 3000
const chunked = 'Transfer-Encoding: chunked\r\n'
const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
const ok = 'HTTP/1.1 200 OK\r\n'
const switching = `HTTP/1.1 101 Switching Protocols\r\n${upgrade}\r\n`

/** Answers that are expensive to read, element by element of the grammar. */
const answers: Readonly<Record<string, { readonly plan: Plan; readonly fields?: string }>> = {
  'one-byte chunks': { plan: { start: `${ok}${chunked}\r\n`, unit: chunk, times: null } },
  'chunk extensions': { plan: { start: `${ok}${chunked}\r\n`, unit: extended, times: 4, end: '0\r\n\r\n' } },
  trailers: { plan: { start: `${ok}${chunked}\r\n0\r\n`, unit: line, times: lines, end: '\r\n' } },
  'header lines': { plan: { start: `${ok}Content-Length: 0\r\n`, unit: line, times: lines, end: '\r\n' } },
  'interim answers': { plan: { unit: 'HTTP/1.1 102 P\r\n\r\n', times: null }, fields: upgrade },
  'small frames': { plan: { start: switching, unit: '\x81\0', times: null }, fields: upgrade },
}

const upload = (request: Request): string => `${request({ after: Number.MAX_SAFE_INTEGER }, 'POST')}${chunked}\r\n`

/** Requests with the same elements. Without end: what exceeds a limit is refused, and said again on a new connection. */
const uploads: Readonly<Record<string, (request: Request) => Plan>> = {
  'one-byte chunks': (request) => ({ start: upload(request), unit: chunk }),
  'chunk extensions': (request) => ({ start: upload(request), unit: extended }),
  trailers: (request) => ({ start: `${upload(request)}0\r\n`, unit: line }),
  'header lines': (request) => ({
    unit: `${request({ start: `${ok}Content-Length: 0\r\n\r\n` })}${line.repeat(lines)}\r\n`,
  }),
  'requests in a row': (request) => ({ unit: `${request({ start: `${ok}Content-Length: 0\r\n\r\n` })}\r\n` }),
  // Node answers it by itself.
  expectations: () => ({ unit: 'GET / HTTP/1.1\r\nHost: a\r\nExpect: x\r\n\r\n' }),
  'fields that never end': () => ({ start: 'GET / HTTP/1.1\r\nHost: a\r\n', unit: line }),
  'small frames': (request) => ({ start: `${request({ start: switching })}${upgrade}\r\n`, unit: '\x81\x80\0\0\0\0' }),
}

/** A peer sends what takes the router long to read. */
export const timeBuyers: readonly (() => Attack)[] = [
  ...Object.entries(answers).map(([name, { plan, fields = 'Connection: close\r\n' }]) => () => {
    return buyTime(`answers: ${name}`, (request) => ({ start: `${request(plan)}${fields}\r\n` }))
  }),
  ...Object.entries(uploads).map(([name, planOf]) => () => {
    return buyTime(`uploads: ${name}`, (request) => ({ ...planOf(request), times: null }))
  }),
]
