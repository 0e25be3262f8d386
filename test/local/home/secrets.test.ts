import { createPrivateKey } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { proofSecrets } from '../../../adapters/derived-secrets/derive-secret.ts'
import { type Home, openHome } from '../../../local/home/open-home.ts'
import { readSecrets } from '../../../local/secrets.ts'

let home: Home
let path: string

beforeEach(async () => {
  home = await openHome(await mkdtemp(join(tmpdir(), 'sitewright-secrets-')))
  path = join(home.directory, 'secrets.json')
})

afterEach(async () => {
  await home.release()
  await rm(home.directory, { recursive: true, force: true })
})

describe('the secrets of a host', () => {
  it('are made once, readable by their owner only', async () => {
    const secrets = await readSecrets(home)
    expect(await readSecrets(home)).toEqual(secrets)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
  })

  it('hold an Ed25519 private key and two different keys of 256 bits', async () => {
    const { codePepper, entitlementRootKey, siteSecretKey } = await readSecrets(home)
    expect(createPrivateKey(entitlementRootKey).asymmetricKeyType).toBe('ed25519')
    expect(Buffer.from(codePepper, 'base64url')).toHaveLength(32)
    expect(Buffer.from(siteSecretKey, 'base64url')).toHaveLength(32)
    expect(codePepper).not.toBe(siteSecretKey)
  })

  it('are not made again beside a database', async () => {
    await writeFile(join(home.directories.database, 'sitewright.db'), '')
    await expect(readSecrets(home)).rejects.toThrow('secrets.json is missing')
  })

  it.each([
    ['half a file', (text: string) => text.slice(0, 100)],
    ['a short key', (text: string) => text.replace(/("codePepper": ".{42})./, '$1')],
  ])('damaged to %s are refused without being shown', async (_, damage) => {
    const { codePepper } = await readSecrets(home)
    await writeFile(path, damage(await readFile(path, 'utf8')))
    const error: unknown = await readSecrets(home).catch((reason: unknown) => reason)
    expect(String(error)).toContain('secrets.json is damaged')
    expect(String(error)).not.toContain(codePepper.slice(0, 20))
  })
})

describe('the keys of proof of work', () => {
  it('follow from what every home has, and do not show it', async () => {
    const secrets = await readSecrets(home)
    const { signatureSecret, keySecret } = proofSecrets(secrets)
    expect(proofSecrets(await readSecrets(home))).toEqual({ signatureSecret, keySecret })
    expect(new Set([signatureSecret, keySecret, secrets.codePepper, secrets.siteSecretKey]).size).toBe(4)
  })
})
