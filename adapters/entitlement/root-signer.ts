import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type JsonWebKey,
  type KeyObject,
  sign,
} from 'node:crypto'

/** The root key, wherever it is kept: it signs, and its private part need not leave that place. */
export interface RootSigner {
  /** The Ed25519 signature (RFC 8032, no prehash) of the content: 64 bytes. */
  readonly sign: (content: Buffer) => Promise<Buffer>
  /** The `SITEWRIGHT_ROOT_KEY` of sites: the raw Ed25519 public key, base64url. */
  readonly publicKey: () => Promise<string>
}

/**
 * A root key in this process. @param rootPrivateKey Ed25519, as PKCS8 PEM or JWK.
 * @throws {Error} where it is not a private Ed25519 key. The message holds nothing of the key.
 */
export const createRootSigner = (rootPrivateKey: string | JsonWebKey): RootSigner => {
  const key = readRootKey(rootPrivateKey)
  const publicKey = publicKeyOf(key)
  return { sign: async (content) => sign(null, content, key), publicKey: async () => publicKey }
}

/** A new root key as PKCS8 PEM. It can speak for Sitewright to every site: keep it where secrets are kept. */
export const generateRootKey = (): string =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

/** @throws {Error} where the key is not a private Ed25519 key. The message holds nothing of the key. */
const readRootKey = (key: string | JsonWebKey): KeyObject => {
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
    // The parser's message may quote its input.
    return undefined
  }
}

/** The raw 32 bytes of an Ed25519 key's public part, as base64url: the `x` of its JWK. */
export const publicKeyOf = (key: KeyObject): string => {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  if (x === undefined) throw new Error('an Ed25519 key without its public part')
  return x
}
