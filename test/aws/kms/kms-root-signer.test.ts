import { createPublicKey, verify } from 'node:crypto'
import { KMSClient } from '@aws-sdk/client-kms'
import { compactVerify, decodeProtectedHeader, importJWK } from 'jose'
import { describe, expect, it } from 'vitest'
import { createEntitlementKeys } from '../../../adapters/entitlement/entitlement-keys.ts'
import { createKmsRootSigner } from '../../../adapters/kms/kms-root-signer.ts'
import { entitlementVerifier } from '../../../sites/welcome/entitlement.ts'
import { sayPlayed } from '../say-played.ts'
import { playKms } from './play-kms.ts'

sayPlayed('KMS, with a real Ed25519 key; the emulator has no keys of that kind')

const keyId = 'alias/sitewright-test-entitlement'

const open = async (kind?: 'ec') => {
  const stack = new AsyncDisposableStack()
  const kms = stack.use(await playKms(keyId, kind))
  const client = new KMSClient({
    endpoint: kms.endpoint,
    region: 'eu-central-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  })
  stack.defer(() => client.destroy())
  const signer = (id = keyId) => createKmsRootSigner({ client, keyId: id })
  return { kms, signer, [Symbol.asyncDispose]: () => stack.disposeAsync() }
}

describe('a root key in KMS', () => {
  it('gives its raw public key, and asks KMS for it once', async () => {
    await using stage = await open()
    const root = stage.signer()
    expect(await Promise.all([root.publicKey(), root.publicKey()])).toEqual([stage.kms.publicKey, stage.kms.publicKey])
    expect(await root.publicKey()).toMatch(/^[\w-]{43}$/)
    expect(stage.kms.asked).toEqual(['GetPublicKey'])
  })

  it('gives its public key after KMS was away', async () => {
    await using stage = await open()
    const root = stage.signer()
    stage.kms.isAway = true
    await expect(root.publicKey()).rejects.toThrow()
    stage.kms.isAway = false
    expect(await root.publicKey()).toBe(stage.kms.publicKey)
  })

  it('signs the message itself', async () => {
    await using stage = await open()
    const content = Buffer.from('a certificate of the day')
    const signature = await stage.signer().sign(content)
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: stage.kms.publicKey }, format: 'jwk' })
    expect(signature).toHaveLength(64)
    expect(verify(null, content, key, signature)).toBe(true)
    expect(verify(null, Buffer.from('another certificate'), key, signature)).toBe(false)
  })

  it('of another kind is refused by its name', async () => {
    await using stage = await open('ec')
    await expect(stage.signer().publicKey()).rejects.toThrow(`KMS key ${keyId}: expected ECC_NIST_EDWARDS25519`)
  })

  it('that is not there is KMS’s own error', async () => {
    await using stage = await open()
    await expect(stage.signer('alias/other').sign(Buffer.from('x'))).rejects.toMatchObject({
      name: 'NotFoundException',
    })
  })
})

describe('entitlements under a root key in KMS', () => {
  const entitlement = {
    name: 'Ada',
    plan: 'trial',
    features: [],
    limits: { requestsPerMinute: 1, bandwidthMiBPerMinute: 1, connections: 1, uploadMiB: 1, storageMiB: 1 },
    facts: {
      trialEndsAt: null,
      paymentDueBy: null,
      endsAt: null,
      consoleUrl: 'https://try.example.com',
      origins: { content: 'https://acme--content.example.com' },
      unlocks: {},
    },
  }

  it('are trusted by the welcome site, and cost one call of KMS a day', async () => {
    await using stage = await open()
    const { signer, rootPublicKey } = createEntitlementKeys({
      root: stage.signer(),
      clock: () => new Date().toISOString(),
    })
    const sites = ['site_a', 'site_b', 'site_c'] as const
    const tokens = await Promise.all(sites.map((site) => signer.sign(site, entitlement)))
    expect(stage.kms.asked).toEqual(['Sign'])
    for (const [index, site] of sites.entries()) {
      expect(await entitlementVerifier(site, await rootPublicKey())(tokens[index]!)).toMatchObject({ plan: 'trial' })
    }
    const { cert } = decodeProtectedHeader(tokens[0]!)
    const key = await importJWK({ kty: 'OKP', crv: 'Ed25519', x: stage.kms.publicKey }, 'EdDSA')
    await expect(compactVerify(String(cert), key)).resolves.toBeDefined()
  })
})
