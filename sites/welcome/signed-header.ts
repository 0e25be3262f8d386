import type { JWTPayload } from 'jose'

export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null

const toleranceSeconds = 5
const tokensRemembered = 20

interface VerifierOptions<Content> {
  readonly siteId: string
  readonly rootKey: string
  readonly typ: string
  readonly read: (payload: JWTPayload) => Content | undefined
}

/**
 * Verifies the compact JWS of a header of Sitewright: signed by the key in its header, which the root key certifies, for this
 * site and now.
 * @param options.rootKey raw 32-byte Ed25519 public key as base64url.
 * @param options.typ which of Sitewright's headers it is.
 * @param options.read gives undefined for a payload of another form.
 * @returns a function that gives undefined for an invalid token.
 */
export const signedHeaderVerifier = <Content>({ siteId, rootKey, typ, read }: VerifierOptions<Content>) => {
  // The router sends one token many times, so what was verified is remembered until it expires.
  const verified = new Map<string, { content: Content; expiresAt: number }>()

  const verify = async (token: string): Promise<Content | undefined> => {
    // Loaded on first use: the health check must not wait for it.
    const { importJWK, jwtVerify } = await import('jose')
    const every = { issuer: 'sitewright', algorithms: ['EdDSA'], clockTolerance: toleranceSeconds }
    const publicKey = (x: string) => importJWK({ kty: 'OKP', crv: 'Ed25519', x }, 'EdDSA')

    const { payload } = await jwtVerify(
      token,
      async ({ cert }) => {
        if (typeof cert !== 'string') throw new Error('no certificate')
        const certificate = await jwtVerify(cert, await publicKey(rootKey), {
          ...every,
          typ: 'sitewright-key+jwt',
          requiredClaims: ['exp'],
        })
        const key = certificate.payload['key']
        if (!isObject(key) || key['kty'] !== 'OKP' || key['crv'] !== 'Ed25519' || typeof key['x'] !== 'string') {
          throw new Error('no key in the certificate')
        }
        return publicKey(key['x'])
      },
      { ...every, audience: siteId, typ, requiredClaims: ['iat', 'exp'] },
    )
    const content = read(payload)
    if (content === undefined || payload.exp === undefined) return undefined
    const oldest = verified.keys().next()
    if (verified.size >= tokensRemembered && !oldest.done) verified.delete(oldest.value)
    verified.set(token, { content, expiresAt: (payload.exp + toleranceSeconds) * 1000 })
    return content
  }

  return async (token: string | undefined): Promise<Content | undefined> => {
    if (token === undefined) return undefined
    const known = verified.get(token)
    if (known !== undefined && Date.now() < known.expiresAt) return known.content
    // A forger must not learn why a token is wrong.
    return verify(token).catch(() => undefined)
  }
}
