import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import { Webhook } from 'standardwebhooks'
import { afterEach, describe, expect, it, test } from 'vitest'
import { createWebhookSecrets } from '../../../adapters/derived-secrets/derive-secret.ts'
import { createWebhookSender } from '../../../adapters/webhooks/webhook-sender.ts'
import { listening } from '../../support/listening.ts'

const secrets = createWebhookSecrets('k'.repeat(43))
const endpointId = 'hook_01jq3v5k8m0000000000000000'
const call = (url: string, numbers: readonly number[] = [1]) => {
  const body = '{"type":"site.created"}'
  return { url, endpointId, secrets: numbers, id: 'msg_1', at: new Date().toISOString(), body } as const
}

const servers: ReturnType<typeof createServer>[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

/** A receiver on this machine. */
const receiver = async (answer: RequestListener) => {
  const asked: { readonly headers: IncomingMessage['headers']; readonly url: string | undefined; body: string }[] = []
  const server = createServer(async (request, response) => {
    const one = { headers: request.headers, url: request.url, body: '' }
    asked.push(one)
    for await (const chunk of request) one.body += chunk
    answer(request, response)
  })
  let connections = 0
  server.on('connection', () => {
    connections += 1
  })
  servers.push(server)
  const port = await listening(server)
  return {
    asked,
    connections: () => connections,
    port,
    host: `localhost:${port}`,
    url: `http://localhost:${port}/in?key=1`,
  }
}

const here = async () => [{ address: '127.0.0.1', family: 4 }]

describe('a webhook', () => {
  it('is answered with Retry-After, which the sender passes on', async () => {
    const { host, url } = await receiver((_, response) => response.writeHead(429, { 'retry-after': '120' }).end('slow'))
    const sender = createWebhookSender({ secrets, allowedHosts: [host], resolve: here })
    expect(await sender.send(call(url))).toEqual({ status: 429, text: 'slow', retryAfter: '120' })
  })

  it('is signed by each secret, as the library of the specification verifies it', async () => {
    const { asked, host, url } = await receiver((_, response) => response.writeHead(202).end('thanks'))
    const sender = createWebhookSender({ secrets, allowedHosts: [host], resolve: here })
    expect(await sender.send(call(url, [2, 1]))).toEqual({ status: 202, text: 'thanks' })
    expect(asked).toMatchObject([{ url: '/in?key=1', headers: { host, 'webhook-id': 'msg_1' } }])
    const { body = '', headers: all } = asked[0] ?? {}
    const headers = all as Record<string, string>
    for (const number of [1, 2]) {
      const verifier = new Webhook(await secrets.valueOf(endpointId, number))
      expect(verifier.verify(body, headers)).toEqual({ type: 'site.created' })
    }
    const stranger = new Webhook(await secrets.valueOf(endpointId, 3))
    expect(() => stranger.verify(body, headers)).toThrow('No matching signature')
    const forged = { ...headers, 'webhook-id': 'msg_2' }
    const verifier = new Webhook(await secrets.valueOf(endpointId, 1))
    expect(() => verifier.verify(body, forged)).toThrow('No matching signature')
  })

  it('follows no redirect', async () => {
    const { asked, host, url } = await receiver((_, response) => response.writeHead(307, { location: '/other' }).end())
    const sender = createWebhookSender({ secrets, allowedHosts: [host], resolve: here })
    expect(await sender.send(call(url))).toMatchObject({ status: 307 })
    expect(asked).toHaveLength(1)
  })

  it('does not wait for an endpoint that hangs', async () => {
    const { host, url } = await receiver(() => undefined)
    const sender = createWebhookSender({ secrets, allowedHosts: [host], resolve: here, timeoutMilliseconds: 50 })
    expect(await sender.send(call(url))).toEqual({ failure: 'silent' })
  })

  it('reads the beginning of an endless answer', async () => {
    const { host, url } = await receiver((_, response) => {
      response.writeHead(200)
      const more = (): void => {
        if (!response.destroyed) response.write('x'.repeat(1000), () => setImmediate(more))
      }
      more()
    })
    const sender = createWebhookSender({ secrets, allowedHosts: [host], resolve: here })
    const answer = await sender.send(call(url))
    expect('text' in answer && answer.text.length).toBe(2000)
  })

  it('goes to the address that was checked, at each attempt again', async () => {
    const { connections, port } = await receiver((_, response) => response.end())
    const answers = ['127.0.0.1', '127.0.0.2', '169.254.169.254']
    let lookups = 0
    const resolve = async () => {
      lookups += 1
      return [{ address: answers[lookups - 1] ?? '', family: 4 }]
    }
    // Stands for a public address; the receiver does not speak TLS, and counts connections.
    const mayReach = (address: string) => address === '127.0.0.1'
    const sender = createWebhookSender({ secrets, resolve, mayReach })
    const url = `https://rebind.example.com:${port}/`
    expect(await sender.send(call(url))).toEqual({ failure: 'broken' })
    expect([connections(), lookups]).toEqual([1, 1])
    expect(await sender.send(call(url))).toEqual({ failure: 'address' })
    expect(await sender.send(call(url))).toEqual({ failure: 'address' })
    expect([connections(), lookups]).toEqual([1, 3])
  })

  it('is not sent if one of the addresses is not public', async () => {
    const resolve = async () => [
      { address: '93.184.215.14', family: 4 },
      { address: 'fd00::1', family: 6 },
    ]
    const sender = createWebhookSender({ secrets, resolve })
    expect(await sender.send(call('https://two.example.com/'))).toEqual({ failure: 'address' })
  })
})

test.each([
  'https://127.0.0.1/',
  'https://2130706433/',
  'https://0x7f.1/',
  'https://017700000001/',
  'https://127.1/',
  'https://0/',
  'https://[::1]/',
  'https://[::ffff:127.0.0.1]/',
  'https://[::ffff:a9fe:a9fe]/',
  'https://169.254.169.254/latest/meta-data/',
  'https://[fd00:ec2::254]/',
  'https://10.0.0.1:8443/',
  'https://localhost/',
  'https://localhost./',
  'https://app.localhost/',
  'http://example.com/',
  'https://user:password@example.com/',
  'ftp://example.com/',
  'file:///etc/passwd',
])('%s gets no webhook', async (url) => {
  const sender = createWebhookSender({ secrets, resolve: here, timeoutMilliseconds: 50 })
  expect(await sender.send(call(url))).toEqual({ failure: 'address' })
})
