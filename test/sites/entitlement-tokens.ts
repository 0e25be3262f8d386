import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'

export interface KeyPair {
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

export const newKeyPair = async (): Promise<KeyPair> => {
  const { privateKey, publicKey } = await generateKeyPair('Ed25519', { extractable: true })
  return { privateKey, jwk: await exportJWK(publicKey) }
}

const seconds = () => Math.floor(Date.now() / 1000)

export interface CertificateParts {
  readonly root: KeyPair
  readonly day: KeyPair
  readonly typ?: string
  readonly iss?: string
  readonly expiresIn?: number
}

export const certificate = ({
  root,
  day,
  typ = 'sitewright-key+jwt',
  iss = 'sitewright',
  expiresIn = 3600,
}: CertificateParts) =>
  new SignJWT({ key: { kty: 'OKP', crv: 'Ed25519', x: day.jwk.x } })
    .setProtectedHeader({ alg: 'EdDSA', typ })
    .setIssuer(iss)
    .setExpirationTime(seconds() + expiresIn)
    .sign(root.privateKey)

export interface TokenParts {
  readonly signedBy: KeyPair
  readonly cert?: string
  readonly aud?: string
  readonly iss?: string
  readonly typ?: string
  readonly expiresIn?: number
  readonly claims?: Readonly<Record<string, unknown>>
}

export const exampleClaims = {
  name: 'Ada <Lovelace> & Co',
  plan: 'trial',
  features: ['entries', 'live-updates'],
  limits: { requestsPerMinute: 3000, bandwidthMiBPerMinute: 300, connections: 100, uploadMiB: 32, storageMiB: 512 },
  facts: {
    trialEndsAt: '2030-01-31T09:30:00.000Z',
    paymentDueBy: null,
    endsAt: null,
    consoleUrl: 'https://try.example.com',
    origins: { content: 'http://acme--content.localhost' },
    unlocks: { scorm: ['growth', 'enterprise'] },
  },
}

const signed = (parts: TokenParts, typ: string, claims: object): Promise<string> =>
  new SignJWT({ ...claims, ...parts.claims })
    .setProtectedHeader({
      alg: 'EdDSA',
      typ: parts.typ ?? typ,
      ...(parts.cert === undefined ? {} : { cert: parts.cert }),
    })
    .setIssuer(parts.iss ?? 'sitewright')
    .setAudience(parts.aud ?? 'site_mine')
    .setIssuedAt(seconds())
    .setExpirationTime(seconds() + (parts.expiresIn ?? 60))
    .sign(parts.signedBy.privateKey)

/** A token of the documented format; every part can be made wrong. */
export const token = (parts: TokenParts): Promise<string> => signed(parts, 'sitewright-entitlement+jwt', exampleClaims)

/** The same of a viewer. */
export const viewerToken = (parts: TokenParts): Promise<string> =>
  signed(parts, 'sitewright-viewer+jwt', { role: 'owner', personId: 'prsn_1', email: 'ada@example.com' })
