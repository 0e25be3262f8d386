import { createServer, type RequestListener, request } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { createEntitlementKeys } from '../../../adapters/entitlement/entitlement-keys.ts'
import { createRootSigner, generateRootKey } from '../../../adapters/entitlement/root-signer.ts'
import { createDomainReach } from '../../../adapters/http/domain-reach.ts'
import type { Ask } from '../../../adapters/http/post-once.ts'
import { reachPath } from '../../../lambdas/domains/custom-domain.ts'
import { listening } from '../../support/listening.ts'

const hostname = 'www.example.com'
const installation = () =>
  createEntitlementKeys({ root: createRootSigner(generateRootKey()), clock: () => new Date().toISOString() })
const ours = installation()
const theirs = installation()

type Listener = (...given: [...Parameters<RequestListener>, nonce: string]) => unknown

const ended: (() => unknown)[] = []
afterEach(() => {
  for (const end of ended.splice(0)) end()
})

const listen = async (listener: Listener): Promise<number> => {
  const server = createServer((asked, response) => listener(asked, response, asked.url?.slice(reachPath.length) ?? ''))
  ended.push(
    () => server.closeAllConnections(),
    () => server.close(),
  )
  return listening(server)
}

/** A router as it answers checks. */
const router =
  ({ reachProofs } = ours, host = hostname): Listener =>
  async (_, response, nonce) =>
    response.end(await reachProofs.sign(host, nonce))

const nobody: Listener = (asked) => asked.socket.destroy()

/** Asks what answers at ports 80 and 443; both play on this machine. */
const check = async (
  http: Listener,
  https: Listener = nobody,
  options: {
    addresses?: readonly string[]
    timeoutMilliseconds?: number
    mayReach?: (address: string) => boolean
  } = {},
) => {
  let asked = 0
  const at = async (listener: Listener): Promise<Ask> => {
    const port = await listen((...given) => {
      asked += 1
      return listener(...given)
    })
    return (asking, answered) => request({ ...asking, port }, answered)
  }
  const { addresses = ['127.0.0.1'], mayReach = () => true, timeoutMilliseconds = 60_000 } = options
  const reach = createDomainReach({
    rootPublicKey: ours.rootPublicKey,
    mayReach,
    asks: { 'http:': await at(http), 'https:': await at(https) },
    timeoutMilliseconds,
  })
  return { seen: await reach.ask(hostname, addresses), asked }
}

const answers =
  (status: number, text = '', headers = {}): Listener =>
  (_, response) =>
    response.writeHead(status, headers).end(text)
const redirects =
  (to: (url: string) => string): Listener =>
  (asked, response) =>
    response.writeHead(301, { location: to(asked.url ?? '') }).end()

const toHttps = redirects((url) => `https://${hostname}${url}`)
const challenge = answers(403, '<title>Just a moment…</title>', { 'cf-mitigated': 'challenge' })

describe('the question to a domain whether its requests reach us', () => {
  it.each<[string, string, Listener, Listener?]>([
    ['our proof', 'right', router()],
    ['a redirect to https of the same hostname', 'right', toHttps, router()],
    [
      'a relative redirect with our proof',
      'right',
      (asked, response, nonce) =>
        asked.url?.includes('?') === true
          ? router()(asked, response, nonce.replace('?again', ''))
          : response.writeHead(302, { location: `${asked.url}?again` }).end(),
    ],
    ['the proof of another installation', 'wrong', router(theirs)],
    ['our proof for another hostname', 'wrong', router(ours, 'shop.example.com')],
    [
      'our proof of an earlier question',
      'wrong',
      async (_, response) => response.end(await ours.reachProofs.sign(hostname, 'n'.repeat(43))),
    ],
    ['an echo of the nonce', 'wrong', (_, response, nonce) => response.end(nonce)],
    ['another page', 'wrong', answers(200, '<h1>Another host</h1>')],
    ['404', 'wrong', answers(404)],
    ['410', 'wrong', answers(410)],
    ['more than a proof has', 'wrong', (_, response) => response.end('x'.repeat(1_000_000))],
    ['a redirect to another hostname', 'wrong', redirects((url) => `https://example.com${url}`), router()],
    ['a redirect to another port', 'wrong', redirects((url) => `https://${hostname}:8443${url}`), router()],
    ['a redirect to another scheme', 'wrong', redirects(() => `ftp://${hostname}/`)],
    ['endless redirects', 'wrong', toHttps, toHttps],
    ['a challenge of a CDN', 'unknown', challenge],
    ['a challenge after a redirect', 'unknown', toHttps, challenge],
    ['a challenge of a CDN with 202', 'unknown', answers(202)],
    ['a rate limit', 'unknown', answers(429)],
    ['an error of a CDN that does not reach us', 'unknown', answers(522)],
    ['nothing', 'unknown', nobody],
    ['nothing after a redirect', 'unknown', toHttps, nobody],
  ])('takes %s for %s', async (_, seen, http, https) => {
    expect((await check(http, https)).seen).toBe(seen)
  })

  it.each<[string, Listener]>([
    ['no answer', () => undefined],
    ['a body that does not end', (_, response) => response.writeHead(200).write('ey')],
  ])('takes %s in time for unknown', async (_, http) => {
    expect((await check(http, nobody, { timeoutMilliseconds: 100 })).seen).toBe('unknown')
  })

  it('asks no address that is not public, and none beside one', async () => {
    for (const address of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '::1', '100.64.0.1']) {
      const options = { addresses: ['127.0.0.1', address], mayReach: (one: string) => one !== address }
      expect(await check(router(), nobody, options)).toEqual({ seen: 'wrong', asked: 0 })
      const reach = createDomainReach({ rootPublicKey: ours.rootPublicKey })
      expect(await reach.ask(hostname, [address])).toBe('wrong')
    }
  })

  it('asks each address', async () => {
    const loopback = ['127.0.0.1', '127.0.0.2', '127.0.0.3']
    const asking = (http: Listener) => check(http, nobody, { addresses: loopback })
    // Linux answers on all of 127.0.0.0/8; elsewhere nobody does, which is no clear answer.
    expect(await asking(router())).toMatchObject({ seen: 'right' })
    let first = true
    const oneIsOther: Listener = (...given) => {
      const listener = first ? answers(404) : router()
      first = false
      return listener(...given)
    }
    expect((await asking(oneIsOther)).seen).toBe('wrong')
  })

  it('passes a failure to read our own key on', async () => {
    const rootPublicKey = () => Promise.reject(new Error('KMS is away'))
    const port = await listen(router())
    const ask: Ask = (asking, answered) => request({ ...asking, port }, answered)
    const reach = createDomainReach({ rootPublicKey, mayReach: () => true, asks: { 'http:': ask, 'https:': ask } })
    await expect(reach.ask(hostname, ['127.0.0.1'])).rejects.toThrow('KMS is away')
  })
})
