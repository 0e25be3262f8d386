import { afterAll, describe, expect, test } from 'vitest'
import { createEntitlementKeys } from '../../adapters/entitlement/entitlement-keys.ts'
import { createRootSigner, generateRootKey } from '../../adapters/entitlement/root-signer.ts'
import type { SiteId } from '../../core/ids.ts'
import { toInstant } from '../../core/instant.ts'
import { certificate, exampleClaims, newKeyPair, token, viewerToken } from './entitlement-tokens.ts'
import { startWelcome, temporaryDirectory } from './welcome-process.ts'

const resources = new AsyncDisposableStack()

const root = await newKeyPair()
const day = await newKeyPair()
const stranger = await newKeyPair()
const cert = await certificate({ root, day })
const data = resources.use(await temporaryDirectory())
const site = resources.use(await startWelcome({ dataDirectory: data.path, rootKey: root.jwk.x ?? '' }))
afterAll(() => resources.disposeAsync())

const ask = (entitlement?: string, path = '/api/entitlement') =>
  fetch(`${site.url}${path}`, { headers: entitlement === undefined ? {} : { 'x-sitewright-entitlement': entitlement } })

test('a verified entitlement is shown as JSON', async () => {
  const response = await ask(await token({ signedBy: day, cert }))
  expect(response.status).toBe(200)
  expect(await response.json()).toEqual({
    name: 'Ada <Lovelace> & Co',
    plan: 'trial',
    features: ['entries', 'live-updates'],
    limits: exampleClaims.limits,
    trialEndsAt: '2030-01-31T09:30:00.000Z',
    paymentDueBy: null,
    endsAt: null,
    consoleUrl: 'https://try.example.com',
    origins: { content: 'http://acme--content.localhost' },
    unlocks: { scorm: ['growth', 'enterprise'] },
  })
})

test('a token of the router is trusted, by its own site alone', async () => {
  const { signer, rootPublicKey } = createEntitlementKeys({
    root: createRootSigner(generateRootKey()),
    clock: () => toInstant(new Date()),
  })
  await using data = await temporaryDirectory()
  await using signed = await startWelcome({
    dataDirectory: data.path,
    rootKey: await rootPublicKey(),
    siteId: 'site_signed',
  })
  const statusFor = async (siteId: SiteId) => {
    const headers = { 'x-sitewright-entitlement': await signer.sign(siteId, exampleClaims) }
    return (await fetch(`${signed.url}/api/entitlement`, { headers })).status
  }
  expect(await statusFor('site_signed')).toBe(200)
  expect(await statusFor('site_other')).toBe(403)
})

test('the same token is trusted again, and a changed plan at once', async () => {
  const trial = await token({ signedBy: day, cert })
  const paid = await token({ signedBy: day, cert, claims: { plan: 'team', facts: { trialEndsAt: null } } })
  const answers: unknown[] = []
  for (const each of [trial, trial, paid, trial]) answers.push(await (await ask(each)).json())
  expect(answers).toMatchObject([
    { plan: 'trial' },
    { plan: 'trial' },
    { plan: 'team', trialEndsAt: null },
    { plan: 'trial' },
  ])
})

test('a token of a router that knows fewer facts, and one of a router that knows more, are trusted', async () => {
  const earlier = await token({ signedBy: day, cert, claims: { facts: { trialEndsAt: null } } })
  const none = { trialEndsAt: null, paymentDueBy: null, endsAt: null, consoleUrl: null, unlocks: {}, origins: {} }
  expect(await (await ask(earlier)).json()).toMatchObject(none)
  const later = await token({
    signedBy: day,
    cert,
    claims: { facts: { ...exampleClaims.facts, more: { to: 'come' } } },
  })
  const shown = await (await ask(later)).json()
  expect(shown).toMatchObject(exampleClaims.facts)
  expect(shown).not.toHaveProperty('more')
})

test('another day key certified by the same root is trusted', async () => {
  const nextDay = await newKeyPair()
  const nextCert = await certificate({ root, day: nextDay })
  expect((await ask(await token({ signedBy: nextDay, cert: nextCert }))).status).toBe(200)
})

