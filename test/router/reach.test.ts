import { request } from 'node:http'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { createDomainReach } from '../../adapters/http/domain-reach.ts'
import type { Ask } from '../../adapters/http/post-once.ts'
import { reachPath } from '../../lambdas/domains/custom-domain.ts'
import { activeSite } from './sites.ts'
import { startRouter, startSite, visit } from './stage.ts'

const nonce = 'n'.repeat(43)

describe('a check of a domain at a router', () => {
  it('is proved to have arrived, at a hostname that no site has', async () => {
    const { port, rootPublicKey } = await startRouter({})
    const ask: Ask = (asking, answered) => request({ ...asking, port }, answered)
    const asks = { 'http:': ask, 'https:': ask }
    const ours = createDomainReach({ rootPublicKey: async () => rootPublicKey, mayReach: () => true, asks })
    expect(await ours.ask('www.example.com', ['127.0.0.1'])).toBe('right')
    const other = (await startRouter({})).rootPublicKey
    const theirs = createDomainReach({ rootPublicKey: async () => other, mayReach: () => true, asks })
    expect(await theirs.ask('www.example.com', ['127.0.0.1'])).toBe('wrong')
  })

  it('does not reach a site, is not cached, and gives nothing away that another reader takes', async () => {
    const { endpoint } = await startSite((_, response) => response.end('the site’s own'))
    const { port } = await startRouter({ 'acme.localhost': activeSite(endpoint) })
    const answer = await visit(port, { host: 'ACME.localhost.:4000', path: `${reachPath}${nonce}` })
    expect(answer).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } })
    expect(decodeProtectedHeader(answer.body).typ).toBe('sitewright-reach+jwt')
    expect(decodeJwt(answer.body)).toEqual({ iss: 'sitewright', aud: 'acme.localhost', nonce })
  })

  it.each([
    ['a short nonce', `${reachPath}abc`, 'GET'],
    ['a long nonce', `${reachPath}${'n'.repeat(65)}`, 'GET'],
    ['other characters', `${reachPath}${nonce}?a=1`, 'GET'],
    ['another method', `${reachPath}${nonce}`, 'POST'],
    ['another path', `/a${reachPath}${nonce}`, 'GET'],
  ])('leaves a request with %s to the site', async (_, path, method) => {
    const { endpoint } = await startSite((asked, response) => response.end(`the site: ${asked.url}`))
    const { port } = await startRouter({ 'acme.localhost': activeSite(endpoint) })
    expect((await visit(port, { host: 'acme.localhost', path, method })).body).toBe(`the site: ${path}`)
  })
})
