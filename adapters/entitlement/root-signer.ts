import type { JsonWebKey } from 'node:crypto'
import { sign } from 'node:crypto'
import { publicKeyOf } from './public-key.ts'
import { readRootKey } from './root-key.ts'

/** The root key, wherever it is kept: it signs, and its private part need not leave that place. */
export interface RootSigner {
  /** The Ed25519 signature (RFC 8032, no prehash) of the content: 64 bytes. */
  readonly sign: (content: Buffer) => Promise<Buffer>
  /** What a site is given as `SITEWRIGHT_ROOT_KEY`: the raw Ed25519 public key, base64url. */
  readonly publicKey: () => Promise<string>
}

/**
 * A root key in this process.
 * @param rootPrivateKey Ed25519, as PKCS8 PEM or JWK.
 * @throws {Error} where it is not a private Ed25519 key. The message holds nothing of the key.
 */
export const createRootSigner = (rootPrivateKey: string | JsonWebKey): RootSigner => {
  const key = readRootKey(rootPrivateKey)
  const publicKey = publicKeyOf(key)
  return {
    sign: async (content) => sign(null, content, key),
    publicKey: async () => publicKey,
  }
}
