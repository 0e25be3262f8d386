// @ts-check

/**
 * The `challenge` of a 428; bytes are hexadecimal.
 * @typedef {{
 *   parameters: {cost: number, keyLength: number, keyPrefix: string, nonce: string, salt: string},
 *   signature: string,
 * }} Challenge
 */
/** @typedef {{challenge: Challenge, solution: {counter: number, derivedKey: string}}} Proof */

/** @param {string} hex */
const bytesOf = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))

/** @param {ArrayBuffer} bytes */
const hexOf = (bytes) => Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')

const largestCounter = 0xffffffff

/**
 * Tries counters until the key has the required prefix.
 * @param {Challenge} challenge
 * @returns {Promise<Proof>}
 */
export const solveChallenge = async (challenge) => {
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
