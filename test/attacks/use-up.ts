import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { demoSite } from '../acceptance/api.ts'
import { type Attack, callAs, doMany, keepDoing, statusCounter, type Visitor } from './attack.ts'

const stranger = '198.18.0.1'

const openSite: Attack['visit'] = async ({ siteUrl }, { call }: Visitor) => {
  await demoSite(siteUrl, call).open()
}

/** One client opens all the connections of a plan as WebSockets and sends nothing on them. */
export const idleSockets = (): Attack => ({
  name: '100 idle sockets',
  begin: async ({ port, siteUrl }) => {
    const sockets: Socket[] = []
    let refused = 0
    const open = async (): Promise<void> => {
      const socket = connect(port, '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(
        `GET /ws HTTP/1.1\r\nHost: ${new URL(siteUrl).host}\r\nX-Forwarded-For: ${stranger}\r\nConnection: Upgrade\r\n` +
          'Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n',
      )
      const [answer] = await once(socket, 'data')
      if (String(answer).startsWith('HTTP/1.1 101 ')) sockets.push(socket)
      else {
        refused += 1
        socket.destroy()
      }
    }
    await doMany(100, 20, open)
    // Router processes that share the limit may refuse some while they settle who has how many.
    for (let tries = 0; sockets.length < 100 && tries < 100; tries += 1) {
      await pause(20)
      await open()
    }
    const attack = keepDoing(open, { everyMilliseconds: 100 })
    return {
      summary: () => `${sockets.filter(({ destroyed }) => !destroyed).length} open, ${refused} refused`,
      end: async () => {
        await attack.end()
        for (const socket of sockets) socket.destroy()
      },
    }
  },
  visit: openSite,
})

/** The limit of a trial. */
const requestsPerMinute = 3000

/** One client sends fifty requests a second, after as many as a plan allows in a minute. */
export const requestFlood = (): Attack => ({
  name: '50 requests a second',
  begin: async ({ siteUrl }) => {
    const statuses = statusCounter()
    const call = callAs(stranger)
    const ask = async (): Promise<void> => statuses.count(await call({ url: `${siteUrl}/healthz` }))
    for (let turn = 0; turn < 100 && statuses.of(200) < requestsPerMinute; turn += 1) await doMany(50, 50, ask)
    const attack = keepDoing(() => doMany(5, 5, ask), { everyMilliseconds: 100 })
    return { summary: () => statuses.text(), end: attack.end }
  },
  visit: openSite,
})

/** More than a host has open at once. */
const manySockets = 11_000

const halfHead = (host: string): string => `GET / HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `

/** Opens connections with half a head each, and each again that is closed. @param from 127.0.0.1 is a trusted proxy. */
const slowHeads = (name: string, from: string): Attack => ({
  name,
  begin: async ({ port, origin }) => {
    const sockets = new Set<Socket>()
    let opened = 0
    const open = (): Promise<void> =>
      new Promise((resolve) => {
        const socket = connect({ port, host: '127.0.0.1', localAddress: from })
        sockets.add(socket)
        // Otherwise it would not notice that the host closes it.
        socket.resume()
        socket.on('error', () => undefined)
        socket.on('connect', () => {
          opened += 1
          socket.write(halfHead(new URL(origin).host))
          resolve()
        })
        socket.on('close', () => {
          sockets.delete(socket)
          resolve()
        })
      })
    await doMany(manySockets, 1000, open)
    const attack = keepDoing(() => doMany(Math.min(500, manySockets - sockets.size), 500, open), {
      everyMilliseconds: 100,
    })
    return {
      summary: () => `${opened} opened, ${sockets.size} still open`,
      end: async () => {
        await attack.end()
        for (const socket of sockets) socket.destroy()
      },
    }
  },
  visit: async ({ origin, siteUrl }, { number, call }) => {
    if (number % 2 === 0) await demoSite(siteUrl, call).open()
    else {
      const { status } = await call({ url: `${origin}/v1/plans` })
      if (status !== 200) throw new Error(`GET ${origin}/v1/plans answered ${status}`)
    }
  },
})

export const slowHeadsOfOneSource = (): Attack => slowHeads('slow heads', '127.0.0.2')
export const slowHeadsByProxy = (): Attack => slowHeads('slow heads by a proxy', '127.0.0.1')
