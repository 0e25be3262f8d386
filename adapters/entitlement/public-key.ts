import type { KeyObject } from 'node:crypto'
import { createPublicKey } from 'node:crypto'

/** The raw 32 bytes of the Ed25519 key that belongs to a private one, as base64url: the `x` of its JWK. */
export const publicKeyOf = (privateKey: KeyObject): string => {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' })
  if (x === undefined) throw new Error('an Ed25519 key without its public part')
  return x
}
