import { decodeJwt, decodeProtectedHeader, importJWK, type JWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { compactJws, createDayKeys } from '../../../adapters/entitlement/day-keys.ts'
import { createEntitlementKeys } from '../../../adapters/entitlement/entitlement-keys.ts'
import { createRootSigner, generateRootKey } from '../../../adapters/entitlement/root-signer.ts'
import type { Viewer } from '../../../core/entitlement/viewer.ts'
import type { SiteId } from '../../../core/ids.ts'

const site: SiteId = 'site_01jq3v5k8m0000000000000000'
const otherSite: SiteId = 'site_01jq3v5k8m0000000000000001'
const viewer: Viewer = {
  role: 'owner',
  personId: 'prsn_01jq3v5k8m0000000000000000',
  email: 'ada@example.com',
  name: 'Ada “Countess” Lovelace',
}
const start = Date.parse('2026-03-01T12:00:00.000Z')
const hour = 3600

/** Routers of one installation, whose clocks agree. */
const setUp = () => {
  let now = start
  const root = createRootSigner(generateRootKey())
  const newRouter = () => createEntitlementKeys({ root, clock: () => new Date(now).toISOString() }).viewers
  return {
    newRouter,
    root,
    date: () => new Date(now),
    pass: (seconds: number) => {
      now += seconds * 1000
    },
  }
}

const ed25519 = (x: string) => importJWK({ kty: 'OKP', crv: 'Ed25519', x }, 'EdDSA')

/** What docs/viewer.md asks of a site. */
const verify = async (token: string, rootPublicKey: string, audience: string, currentDate: Date) => {
  const rules = { algorithms: ['EdDSA'], issuer: 'sitewright', requiredClaims: ['exp'], currentDate }
  const { cert } = decodeProtectedHeader(token)
  const root = await ed25519(rootPublicKey)
  const { payload: certified } = await jwtVerify<{ key: JWK }>(String(cert), root, {
    ...rules,
    typ: 'sitewright-key+jwt',
  })
  const key = await importJWK(certified.key, 'EdDSA')
  return (await jwtVerify(token, key, { ...rules, typ: 'sitewright-viewer+jwt', audience })).payload
}

describe('the header of a viewer', () => {
  it('verifies with nothing but the root public key and says who asks', async () => {
    const { newRouter, root, date } = setUp()
    const router = newRouter()
    const found = await router.recognise(await router.signCookie(site, viewer), site)
    expect(found?.viewer).toEqual(viewer)
    const iat = start / 1000
    const payload = await verify(found?.header ?? '', await root.publicKey(), site, date())
    expect(payload).toEqual({ ...viewer, iss: 'sitewright', aud: site, iat, exp: iat + 60 })
  })

  it('stays the same for half a minute, and is signed again after that', async () => {
    const { newRouter, pass } = setUp()
    const router = newRouter()
    const cookie = await router.signCookie(site, viewer)
    const headers: (string | undefined)[] = []
    for (const seconds of [0, 30, 1, 29]) {
      pass(seconds)
      headers.push((await router.recognise(cookie, site))?.header)
    }
    expect(headers[1]).toBe(headers[0])
    expect(headers[2]).not.toBe(headers[0])
    expect(headers[3]).toBe(headers[2])
  })

  it('does not live longer because the clock was set back', async () => {
    const { newRouter, pass } = setUp()
    const router = newRouter()
    const cookie = await router.signCookie(site, viewer)
    pass(10)
    await router.recognise(cookie, site)
    pass(-10)
    expect(decodeJwt((await router.recognise(cookie, site))?.header ?? '').exp).toBe(start / 1000 + 60)
  })

  it('has no name where none is known', async () => {
    const router = setUp().newRouter()
    const { name: _, ...nameless } = viewer
    const found = await router.recognise(await router.signCookie(site, nameless), site)
    expect(found?.viewer).toEqual(nameless)
    expect(decodeJwt(found?.header ?? '')).not.toHaveProperty('name')
  })
})

describe('the cookie of a viewer', () => {
  it('is read by every router of the installation, whatever key of the day signed it', async () => {
    const { newRouter, pass } = setUp()
    const cookie = await newRouter().signCookie(site, viewer)
    pass(11 * hour)
    expect((await newRouter().recognise(cookie, site))?.viewer).toEqual(viewer)
  })

  it('is read until it ends although the certificate of its key ended before', async () => {
    const { newRouter, pass } = setUp()
    const router = newRouter()
    await router.signCookie(site, viewer)
    pass(23 * hour)
    const cookie = await router.signCookie(site, viewer)
    pass(11 * hour)
    expect(await router.recognise(cookie, site)).toBeDefined()
    expect(await newRouter().recognise(cookie, site)).toBeDefined()
  })

  it.each([
    ['a router that read it before', true],
    ['a router that sees it for the first time', false],
  ])('ends after twelve hours at %s', async (_, isKnown) => {
    const { newRouter, pass } = setUp()
    const router = newRouter()
    const cookie = await router.signCookie(site, viewer)
    pass(12 * hour - 1)
    if (isKnown) expect(await router.recognise(cookie, site)).toBeDefined()
    pass(1)
    expect(await router.recognise(cookie, site)).toBeUndefined()
  })

  it.each([
    ['a router that read it before', true],
    ['a router that sees it for the first time', false],
  ])('of another site is refused by %s', async (_, isKnown) => {
    const router = setUp().newRouter()
    const cookie = await router.signCookie(site, viewer)
    if (isKnown) expect(await router.recognise(cookie, site)).toBeDefined()
    expect(await router.recognise(cookie, otherSite)).toBeUndefined()
  })

  it('of another installation is refused', async () => {
    const cookie = await setUp().newRouter().signCookie(site, viewer)
    expect(await setUp().newRouter().recognise(cookie, site)).toBeUndefined()
  })

  it('with a certificate of another installation is refused', async () => {
    const [ours, theirs] = [setUp().newRouter(), setUp().newRouter()]
    const own = await ours.signCookie(site, viewer)
    const [, payload, signature] = (await theirs.signCookie(site, viewer)).split('.')
    const [header] = own.split('.')
    expect(await ours.recognise(`${header}.${payload}.${signature}`, site)).toBeUndefined()
  })

  it('is not the header that a site gets, nor the entitlement', async () => {
    const root = createRootSigner(generateRootKey())
    const { viewers, signer } = createEntitlementKeys({ root, clock: () => new Date(start).toISOString() })
    const header = (await viewers.recognise(await viewers.signCookie(site, viewer), site))?.header ?? ''
    expect(await viewers.recognise(header, site)).toBeUndefined()
    const entitlement = { ...viewer, plan: 'trial', features: [], limits: {}, facts: {} }
    expect(await viewers.recognise(await signer.sign(site, entitlement as never), site)).toBeUndefined()
  })

  it('that was changed in any part is refused', async () => {
    const router = setUp().newRouter()
    const parts = (await router.signCookie(site, viewer)).split('.')
    const claims = JSON.parse(Buffer.from(parts[1] ?? '', 'base64url').toString()) as object
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const forged = [
      [parts[0], encoded({ ...claims, personId: 'prsn_01jq3v5k8m0000000000000009' }), parts[2]],
      [encoded({ alg: 'none', typ: 'sitewright-cookie+jwt' }), parts[1], ''],
      [parts[0], parts[1], 'AAAA'],
      [encoded({ alg: 'EdDSA', typ: 'sitewright-cookie+jwt' }), parts[1], parts[2]],
      [parts[0], parts[1]],
      ['', '', ''],
    ].map((each) => each.join('.'))
    for (const cookie of [...forged, 'x', `${parts.join('.')}.x`, 'a'.repeat(5000)]) {
      expect([cookie.slice(0, 20), await router.recognise(cookie, site)]).toEqual([cookie.slice(0, 20), undefined])
    }
  })

  const certified = 24 * hour + 600
  it.each([
    ['taken, of the longest life and from a clock that is a minute ahead', true, 0, 60, 12 * hour],
    ['refused where it lives longer', false, 0, 0, 12 * hour + 1],
    ['refused where it comes from later', false, 0, 61, hour],
    ['taken where it was signed as the certificate ended', true, certified, 0, hour],
    ['refused where it was signed after that', false, certified + 1, 0, hour],
  ])('of a key of the day is %s', async (_, isTaken, after, ahead, lives) => {
    const { newRouter, root, pass } = setUp()
    const { certificate, privateKey } = await createDayKeys(root).certify(start / 1000)
    pass(after)
    const iat = start / 1000 + after + ahead
    const claims = { ...viewer, iss: 'sitewright', aud: site, iat, exp: iat + lives }
    const cookie = compactJws({ typ: 'sitewright-cookie+jwt', cert: certificate }, claims, privateKey)
    expect((await newRouter().recognise(cookie, site)) !== undefined).toBe(isTaken)
  })

  it('fits into the 4 KiB that browsers keep, with the longest address and name', async () => {
    const router = setUp().newRouter()
    const long: Viewer = { ...viewer, email: `${'a'.repeat(242)}@example.com`, name: '名'.repeat(100) }
    expect((await router.signCookie(site, long)).length).toBeLessThan(3000)
  })
})

describe('a visit with an end', () => {
  it('is over then for an owner too, at every router', async () => {
    const { newRouter, pass } = setUp()
    const router = newRouter()
    const colleague: Viewer = { ...viewer, until: new Date(start + hour * 1000).toISOString() }
    const cookie = await router.signCookie(site, colleague)
    pass(hour - 1)
    const last = await router.recognise(cookie, site)
    expect(last?.viewer).toEqual(colleague)
    expect(decodeJwt(last?.header ?? '')).toMatchObject({ ...colleague, exp: start / 1000 + hour })
    pass(1)
    expect(await router.recognise(cookie, site)).toBeUndefined()
    expect(await newRouter().recognise(cookie, site)).toBeUndefined()
  })
})

describe('a visit of support', () => {
  it('names the operator and never the owner, and ends when it said', async () => {
    const { newRouter, root, date, pass } = setUp()
    const until = new Date(start + 15 * 60_000).toISOString()
    const support: Viewer = { role: 'support', operatorId: 'op_7', until }
    const router = newRouter()
    const cookie = await router.signCookie(site, support)
    const payload = await verify(
      (await router.recognise(cookie, site))?.header ?? '',
      await root.publicKey(),
      site,
      date(),
    )
    const iat = start / 1000
    expect(payload).toEqual({ ...support, iss: 'sitewright', aud: site, iat, exp: iat + 60 })
    pass(15 * 60 - 10)
    const last = await newRouter().recognise(cookie, site)
    expect(decodeJwt(last?.header ?? '').exp).toBe(iat + 15 * 60)
    pass(10)
    expect(await router.recognise(cookie, site)).toBeUndefined()
    expect(await newRouter().recognise(cookie, site)).toBeUndefined()
  })
})
