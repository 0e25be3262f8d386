import type { IncomingMessage } from 'node:http'
import { describe, expect, it } from 'vitest'
import { isFromThisMachine } from '../../../local/gateway/console-requests.ts'

interface Asked {
  peer?: string | undefined
  hostname?: string
  headers?: Readonly<Record<string, string>>
}

const allows = ({ peer = '127.0.0.1', hostname = 'localhost', headers = {} }: Asked): boolean =>
  isFromThisMachine(
    {
      socket: { remoteAddress: peer },
      headers: { host: `${hostname}:4000`, ...headers },
    } as unknown as IncomingMessage,
    hostname,
  )

describe('what is for this machine only is shown to', () => {
  it.each(['127.0.0.1', '::1', '::ffff:127.0.0.1'])('the peer %s', (peer) => {
    expect(allows({ peer })).toBe(true)
  })

  it.each(['localhost', '127.0.0.1', '[::1]'])('a client that requested %s', (hostname) => {
    expect(allows({ hostname })).toBe(true)
  })

  it.each([
    { origin: 'http://localhost:4000' },
    { 'sec-fetch-site': 'none' },
    { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:4000' },
  ])('our own page: %o', (headers) => {
    expect(allows({ headers })).toBe(true)
  })
})

describe('what is for this machine only is not shown to', () => {
  it.each(['192.168.1.7', '10.0.0.1', '::ffff:10.0.0.1', 'fe80::1', '127.0.0.1.evil.example', ''])(
    'the peer %j',
    (peer) => {
      expect(allows({ peer })).toBe(false)
    },
  )

  it.each(['evil.example', 'ada.localhost', 'localhost.evil.example', '127.0.0.2', ''])(
    'a client that requested %j, as a rebound name would',
    (hostname) => {
      expect(allows({ hostname })).toBe(false)
    },
  )

  it.each(['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'])(
    'what comes through something that says %s, be it empty',
    (header) => {
      expect(allows({ headers: { [header]: '127.0.0.1' } })).toBe(false)
      expect(allows({ headers: { [header]: '' } })).toBe(false)
    },
  )

  it.each([
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { origin: '' },
    { origin: 'http://localhost' },
    { origin: 'http://localhost:3000' },
    { origin: 'https://localhost:4000' },
    { origin: 'http://ada.localhost:4000' },
    { 'sec-fetch-site': 'same-site' },
    { 'sec-fetch-site': 'cross-site' },
  ])("another's page: %o", (headers) => {
    expect(allows({ headers })).toBe(false)
  })
})
