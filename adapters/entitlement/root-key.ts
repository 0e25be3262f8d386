import type { JsonWebKey, KeyObject } from 'node:crypto'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'

/** A new root key as PKCS8 PEM. Whoever holds it can speak for Sitewright to every site: keep it where secrets are kept. */
export const generateRootKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** @throws {Error} where the key is not a private Ed25519 key. The message holds nothing of the key. */
export const readRootKey = (key: string | JsonWebKey): KeyObject => {
  const read = parse(key)
  if (read?.asymmetricKeyType !== 'ed25519') {
    throw new Error('root key: expected a private Ed25519 key, as PKCS8 PEM or JWK')
  }
  return read
}

const parse = (key: string | JsonWebKey): KeyObject | undefined => {
  try {
    return typeof key === 'string' ? createPrivateKey(key) : createPrivateKey({ key, format: 'jwk' })
  } catch {
    // What the parser says may quote its input.
    return undefined
  }
}
