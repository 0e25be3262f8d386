import type { KeyObject } from 'node:crypto'
import { createPublicKey } from 'node:crypto'

/** The raw 32 bytes of an Ed25519 key's public part, as base64url: the `x` of its JWK. */
export const publicKeyOf = (key: KeyObject): string => {
  const { x } = (key.type === 'private' ? createPublicKey(key) : key).export({ format: 'jwk' })
  if (x === undefined) throw new Error('an Ed25519 key without its public part')
  return x
}
