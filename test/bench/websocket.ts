import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { WebSocket } from 'ws'
import type { Section } from './measurement.ts'
import { openProxies, type Way } from './router/open-proxies.ts'
import { median, ratioOfMedians } from './statistics.ts'

const rounds = 4
const milliseconds = 500

/** Echoes messages off the welcome site, directly and through each proxy, alternating. */
export const measureWebsocket = async (): Promise<Section> => {
  await using proxies = await openProxies()
  const rates = new Map<string, number[]>()
  for (const way of proxies.ways) await echoLoad(way, proxies.hostname, milliseconds / 2)
  for (let round = 0; round < rounds; round += 1) {
    for (const way of proxies.ways) {
      const sofar = rates.get(way.name) ?? []
      sofar.push(await echoLoad(way, proxies.hostname, milliseconds))
      rates.set(way.name, sofar)
    }
  }
  const router = rates.get('router') ?? []
  return {
    title: 'WebSocket echo',
    measurements: [
      ...[...rates].map(([name, all]) => ({ name: `echo, ${name}`, value: median(all), unit: 'messages/s' })),
      ...[...rates]
        .filter(([name]) => name !== 'router')
        .map(([name, all]) => ({ name: `echo, router / ${name}`, value: ratioOfMedians(router, all), unit: '×' })),
    ],
    notes: proxies.notes,
  }
}

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
 * Sends a message over each of 32 connections and the next one when it is back, for some time.
 * @returns round trips per second.
 */
const echoLoad = async (way: Way, hostname: string, milliseconds: number): Promise<number> => {
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
