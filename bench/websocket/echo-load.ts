import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { Way } from '../router/open-proxies.ts'

const connections = 32
const message = Buffer.alloc(128, 'x')

const open = async ({ port }: Way, hostname: string): Promise<WebSocket> => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`, {
    headers: { host: `${hostname}:${port}` },
    perMessageDeflate: false,
  })
  await once(socket, 'open')
  return socket
}

/**
 * Sends a message over each of 32 connections and the next one when it is back, for a while.
 * @returns messages per second, there and back again.
 */
export const echoLoad = async (way: Way, hostname: string, milliseconds: number): Promise<number> => {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(way, hostname)))
  let count = 0
  for (const socket of sockets) {
    socket.on('message', () => {
      count += 1
      socket.send(message)
    })
    socket.send(message)
  }
  const startedAt = performance.now()
  await sleep(milliseconds)
  const rate = count / ((performance.now() - startedAt) / 1000)
  for (const socket of sockets) socket.terminate()
  return rate
}
