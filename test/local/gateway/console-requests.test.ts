import { describe, expect, it } from 'vitest'
import type { StoredMessage } from '../../../adapters/mailbox/spool.ts'
import { offerSchema } from '../../../lambdas/offers/offer.ts'
import { createOffers } from '../../../lambdas/offers/offers.ts'
import { call } from '../../e2e/call.ts'
import { consoleWith, served } from '../served.ts'

const message: StoredMessage = {
  schemaVersion: 1,
  id: 'msg_1',
  to: 'ada@example.com',
  subject: 'Your code',
  text: 'Your code',
  html: '',
  code: '012345',
  links: [],
  sentAt: '2026-01-31T09:30:00.000Z',
  status: 'stored',
  attempts: 0,
  updatedAt: '2026-01-31T09:30:00.000Z',
}

const brand = { name: 'School & Co' }
const schools = offerSchema.parse({ id: 'schools', paths: ['/schools'], brand })

interface Asked {
  isPublic?: boolean
  path: string
  headers?: Record<string, string>
}

/** Asks a console whose API answers 418 to everything. */
const ask = async ({ isPublic = false, path, headers = {} }: Asked) => {
  const filters: object[] = []
  const console = consoleWith({
    staticFiles: (_request, response, at) => {
      if (at !== '/') return false
      response.end('the page')
      return true
    },
    mailbox: {
      send: async () => undefined,
      list: async (filter = {}) => {
        filters.push(filter)
        return [message]
      },
      erase: async () => true,
      close: async () => undefined,
    },
    brands: { consoleUrl: 'http://localhost:4000', offers: createOffers([schools], 'http://localhost:4000') },
    isPublic,
  })
  await using server = await served((request, response) => {
    console(request, response, 'localhost').catch((error: unknown) => response.destroy(error as Error))
  })
  return { answer: await call(server, { path, headers }), filters }
}

describe('an address that does not exist', () => {
  const accept = 'text/html,application/xhtml+xml,*/*;q=0.8'

  it('is a page for a person, with the brand of the offer', async () => {
    const { answer } = await ask({ path: '/schools/nothing', headers: { accept } })
    expect(answer.status).toBe(404)
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.text).toContain('<h1>There is no page here</h1>')
    expect(answer.text).toContain('School &amp; Co')
    expect(answer.text).toContain('<a href="http://localhost:4000/schools" target="_top">Go to the first page</a>')
    expect((await ask({ path: '/nothing', headers: { accept } })).answer.text).not.toContain('School')
  })

  it.each([
    ['/nothing', 'application/json'],
    ['/v1/nothing', accept],
    ['/.well-known/nothing', accept],
  ])('is the matter of the API at %s for %s', async (path, wanted) => {
    expect((await ask({ path, headers: { accept: wanted } })).answer.status).toBe(418)
  })
})

describe('the console', () => {
  it.each(['/', '/v1/plans', '/_local/mail', '/%'])('tells browsers at %s what pages may do', async (path) => {
    const { headers } = (await ask({ path })).answer
    expect(headers['cross-origin-opener-policy']).toBe('same-origin')
    expect(headers['permissions-policy']).toContain('camera=()')
    expect(headers).not.toHaveProperty('strict-transport-security')
    const atPublic = (await ask({ path, isPublic: true })).answer.headers
    expect(atPublic['strict-transport-security']).toBe('max-age=31536000')
  })

  it('shows its page, and leaves the rest to the API', async () => {
    expect((await ask({ path: '/' })).answer.text).toBe('the page')
    expect((await ask({ path: '/v1/plans' })).answer.status).toBe(418)
  })

  it.each(['http://localhost/v1/plans', '*'])('takes no %s for a path', async (path) => {
    const { answer } = await ask({ path })
    expect(answer).toMatchObject({ status: 400, json: { type: 'urn:sitewright:problem:invalid-request' } })
    expect(answer.json).not.toHaveProperty('requestId')
  })
})

describe('the mailbox', () => {
  it('is JSON for a program', async () => {
    const { answer, filters } = await ask({ path: '/_local/mail?to=ada%2Bnews%40example.com' })
    expect(answer.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'no-store' })
    expect(answer.json).toEqual({ messages: [message] })
    expect(filters).toEqual([{ to: 'ada+news@example.com' }])
  })

  it('is a page that runs nothing for a browser', async () => {
    const { answer, filters } = await ask({ path: '/_local/mail?to=', headers: { accept: 'text/html,*/*' } })
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8')
    expect(answer.headers['content-security-policy']).toContain("default-src 'none'")
    expect(answer.text).toContain('012345')
    expect(filters).toEqual([{}])
  })

  it('does not exist on a host for the public', async () => {
    const { answer, filters } = await ask({ isPublic: true, path: '/_local/mail' })
    expect(answer.status).toBe(418)
    expect(filters).toEqual([])
  })

  it('does not exist for what is not of this machine', async () => {
    const { answer, filters } = await ask({ path: '/_local/mail', headers: { 'x-forwarded-for': '10.0.0.1' } })
    expect(answer.status).toBe(418)
    expect(filters).toEqual([])
  })
})
