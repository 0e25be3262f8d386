import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { brokenPromises, type Owner, writeEntry } from './owner.ts'

let answers: Record<string, object>
let status = 200
let owner: Owner
let origin: string

const server = createServer((request, response) => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname
  response.writeHead(request.method === 'POST' && status === 200 ? 201 : status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(answers[path] ?? {}))
})

beforeEach(async () => {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  status = 200
  const site = {
    id: 'site-1',
    slug: 'ada',
    name: 'Ada',
    url: origin,
    status: 'active',
    plan: 'trial',
    trialEndsAt: null,
    progress: { percent: 100, steps: [] },
  }
  owner = {
    email: 'ada@example.com',
    name: 'Ada',
    token: 't',
    site,
    acknowledged: new Set(['one', 'two']),
    state: 'open',
  }
  answers = {
    '/api/entries': {
      id: 3,
      text: 'three',
      entries: [
        { id: 2, text: 'two' },
        { id: 1, text: 'one' },
      ],
    },
    '/api/entitlement': { name: 'Ada', plan: 'trial', features: [], trialEndsAt: null },
    '/v1/session': { account: { email: 'ada@example.com' } },
    '/v1/sites': { sites: [site] },
  }
})

afterEach(async () => {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
})

it('promises that are kept are not complained of, and entries that nobody was promised do not matter', async () => {
  owner.acknowledged.delete('two')
  expect(await brokenPromises(origin, owner)).toEqual([])
})

it.each([
  ['an entry that is lost', '/api/entries', { entries: [{ id: 1, text: 'one' }] }, "lost the entry 'two'"],
  [
    'an entry that is there twice',
    '/api/entries',
    { entries: ['one', 'two', 'two'].map((text, id) => ({ id, text })) },
    "'two', which it had acknowledged, more than once",
  ],
  [
    'a site under another name',
    '/api/entitlement',
    { name: 'Eve', plan: 'trial', features: [], trialEndsAt: null },
    "'Eve'",
  ],
  ['a session of somebody else', '/v1/session', { account: { email: 'eve@example.com' } }, 'one of eve@example.com'],
  ['an account without its site', '/v1/sites', { sites: [] }, 'lists nothing'],
])('%s is a broken promise', async (_, path, lie, complaint) => {
  answers[path] = lie
  const broken = await brokenPromises(origin, owner)
  expect(broken).toHaveLength(1)
  expect(broken[0]).toContain(complaint)
})

it('a session that has ended is an answer that no retry corrects', async () => {
  status = 401
  await expect(brokenPromises(origin, owner)).rejects.toMatchObject({ status: 401 })
})

it('only a write that was answered is a promise', async () => {
  const failures = new Map<string, number>()
  await writeEntry(owner, 'three', failures)
  status = 503
  await writeEntry(owner, 'four', failures)
  expect([...owner.acknowledged]).toEqual(['one', 'two', 'three'])
  expect([...failures]).toEqual([['503', 1]])
})