describe('an entitlement is refused', () => {
  const tampered = async () => {
    const [header = '', , signature = ''] = (await token({ signedBy: day, cert })).split('.')
    const payload = { iss: 'sitewright', aud: 'site_mine', exp: 4_000_000_000, ...exampleClaims, plan: 'enterprise' }
    return `${header}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.${signature}`
  }
  const unsigned = async () => {
    const [, payload = ''] = (await token({ signedBy: day, cert })).split('.')
    const header = Buffer.from(JSON.stringify({ alg: 'none', typ: 'sitewright-entitlement+jwt', cert }))
    return `${header.toString('base64url')}.${payload}.`
  }
  const cases: readonly [string, () => Promise<string | undefined>][] = [
    ['where there is none', async () => undefined],
    ['that is no token', async () => 'let me in'],
    ['that is not signed', unsigned],
    ['whose payload was changed', tampered],
    ['signed by a key that is not the one certified', () => token({ signedBy: stranger, cert })],
    ['signed by the root itself, without a certificate', () => token({ signedBy: root })],
    ['made for another site', () => token({ signedBy: day, cert, aud: 'site_other' })],
    ['that has expired', () => token({ signedBy: day, cert, expiresIn: -30 })],
    ['of another issuer', () => token({ signedBy: day, cert, iss: 'someone' })],
    ['of another type', () => token({ signedBy: day, cert, typ: 'JWT' })],
    ['without a plan', () => token({ signedBy: day, cert, claims: { plan: undefined } })],
    [
      'whose ways to other plans are not understood',
      () => token({ signedBy: day, cert, claims: { facts: { trialEndsAt: null, unlocks: { scorm: 'growth' } } } }),
    ],
    [
      'whose overdue payment is not understood',
      () => token({ signedBy: day, cert, claims: { facts: { trialEndsAt: null, paymentDueBy: 7 } } }),
    ],
    ['whose features are not a list', () => token({ signedBy: day, cert, claims: { features: 'all' } })],
    [
      'whose certificate is by another root',
      async () => token({ signedBy: day, cert: await certificate({ root: stranger, day }) }),
    ],
    [
      'whose certificate is by a day key',
      async () => token({ signedBy: stranger, cert: await certificate({ root: day, day: stranger }) }),
    ],
    [
      'whose certificate has expired',
      async () => token({ signedBy: day, cert: await certificate({ root, day, expiresIn: -30 }) }),
    ],
    [
      'whose certificate is of another type',
      async () => token({ signedBy: day, cert: await certificate({ root, day, typ: 'sitewright-entitlement+jwt' }) }),
    ],
    [
      'whose certificate is of another issuer',
      async () => token({ signedBy: day, cert: await certificate({ root, day, iss: 'someone' }) }),
    ],
  ]

  test.each(cases)('%s', async (_, make) => {
    const response = await ask(await make())
    expect(response.status).toBe(403)
    expect(response.headers.get('content-type')).toBe('application/problem+json')
    expect(await response.json()).toMatchObject({ status: 403, detail: 'The request carries no valid entitlement.' })
  })
})

describe('the page', () => {
  const ownersPage = async (entitlement: string) => {
    const viewer = await viewerToken({ signedBy: day, cert })
    const headers = { 'x-sitewright-entitlement': entitlement, 'x-sitewright-viewer': viewer }
    return (await fetch(`${site.url}/`, { headers })).text()
  }

  test('shows visitors no plan, and no trial', async () => {
    const html = await (await ask(await token({ signedBy: day, cert }), '/')).text()
    expect(html).toContain('<h1>Ada &lt;Lovelace&gt; &amp; Co</h1>')
    expect(html).not.toContain('<dd>')
  })

  test('shows name, plan, features and trial end, escaped', async () => {
    const html = await ownersPage(await token({ signedBy: day, cert }))
    expect(html).toContain('<h1>Ada &lt;Lovelace&gt; &amp; Co</h1>')
    expect(html).toContain('<dd>Trial</dd>')
    expect(html).toContain('<li>live-updates</li>')
    expect(html).toContain('<time datetime="2030-01-31T09:30:00.000Z">31 Jan 2030, 09:30 UTC</time>')
  })

  test('shows no trial end where there is no trial', async () => {
    const paid = await token({ signedBy: day, cert, claims: { plan: 'team', facts: { trialEndsAt: null } } })
    const html = await ownersPage(paid)
    expect(html).toContain('<dd>Team</dd>')
    expect(html).not.toContain('Trial ends')
  })

  const pageWith = async (facts: object) => {
    const claims = { plan: 'growth', facts: { ...exampleClaims.facts, trialEndsAt: null, ...facts } }
    return (await ask(await token({ signedBy: day, cert, claims }), '/')).text()
  }
  const until = '2030-02-07T10:00:00.000Z'

  test('says above all that a payment is overdue, until when the site runs and where to pay', async () => {
    const html = await pageWith({ paymentDueBy: until, consoleUrl: 'https://try.example.com/?a="1"&b' })
    expect(html).toContain('A payment for this site is overdue.')
    expect(html).toContain(`It runs until <time datetime="${until}">7 Feb 2030, 10:00 UTC</time>`)
    expect(html).toContain('<a href="https://try.example.com/?a=&quot;1&quot;&amp;b">')
    expect(html.indexOf('id="banner"')).toBeLessThan(html.indexOf('<h1>'))
  })

  test('names the console where it is not told where that is', async () => {
    const html = await pageWith({ paymentDueBy: until, consoleUrl: null })
    expect(html).toContain('Its owner can pay in the console.')
    expect(html).not.toContain('<a href')
  })

  test('says that the subscription has ended or is paused', async () => {
    const html = await pageWith({ endsAt: until })
    expect(html).toContain('The subscription of this site has ended or is paused.')
    expect(html).toContain(`<time datetime="${until}">`)
    // Nobody can choose a plan while it is paused.
    expect(html).toContain('See in the console how to continue')
  })

  test('shows no banner where nothing is overdue', async () => {
    expect(await pageWith({})).not.toContain('banner')
    expect(await (await ask(await token({ signedBy: day, cert }), '/')).text()).not.toContain('banner')
  })

  test('says so where the entitlement is not to be trusted', async () => {
    const html = await (await ask(await token({ signedBy: stranger, cert }), '/')).text()
    expect(html).toContain('The plan of this site is not shown here.')
    expect(html).not.toContain('Ada')
  })

  test('allows no script but its own', async () => {
    const response = await ask(undefined, '/')
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'; script-src 'self'")
    expect((await ask(undefined, '/page.js')).headers.get('content-type')).toContain('text/javascript')
    expect((await ask(undefined, '/page.css')).headers.get('content-type')).toContain('text/css')
  })
})
