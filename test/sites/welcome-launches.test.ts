import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import WebSocket from 'ws'
import { createLaunches } from '../../sites/welcome/courses/launches.ts'
import { type CourseBody, type CourseSite, growth, openCourseSite } from './course-site.ts'
import { exampleClaims } from './entitlement-tokens.ts'
import { course } from './scorm-packages.ts'
import { temporaryDirectory } from './welcome-process.ts'

let site: CourseSite
let id: string
let launch: string
beforeAll(async () => {
  site = await openCourseSite()
  ;({ id } = (await (await site.upload(course())).json()) as CourseBody)
  launch = await site.launch(id)
})
afterAll(() => site?.[Symbol.asyncDispose]())

const below = [
  '',
  'course',
  'state',
  'content/index.html',
  'player.js',
  'player.css',
  'page.css',
  'scorm-again/scorm12.js',
]

/** The launch with another payload, signed with a secret. */
const forged = (change: object, secret: string): string => {
  const [payload = ''] = launch.split('/')[2]?.split('.') ?? []
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object
  const changed = Buffer.from(JSON.stringify({ ...claims, ...change })).toString('base64url')
  return `/launch/${changed}.${createHmac('sha256', secret).update(changed).digest('base64url')}/`
}
const ownSecret = () => readFile(join(site.dataDirectory, 'launch-secret'), 'utf8')

describe('the content origin', () => {
  test.each(below)('serves %j below a launch', async (path) => {
    expect((await site.askContent(`${launch}${path}`)).status).toBe(200)
  })

  test.each(below)('does not serve %j below any other token', async (path) => {
    const [payload = '', signature = ''] = launch.slice('/launch/'.length, -1).split('.')
    const tokens = [`${payload}.${signature.slice(0, -1)}`, payload, `${payload}.`, `.${signature}`, 'a.b', signature]
    for (const token of tokens) expect((await site.askContent(`/launch/${token}/${path}`)).status).toBe(404)
    for (const token of [forged({}, 'guessed'), forged({ course: '0'.repeat(20) }, '')]) {
      expect((await site.askContent(`${token}${path}`)).status).toBe(404)
    }
    // The same token, made here, is right: the others fail for their signature.
    expect((await site.askContent(`${forged({}, await ownSecret())}${path}`)).status).toBe(200)
    const expired = await site.askContent(`${forged({ expires: 1 }, await ownSecret())}${path}`)
    expect(await expired.json()).toMatchObject({
      status: 404,
      detail: 'This launch has expired. Reload the page to continue.',
    })
  })

  const elsewhere = [
    '/',
    '/healthz',
    '/page.css',
    '/api/entries',
    '/api/entitlement',
    '/api/courses',
    '/launch/',
    '/ws',
  ]
  test.each(elsewhere)('does not serve %s', async (path) => {
    for (const method of ['GET', 'POST', 'DELETE']) expect((await site.askContent(path, { method })).status).toBe(404)
    // A course may frame what it gets there.
    expect((await site.askContent(path)).headers.get('content-security-policy')).toContain("default-src 'none'")
  })

  test('serves no page of a course, and no upload and deletion', async () => {
    const headers = { 'content-type': 'application/zip' }
    for (const path of [
      `/courses/${id}/`,
      `/api/courses/${id}`,
      `/api/courses/${id}/state`,
      `/courses/${id}/content/index.html`,
    ])
      expect((await site.askContent(path)).status).toBe(404)
    expect((await site.askContent('/api/courses', { method: 'POST', headers, body: 'zip' })).status).toBe(404)
    expect((await site.askContent(`/api/courses/${id}`, { method: 'DELETE' })).status).toBe(404)
    expect((await site.list()).map((each) => each.id)).toContain(id)
  })

  test('has no WebSocket', async () => {
    const opened = (headers: Record<string, string>) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${site.port()}/ws`, { headers })
        socket.on('open', () => resolve(true)).on('error', () => resolve(false))
        socket.on('open', () => socket.terminate())
      })
    expect(await opened({})).toBe(true)
    expect(await opened({ 'x-sitewright-purpose': 'content' })).toBe(false)
  })

  test('serves nothing for a purpose that the site does not know', async () => {
    const headers = { 'x-sitewright-purpose': 'rehearsal' }
    for (const path of ['/', launch]) expect((await site.ask(path, { headers })).status).toBe(404)
  })

  test('needs the feature at each request', async () => {
    const claims = { ...exampleClaims, plan: 'starter' }
    for (const path of below) expect((await site.askContent(`${launch}${path}`, { claims })).status).toBe(402)
  })

  test('lets only the origin of the launch embed the player', async () => {
    const policyOf = async (path: string) => (await site.askContent(path)).headers.get('content-security-policy') ?? ''
    expect(await policyOf(launch)).toContain('frame-ancestors http://acme.localhost')
    const headers = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'www.example.com' }
    const page = await (await site.ask(`/courses/${id}/`, { headers })).text()
    const [, own = ''] = / src="http:\/\/acme--content\.localhost([^"]+)"/.exec(page) ?? []
    expect(await policyOf(own)).toMatch(/frame-ancestors https:\/\/www\.example\.com$/)
    expect(await policyOf(`${own}content/index.html`)).toContain("frame-ancestors 'self' https://www.example.com;")
  })
})

describe('the site’s own origin', () => {
  test.each(below)('does not serve %j of a launch', async (path) => {
    expect((await site.ask(`${launch}${path}`)).status).toBe(404)
  })

  test('serves no file of a course and takes no commit', async () => {
    expect((await site.ask(`/courses/${id}/content/index.html`)).status).toBe(404)
    expect((await site.ask('/scorm-again/scorm12.js')).status).toBe(404)
    const body = JSON.stringify({ item: 'ITEM-1', cmi: {} })
    const headers = { 'content-type': 'application/json' }
    expect((await site.ask(`/api/courses/${id}/state`, { method: 'PUT', headers, body })).status).toBe(405)
  })

  test('plays nothing where the router names no content origin', async () => {
    const claims = { ...growth, facts: { trialEndsAt: null, unlocks: {} } }
    expect((await site.ask(`/courses/${id}/`, { claims })).status).toBe(503)
  })

  test.each(['a b', 'acme.localhost; script-src *', "'self'", ''])('launches nothing for the host %j', async (host) => {
    const headers = { 'x-forwarded-host': host }
    expect((await site.ask(`/courses/${id}/`, { headers })).status).toBe(503)
  })
})

test('a launch ends after twelve hours', async () => {
  await using data = await temporaryDirectory()
  let now = 1_000_000_000_000
  const launches = createLaunches(data.path, () => now)
  const wanted = { course: id, learner: 'learner', embedder: 'http://acme.localhost' }
  const [token, other] = await Promise.all([launches.start(wanted), launches.start(wanted)])
  now += 12 * 3_600_000 - 1
  expect(await launches.read(token)).toMatchObject(wanted)
  expect(await createLaunches(data.path, () => now).read(other)).toMatchObject(wanted)
  now += 1
  await expect(launches.read(token)).rejects.toMatchObject({ status: 404 })
})
