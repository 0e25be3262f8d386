import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { compactVerify, decodeJwt, decodeProtectedHeader, importJWK, type JWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { createEntitlementKeys } from '../../../adapters/entitlement/entitlement-keys.ts'
import { createRootSigner, generateRootKey, type RootSigner } from '../../../adapters/entitlement/root-signer.ts'
import type { Entitlement } from '../../../core/entitlement/entitlement.ts'
import type { SiteId } from '../../../core/ids.ts'
import { entitlementVerifier } from '../../../sites/welcome/entitlement.ts'
import { recordingLog } from '../../support/fixed-ports.ts'

const site: SiteId = 'site_01jq3v5k8m0000000000000000'
const otherSite: SiteId = 'site_01jq3v5k8m0000000000000001'
const start = Date.parse('2026-03-01T12:00:00.000Z')

const entitlement: Entitlement = {
  name: 'Acme “shop”',
  plan: 'trial',
  features: ['entries'],
  limits: { requestsPerMinute: 1200, bandwidthMiBPerMinute: 120, connections: 50, uploadMiB: 16, storageMiB: 256 },
  facts: {
    trialEndsAt: '2026-03-15T12:00:00.000Z',
    paymentDueBy: null,
    endsAt: null,
    consoleUrl: 'https://try.example.com',
    origins: { content: 'https://acme--content.example.com' },
    unlocks: { export: ['growth'] },
  },
}

const turnableClock = () => {
  let now = start
  return {
    clock: () => new Date(now).toISOString(),
    date: () => new Date(now),
    pass: (seconds: number) => {
      now += seconds * 1000
    },
  }
}

const ed25519 = (x: string) => importJWK({ kty: 'OKP', crv: 'Ed25519', x }, 'EdDSA')

/** What docs/entitlement.md asks of a site, word for word. */
const verify = async (token: string, rootPublicKey: string, audience: string, now: Date) => {
  const { cert } = decodeProtectedHeader(token)
  if (typeof cert !== 'string') throw new Error('no certificate')
  const { payload: certified } = await jwtVerify<{ key: JWK }>(cert, await ed25519(rootPublicKey), {
    algorithms: ['EdDSA'],
    typ: 'sitewright-key+jwt',
    issuer: 'sitewright',
    requiredClaims: ['exp'],
    currentDate: now,
  })
  const { payload } = await jwtVerify(token, await importJWK(certified.key, 'EdDSA'), {
    algorithms: ['EdDSA'],
    typ: 'sitewright-entitlement+jwt',
    issuer: 'sitewright',
    audience,
    requiredClaims: ['exp', 'iat'],
    currentDate: now,
  })
  return payload
}

const setUp = async ({ capacity, root: given }: { capacity?: number; root?: RootSigner } = {}) => {
  const log = recordingLog()
  const time = turnableClock()
  const root = given ?? createRootSigner(generateRootKey())
  const { signer } = createEntitlementKeys({
    root,
    clock: time.clock,
    log,
    ...(capacity === undefined ? {} : { capacity }),
  })
  return { ...time, signer, root, log, rootPublicKey: await root.publicKey() }
}

describe('a signed entitlement', () => {
  it('verifies with nothing but the root public key and says what the site may do', async () => {
    const { signer, rootPublicKey, date } = await setUp()
    const payload = await verify(await signer.sign(site, entitlement), rootPublicKey, site, date())
    const iat = start / 1000
    expect(payload).toEqual({ ...entitlement, iss: 'sitewright', aud: site, iat, exp: iat + 60 })
  })

  it('has the documented headers and nothing else in them', async () => {
    const { signer } = await setUp()
    const header = decodeProtectedHeader(await signer.sign(site, entitlement))
    expect(header).toEqual({ alg: 'EdDSA', typ: 'sitewright-entitlement+jwt', cert: expect.any(String) })
    expect(decodeProtectedHeader(String(header['cert']))).toEqual({ alg: 'EdDSA', typ: 'sitewright-key+jwt' })
  })

  it('carries a certificate that holds the public part of the day key only', async () => {
    const { signer, rootPublicKey } = await setUp()
    const { cert } = decodeProtectedHeader(await signer.sign(site, entitlement))
    const { payload } = await compactVerify(String(cert), await ed25519(rootPublicKey))
    const x = expect.stringMatching(/^[\w-]{43}$/)
    expect(JSON.parse(new TextDecoder().decode(payload))).toEqual({
      iss: 'sitewright',
      exp: start / 1000 + 86_400 + 600,
      key: { kty: 'OKP', crv: 'Ed25519', x },
    })
  })

  it('is trusted by its own welcome site, and by no other', async () => {
    const { signer, rootPublicKey: readRootPublicKey } = createEntitlementKeys({
      root: createRootSigner(generateRootKey()),
      clock: () => new Date().toISOString(),
    })
    const rootPublicKey = await readRootPublicKey()
    const token = await signer.sign(site, entitlement)
    const { facts, ...rest } = entitlement
    expect(await entitlementVerifier(site, rootPublicKey)(token)).toEqual({ ...rest, ...facts })
    expect(await entitlementVerifier(otherSite, rootPublicKey)(token)).toBeUndefined()
  })

  it('is invalid at another site', async () => {
    const { signer, rootPublicKey, date } = await setUp()
    const token = await signer.sign(otherSite, entitlement)
    await expect(verify(token, rootPublicKey, site, date())).rejects.toMatchObject({ claim: 'aud' })
  })

  it('has expired after a minute', async () => {
    const { signer, rootPublicKey, date, pass } = await setUp()
    const token = await signer.sign(site, entitlement)
    pass(59)
    await expect(verify(token, rootPublicKey, site, date())).resolves.toBeDefined()
    pass(1)
    await expect(verify(token, rootPublicKey, site, date())).rejects.toMatchObject({ code: 'ERR_JWT_EXPIRED' })
  })

  it('is refused when another root certified its key', async () => {
    const { rootPublicKey, date } = await setUp()
    const forger = await setUp()
    const token = await forger.signer.sign(site, entitlement)
    await expect(verify(token, rootPublicKey, site, date())).rejects.toMatchObject({
      code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    })
  })

  it('is refused when a true certificate is put before a stranger’s signature', async () => {
    const { signer, rootPublicKey, date } = await setUp()
    const forger = await setUp()
    const [header] = (await signer.sign(site, entitlement)).split('.')
    const [, payload, signature] = (await forger.signer.sign(site, entitlement)).split('.')
    await expect(verify([header, payload, signature].join('.'), rootPublicKey, site, date())).rejects.toMatchObject({
      code: 'ERR_JWS_SIGNATURE_VERIFICATION_FAILED',
    })
  })
})

describe('the key of the day', () => {
  it('rolls within 24 hours, and what it signs verifies by the same root', async () => {
    const { signer, rootPublicKey, date, pass } = await setUp()
    const { cert: first } = decodeProtectedHeader(await signer.sign(site, entitlement))
    pass(86_399)
    const { cert: sameDay } = decodeProtectedHeader(await signer.sign(site, entitlement))
    pass(1)
    const token = await signer.sign(otherSite, entitlement)
    const { cert: nextDay } = decodeProtectedHeader(token)
    expect(sameDay).toBe(first)
    expect(nextDay).not.toBe(first)
    await expect(verify(token, rootPublicKey, otherSite, date())).resolves.toMatchObject({ plan: 'trial' })
  })

  it('leaves the last token of yesterday valid to its end', async () => {
    const { signer, rootPublicKey, date, pass } = await setUp()
    await signer.sign(otherSite, entitlement)
    pass(86_399)
    const token = await signer.sign(site, entitlement)
    pass(59)
    await signer.sign(otherSite, entitlement)
    await expect(verify(token, rootPublicKey, site, date())).resolves.toBeDefined()
  })

  it('does not live longer because the clock was set back', async () => {
    const { signer, date, pass } = await setUp()
    await signer.sign(site, entitlement)
    pass(-3600)
    const { cert } = decodeProtectedHeader(await signer.sign(site, entitlement))
    expect(decodeJwt(String(cert)).exp).toBe(date().getTime() / 1000 + 86_400 + 600)
  })

  it('is another one for every process, under one root', async () => {
    const { signer, rootPublicKey, root, clock, date } = await setUp()
    const second = createEntitlementKeys({ root, clock })
    const tokens = [await signer.sign(site, entitlement), await second.signer.sign(site, entitlement)]
    for (const token of tokens) await expect(verify(token, rootPublicKey, site, date())).resolves.toBeDefined()
    expect(await second.rootPublicKey()).toBe(rootPublicKey)
    expect(decodeProtectedHeader(tokens[0]!)['cert']).not.toBe(decodeProtectedHeader(tokens[1]!)['cert'])
  })
})

/** A root key that is unavailable on command, and counts the calls. */
const shakyRoot = () => {
  const root = createRootSigner(generateRootKey())
  const state = { isAway: false, asked: 0 }
  const sign: RootSigner['sign'] = async (content) => {
    state.asked += 1
    if (state.isAway) throw new Error('the root is away')
    return root.sign(content)
  }
  return { root: { ...root, sign }, state }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('the certification of a day key', () => {
  it('is shared by callers at the same moment, and they get one token', async () => {
    const { root, state } = shakyRoot()
    const { signer } = await setUp({ root })
    const tokens = await Promise.all(Array.from({ length: 20 }, () => signer.sign(site, { ...entitlement })))
    expect(new Set(tokens).size).toBe(1)
    expect(state.asked).toBe(1)
  })

  it('is tried again by the next request after it failed', async () => {
    const { root, state } = shakyRoot()
    const { signer, rootPublicKey, date } = await setUp({ root })
    state.isAway = true
    await expect(signer.sign(site, entitlement)).rejects.toThrow('the root is away')
    state.isAway = false
    await expect(verify(await signer.sign(site, entitlement), rootPublicKey, site, date())).resolves.toBeDefined()
  })

  it('is renewed from the 23rd hour on, without a request waiting for it', async () => {
    const { root, state } = shakyRoot()
    const { signer, pass } = await setUp({ root })
    await signer.sign(site, entitlement)
    pass(23 * 3600 - 1)
    await signer.sign(site, entitlement)
    expect(state.asked).toBe(1)
    pass(61)
    const { cert: before } = decodeProtectedHeader(await signer.sign(site, entitlement))
    await settled()
    const { cert: after } = decodeProtectedHeader(await signer.sign(otherSite, entitlement))
    expect(state.asked).toBe(2)
    expect(after).not.toBe(before)
  })

  it('may fail until the present key ends, is then asked for every 30 seconds, and breaks no request', async () => {
    const { root, state } = shakyRoot()
    const { signer, rootPublicKey, date, pass, log } = await setUp({ root })
    await signer.sign(site, entitlement)
    state.isAway = true
    pass(23 * 3600)
    for (let second = 0; second < 3600; second += 10) {
      // Another content each time, so that each request has to be signed for.
      const token = await signer.sign(site, { ...entitlement, name: `Acme ${second}` })
      await expect(verify(token, rootPublicKey, site, date())).resolves.toBeDefined()
      await settled()
      pass(10)
    }
    expect(state.asked).toBe(1 + 3600 / 30)
    expect(log.lines).toHaveLength(3600 / 30)
    expect(log.lines.at(0)).toMatchObject({ level: 'warn', fields: { secondsLeft: 3600 } })
    expect(log.lines.at(-1)).toMatchObject({ level: 'warn', fields: { secondsLeft: 30 } })
    await expect(signer.sign(otherSite, entitlement)).rejects.toThrow('the root is away')
    state.isAway = false
    await expect(
      verify(await signer.sign(otherSite, entitlement), rootPublicKey, otherSite, date()),
    ).resolves.toBeDefined()
  })
})

describe('the cache of tokens', () => {
  it('gives the same token for the same content while 30 seconds are left', async () => {
    const { signer, pass } = await setUp()
    const token = await signer.sign(site, entitlement)
    pass(30)
    expect(await signer.sign(site, { ...entitlement })).toBe(token)
    pass(1)
    expect(await signer.sign(site, entitlement)).not.toBe(token)
  })

  it('signs again as soon as the content is another', async () => {
    const { signer, rootPublicKey, date } = await setUp()
    await signer.sign(site, entitlement)
    const token = await signer.sign(site, { ...entitlement, plan: 'team' })
    await expect(verify(token, rootPublicKey, site, date())).resolves.toMatchObject({ plan: 'team' })
  })

  it('does not hand out a token from the future after the clock was set back', async () => {
    const { signer, pass, rootPublicKey, date } = await setUp()
    await signer.sign(site, entitlement)
    pass(-3600)
    const { exp } = await verify(await signer.sign(site, entitlement), rootPublicKey, site, date())
    expect(exp).toBe(start / 1000 - 3600 + 60)
  })

  it('forgets the site that was signed for longest ago when it is full', async () => {
    const { signer, pass } = await setUp({ capacity: 1 })
    const token = await signer.sign(site, entitlement)
    pass(1)
    await signer.sign(otherSite, entitlement)
    expect(await signer.sign(site, entitlement)).not.toBe(token)
  })
})

describe('the root key', () => {
  it('is accepted as PEM and as JWK, and gives its raw public key', async () => {
    const { privateKey } = generateKeyPairSync('ed25519')
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
    const jwk = privateKey.export({ format: 'jwk' })
    const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
    expect(await createRootSigner(pem).publicKey()).toBe(x)
    expect(await createRootSigner(jwk).publicKey()).toBe(x)
  })

  it.each([
    ['not a key at all', 'hunter2'],
    ['a key of another kind', generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ format: 'jwk' })],
  ])('is refused without being quoted when it is %s', (_, rootPrivateKey) => {
    const create = () => createRootSigner(rootPrivateKey)
    expect(create).toThrow('expected a private Ed25519 key')
    expect(create).not.toThrow('hunter2')
  })
})
