import { once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { demoSite } from '../acceptance/api.ts'
import type { Attack, Scene } from './attack.ts'
import { openHostileSite, type Plan } from './hostile-peers.ts'

/** A router stores what it counted every 20 s. */
const patienceMilliseconds = 90_000

const bytes = 1_000_000
const body = 'x'.repeat(bytes)
const plain = 'Connection: close\r\n'
const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n'
const chunked = 'Transfer-Encoding: chunked\r\n'
const ok = 'HTTP/1.1 200 OK\r\n'
const okEmpty = `${ok}Content-Length: 0\r\n\r\n`
const length = `Content-Length: ${bytes}\r\n`
const switching = `HTTP/1.1 101 Switching Protocols\r\n${upgrade}\r\n`
const hints = 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'
const chunk = `${bytes.toString(16)}\r\n`
const content: Plan = { unit: 'x', times: bytes }

interface Way {
  readonly method?: string
  /** What the visitor sends behind the first line and Host. */
  readonly sent: string
  /** What the site answers. */
  readonly plan: Plan
  /** What counts beside the bytes of the body that arrive: frames of chunks, and interim answers. */
  readonly framing?: number
  /** The visitor closes its connection when as many bytes have come. */
  readonly aborts?: boolean
  /** The visitor ends its side when it has sent all. */
  readonly ends?: boolean
}

const ways: Readonly<Record<string, Way>> = {
  'an answer with a length': { sent: `${plain}\r\n`, plan: { ...content, start: `${ok}${length}\r\n` } },
  'an answer in chunks': {
    sent: `${plain}\r\n`,
    plan: { ...content, start: `${ok}${chunked}\r\n${chunk}`, end: '\r\n0\r\n\r\n' },
    framing: `${chunk}\r\n0\r\n\r\n`.length,
  },
  'an answer to HEAD': { method: 'HEAD', sent: `${plain}\r\n`, plan: { start: `${ok}${length}\r\n` } },
  'interim answers': {
    sent: `${plain}\r\n`,
    plan: { ...content, start: `${hints}${hints}${ok}${length}\r\n` },
    framing: 2 * hints.length,
  },
  'a declined upgrade': { sent: `${upgrade}\r\n`, plan: { ...content, start: `HTTP/1.1 403 No\r\n${length}\r\n` } },
  'an upgrade': { sent: `${upgrade}\r\n`, plan: { ...content, start: switching }, aborts: true },
  'an aborted download': {
    sent: `${plain}\r\n`,
    plan: { start: `${ok}\r\n`, unit: 'x', times: null },
    framing: Number.POSITIVE_INFINITY,
    aborts: true,
  },
  'a body with a length': {
    method: 'POST',
    sent: `${plain}${length}\r\n${body}`,
    plan: { start: okEmpty, after: bytes },
  },
  'a body in chunks': {
    method: 'POST',
    sent: `${plain}${chunked}\r\n${chunk}${body}\r\n0\r\n\r\n`,
    plan: { start: okEmpty, after: bytes },
    framing: `${chunk}\r\n0\r\n\r\n`.length,
  },
  'frames of a visitor': { sent: `${upgrade}\r\n${body}`, plan: { start: switching }, ends: true },
}

/** @returns how many bytes of bodies and frames reached the visitor. */
const receive = async (scene: Scene, head: string, { aborts = false, ends = false }: Way): Promise<number> => {
  const socket = connect(scene.port, '127.0.0.1')
  let start = ''
  let received = 0
  socket.on('error', () => undefined)
  socket.on('data', (piece: Buffer) => {
    start += piece.toString('latin1')
    const head = /^(?:HTTP\/1\.1 1(?!01).*?\r\n\r\n)*HTTP\/1\.1 .*?\r\n\r\n/s.exec(start)
    if (head === null) return
    received += start.slice(head[0].length).split('x').length - 1
    // What follows has no further head.
    start = head[0]
    if (aborts && received >= bytes) socket.destroy()
  })
  socket.write(head, 'latin1')
  if (ends) socket.end()
  await once(socket, 'close')
  return received
}

/** Exchanges bytes in one way. @returns a function that says what is wrong with how they are counted, if anything. */
const tryWay = async (scene: Scene, name: string, way: Way) => {
  const site = await openHostileSite(scene, name.replaceAll(/[^a-z]+/gi, '-').toLowerCase())
  const received = await receive(scene, `${site.request(way.plan, way.method)}${way.sent}`, way)
  const arrived = received + (way.sent.includes(body) ? bytes : 0)
  return async (isPatient: () => boolean): Promise<readonly string[]> => {
    if (arrived < bytes && way.method !== 'HEAD') return [`${name}: only ${arrived} of ${bytes} bytes arrived`]
    let counted = await site.usage()
    while ((counted.requests === 0 || counted.bytes < arrived) && isPatient()) {
      await pause(500)
      counted = await site.usage()
    }
    const isExact = counted.bytes >= arrived && counted.bytes <= arrived + (way.framing ?? 0)
    return isExact ? [] : [`${name}: ${arrived} bytes arrived, ${counted.bytes} are counted`]
  }
}

/** For each way to exchange bytes: those that arrive are counted. */
export const bytesNotCounted = (): Attack => ({
  name: 'bytes not counted',
  begin: async (scene) => {
    const counts: Awaited<ReturnType<typeof tryWay>>[] = []
    for (const [name, way] of Object.entries(ways)) counts.push(await tryWay(scene, name, way))
    const startedAt = performance.now()
    const isPatient = (): boolean => performance.now() - startedAt < patienceMilliseconds
    return {
      summary: () => `${counts.length} ways`,
      gains: async () => (await Promise.all(counts.map((wrong) => wrong(isPatient)))).flat(),
      end: async () => undefined,
    }
  },
  visit: async ({ siteUrl }, { call }) => {
    await demoSite(siteUrl, call).open()
  },
})
