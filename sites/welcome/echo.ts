import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocketServer } from 'ws'
import { purposeOf } from './exchange.ts'

const goingAway = 1001

/** A WebSocket at `/ws` that sends back what it gets, up to 64 KiB a message. */
export const createEcho = () => {
  let starting: Promise<WebSocketServer> | undefined

  // Loaded on first use: most sites see no WebSocket, and every start would pay for it.
  const start = async (): Promise<WebSocketServer> => {
    const { WebSocketServer } = await import('ws')
    const server = new WebSocketServer({ noServer: true, maxPayload: 64 * 1024 })
    server.on('connection', (socket) => {
      // ws itself disconnects clients that break the protocol.
      socket.on('error', () => undefined)
      socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }))
    })
    return server
  }

  return {
    upgrade: async (request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> => {
      socket.on('error', () => socket.destroy())
      if (request.url?.split('?')[0] !== '/ws' || purposeOf(request) !== undefined) {
        socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
        return
      }
      starting ??= start()
      const server = await starting
      server.handleUpgrade(request, socket, head, (client) => server.emit('connection', client, request))
    },
    close: async (): Promise<void> => {
      const server = await starting
      for (const client of server?.clients ?? []) client.close(goingAway, 'This site is being restarted.')
    },
  }
}
