import { describe, expect, inject, it } from 'vitest'
import { call } from '../e2e/call.ts'
import { createSite, mailTo, poolIsFull, signIn } from '../e2e/visitor.ts'
import { waitFor } from '../support/wait-for.ts'
import { visit } from './support/visitor.ts'

const front = { port: inject('port') }

describe('a visitor of the deployed stacks', () => {
  it('finds the pool filled once the blueprint is published', async () => {
    expect(await poolIsFull(front)).toBe(true)
  })

  it('signs up by mail, and gets a finished site at once', async () => {
    const owner = await signIn(front, 'ada@acme.example')
    const { status, json } = await createSite(front, owner, { slug: 'acme' })
    expect({ status, json }).toMatchObject({ status: 201, json: { status: 'active', url: 'https://acme.example.net' } })
    const page = await waitFor(async () => {
      const answer = await visit(front, { slug: 'acme' })
      return answer.status === 200 && answer
    })
    expect(page.headers['content-type']).toContain('text/html')
  })

  it('is welcomed by a mail that the event of the claim caused', async () => {
    const welcome = await waitFor(async () =>
      (await mailTo(front, 'ada@acme.example')).find(({ links }) => links.some((link) => link.includes('acme'))),
    )
    expect(welcome.subject).toMatch(/acme/i)
  })

  it('is told 404 at a name that no site has', async () => {
    expect((await visit(front, { slug: 'nobody' })).status).toBe(404)
  })

  it('cannot ask the API past the distribution', async () => {
    expect((await call(front, { path: '/v1/plans' })).status).toBe(200)
    expect((await call(front, { at: 'origin.try.example.com', path: '/v1/plans' })).status).toBe(403)
  })
})
