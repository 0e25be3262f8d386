import { describe, expect, it } from 'vitest'
import { createSiteSecrets, deriveSecret, proofSecrets } from '../../../adapters/derived-secrets/derive-secret.ts'

const sevens = Buffer.alloc(32, 7).toString('base64url')
const eights = Buffer.alloc(32, 8).toString('base64url')

describe('the secrets of a site', () => {
  const secrets = createSiteSecrets({ siteSecretKey: sevens })

  it('stay the same for a site and name', async () => {
    expect(await secrets.valueOf('site_01jq3v5k8m0000000000000000', 'SESSION_KEY')).toBe(
      'ksUorxc-5V9DaE2fUJbYuFZHfG94t964PFXSrgaWfsg',
    )
  })

  it('differ by site, by name and by installation', async () => {
    const other = createSiteSecrets({ siteSecretKey: eights })
    const values = await Promise.all([
      secrets.valueOf('site_a', 'KEY'),
      secrets.valueOf('site_b', 'KEY'),
      secrets.valueOf('site_a', 'OTHER_KEY'),
      other.valueOf('site_a', 'KEY'),
    ])
    expect(new Set(values).size).toBe(4)
  })
})

describe('the keys of proof of work', () => {
  it('are two, differ by installation, and stay the same', () => {
    expect(proofSecrets({ codePepper: sevens })).toEqual({
      signatureSecret: 'SqIT_70Gwl5dJefx11cy9nflQYhssfios-xBqE8O9kU',
      keySecret: 'Kc32IX8uC95H7R0UQb1GS7JNTDNdI8YzB4LsF9FJh-Q',
    })
    const { signatureSecret, keySecret } = proofSecrets({ codePepper: eights })
    const all = [...Object.values(proofSecrets({ codePepper: sevens })), signatureSecret, keySecret]
    expect(new Set(all).size).toBe(4)
  })
})

describe('a key to derive from', () => {
  it('may be letters and digits, of which each counts', () => {
    const key = 'a'.repeat(42)
    expect(deriveSecret(`${key}b`, 'purpose')).not.toBe(deriveSecret(`${key}c`, 'purpose'))
  })

  it.each([
    ['too short', 'a'.repeat(42)],
    ['not base64url', `${'a'.repeat(50)}%`],
  ])('is refused without being quoted where it is %s', (_, key) => {
    expect(() => deriveSecret(key, 'purpose')).toThrow('43 or more characters of base64url')
    expect(() => deriveSecret(key, 'purpose')).not.toThrow(key)
  })
})
