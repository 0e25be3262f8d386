import { afterAll, describe, expect, test } from 'vitest'
import { createEntitlementKeys } from '../../adapters/entitlement/entitlement-keys.ts'
import { createRootSigner, generateRootKey } from '../../adapters/entitlement/root-signer.ts'
import { type CourseBody, type CourseSite, growth, openCourseSite } from './course-site.ts'
import { exampleClaims } from './entitlement-tokens.ts'
import { course } from './scorm-packages.ts'
import { startWelcome, temporaryDirectory } from './welcome-process.ts'
import { zipOf } from './zip-archive.ts'

const site = await openCourseSite()
const uploaded = (await (await site.upload(course())).json()) as CourseBody
afterAll(() => site[Symbol.asyncDispose]())

const stranger = { viewer: null }
const zip = () => new Uint8Array(zipOf(course()))
const pageFor = async (viewer: Parameters<CourseSite['ask']>[1]) => (await site.ask('/', viewer)).text()

describe('the owner', () => {
  test('is greeted by name as text, and never by address', async () => {
    const named = { viewer: { claims: { name: 'Ada <b>' } } }
    expect(await pageFor(named)).toContain('Welcome, Ada &lt;b&gt;.')
    const greeting = (page: string) => /id="greeting".*/.exec(page)?.[0]
    expect(greeting(await pageFor({}))).toMatch(/<b>This is .+, your own site\.<\/b>/)
    expect(greeting(await pageFor({}))).not.toContain('@')
  })

  test('finds the controls, and may upload and delete', async () => {
    const page = await pageFor({})
    expect(page).toContain('id="new-course"')
    expect(page).toContain('class="delete"')
    expect(page).not.toContain('id="not-owner"')
    const { id } = (await (await site.upload(course())).json()) as CourseBody
    expect((await site.ask(`/api/courses/${id}`, { method: 'DELETE' })).status).toBe(204)
  })
})

describe.each([
  ['a visitor', stranger],
  ['a viewer of another site', { viewer: { aud: 'site_other' } }],
  ['a viewer whose header has expired', { viewer: { expiresIn: -30 } }],
  ['a viewer of a role that is not known', { viewer: { claims: { role: 'guest' } } }],
  ['a viewer by a token of another kind', { viewer: { typ: 'sitewright-entitlement+jwt' } }],
])('%s', (_, who) => {
  test('may neither upload nor delete, and is told where to go', async () => {
    const before = await site.list()
    const headers = { 'content-type': 'application/zip' }
    const upload = await site.ask('/api/courses', { method: 'POST', headers, body: zip(), ...who })
    const removal = await site.ask(`/api/courses/${uploaded.id}`, { method: 'DELETE', ...who })
    for (const answer of [upload, removal]) {
      expect(answer.status).toBe(403)
      expect(await answer.json()).toMatchObject({ detail: expect.stringContaining('Open the site from the console') })
    }
    expect(await site.list()).toEqual(before)
  })

  test('sees the courses and no controls', async () => {
    const page = await pageFor(who)
    expect(page).toContain(`href="/courses/${uploaded.id}/"`)
    for (const control of ['id="new-course"', 'class="delete"', 'id="greeting"']) expect(page).not.toContain(control)
    expect(page).toContain('id="not-owner"')
  })
})

test('a visitor may write and read entries, and the page says so to the owner and to visitors', async () => {
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify({ text: 'hello' }), ...stranger }
  expect((await site.ask('/api/entries', init)).status).toBe(201)
  const seen = await pageFor(stranger)
  expect(seen).toContain('hello')
  expect(seen).toContain('Everybody who opens this page can read what you write here.')
  const own = await pageFor({})
  expect(own).toMatch(/Everybody who knows its address can\s+read it and write here/)
  expect(own).not.toContain('alone')
})

test('the page names plan, room and features as the console does', async () => {
  const features = ['entries', 'customDomain', 'feature-of-a-product']
  const limits = { ...growth.limits, storageMiB: 1536 }
  const page = await pageFor({ claims: { ...growth, features, limits } })
  const words = ['<dd>Growth</dd>', '<dd>1.5 GB</dd>', '<li>Entries of visitors</li>', '<li>Your own domains</li>']
  for (const part of [...words, '<li>feature-of-a-product</li>']) expect(page).toContain(part)
  expect(page).not.toMatch(/MiB|customDomain/)
  const large = await pageFor({ claims: { ...growth, limits: { ...limits, storageMiB: 3 * 2 ** 20 } } })
  expect(large).toContain('<dd>3 TB</dd>')
})

test('an owner whose plan lacks courses, and who has none, reads nothing of them', async () => {
  await using without = await openCourseSite()
  const pageOf = async (features: readonly string[]) =>
    (await without.ask('/', { claims: { ...growth, features: [...features] } })).text()
  expect(await pageOf(['scorm'])).toContain('id="new-course"')
  expect(await pageOf([])).not.toContain('courses-title')
})

test('a visitor of a plan without courses learns about the plan first', async () => {
  const headers = { 'content-type': 'application/zip' }
  const init = { method: 'POST', headers, body: zip(), claims: { ...growth, features: [] }, ...stranger }
  expect((await site.ask('/api/courses', init)).status).toBe(402)
})

test('the header of a router is trusted, by its own site alone', async () => {
  const { signer, viewers, rootPublicKey } = createEntitlementKeys({
    root: createRootSigner(generateRootKey()),
    clock: () => new Date().toISOString(),
  })
  const viewer = { role: 'owner', personId: 'prsn_01jq3v5k8m0000000000000000', email: 'ada@example.com' } as const
  await using data = await temporaryDirectory()
  await using signed = await startWelcome({
    dataDirectory: data.path,
    rootKey: await rootPublicKey(),
    siteId: 'site_signed',
  })
  const greets = async (siteId: `site_${string}`) => {
    const found = await viewers.recognise(await viewers.signCookie(siteId, viewer), siteId)
    const entitlement = await signer.sign('site_signed', exampleClaims)
    const headers = { 'x-sitewright-entitlement': entitlement, 'x-sitewright-viewer': found?.header ?? '' }
    return (await (await fetch(signed.url, { headers })).text()).includes('id="greeting"')
  }
  expect(await greets('site_signed')).toBe(true)
  expect(await greets('site_other')).toBe(false)
})
