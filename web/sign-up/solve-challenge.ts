import type { components } from '../api/openapi.d.ts'

export type Challenge = components['schemas']['Challenge']
export type Proof = components['schemas']['Proof']

const bytesOf = (hex: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

const hexOf = (bytes: ArrayBuffer): string =>
  Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

const largestCounter = 0xffffffff

/** Tries counters until the key has the required prefix. */
export const solveChallenge = async (challenge: Challenge): Promise<Proof> => {
  const { cost, keyLength, keyPrefix, nonce, salt } = challenge.parameters
  const nonceBytes = bytesOf(nonce)
  const password = new Uint8Array(nonceBytes.length + 4)
  password.set(nonceBytes)
  const view = new DataView(password.buffer)
  const algorithm = { name: 'PBKDF2', hash: 'SHA-256', salt: bytesOf(salt), iterations: cost }
  for (let counter = 0; counter <= largestCounter; counter += 1) {
    view.setUint32(nonceBytes.length, counter)
    const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits'])
    const derivedKey = hexOf(await crypto.subtle.deriveBits(algorithm, key, keyLength * 8))
    if (derivedKey.startsWith(keyPrefix)) return { challenge, solution: { counter, derivedKey } }
  }
  throw new Error('The challenge has no solution.')
}
