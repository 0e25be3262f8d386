import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import * as z from 'zod'
import { type Viewer, viewerCookieHours, viewerSchema, viewerSeconds } from '../../core/entitlement/viewer.ts'
import type { SiteId } from '../../core/ids.ts'
import { jsonOf } from '../../core/json.ts'
import type { Clock } from '../../core/ports/context.ts'
import type { ViewerTokens } from '../../core/ports/tokens.ts'
import { keepLast } from '../keep-last.ts'
import { compactJws, type DayKeys } from './day-keys.ts'
import type { RootSigner } from './root-signer.ts'

const cookieType = 'sitewright-cookie+jwt'
const cookieSeconds = viewerCookieHours * 60 * 60

/** All visits but the holder's end earlier. */
const endOf = ({ until }: Viewer, now: number): number =>
  Math.min(now + cookieSeconds, until === undefined ? Infinity : Math.floor(Date.parse(until) / 1000))

/** Clocks of routers may differ by so many seconds. */
const toleratedSeconds = 60

/** A cached header is used while it is valid for so many seconds. */
const leastSecondsLeft = 30

/** Browsers keep no more. */
const longestCookie = 4096

const headerSchema = z.object({ alg: z.literal('EdDSA'), typ: z.string(), cert: z.string().optional() })
const key = z.object({ kty: z.literal('OKP'), crv: z.literal('Ed25519'), x: z.base64url().length(43) })
const certificateSchema = z.object({ iss: z.literal('sitewright'), exp: z.int(), key })
const claimsSchema = z.object({ iss: z.literal('sitewright'), aud: z.string(), iat: z.int(), exp: z.int() })

interface Admitted {
  readonly siteId: SiteId
  readonly viewer: Viewer
  /** Epoch seconds. */
  readonly until: number
}

interface Certificate {
  readonly key: KeyObject
  readonly expiresAt: number
}

const publicKeyOf = (x: string): KeyObject => createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })

const parsed = (part: string): unknown => jsonOf(Buffer.from(part, 'base64url').toString())

/** A compact JWS without any check of its signature. */
const split = (jws: string) => {
  const [header = '', payload = '', signature = '', ...rest] = jws.split('.')
  const fields = headerSchema.safeParse(parsed(header))
  if (rest.length > 0 || !fields.success) return undefined
  const isSignedBy = (by: KeyObject): boolean =>
    verify(null, Buffer.from(`${header}.${payload}`), by, Buffer.from(signature, 'base64url'))
  return { ...fields.data, payload: parsed(payload), isSignedBy }
}

/**
 * Signs viewers' cookies and headers with a router's key of the day. Every router of the installation reads the cookies, because
 * each has its key's certificate in it. A cookie outlives the certificate, which has to be valid when the cookie is signed.
 * @param options.clock the wall clock.
 */
export const createViewerTokens = (options: {
  readonly root: Pick<RootSigner, 'publicKey'>
  readonly dayKeys: DayKeys
  readonly clock: Clock
}): ViewerTokens => {
  const { root, dayKeys, clock } = options
  const certificates = new Map<string, Certificate>()
  const cookies = new Map<string, Admitted>()
  const headers = new WeakMap<Admitted, { readonly issuedAt: number; readonly token: string }>()

  const nowInSeconds = (): number => Math.floor(Date.parse(clock()) / 1000)

  const dayKey = async (now: number) => dayKeys.at(now) ?? (await dayKeys.certify(now))

  const readCertificate = async (jws: string): Promise<Certificate | undefined> => {
    const known = certificates.get(jws)
    if (known !== undefined) return known
    const read = split(jws)
    const claims = certificateSchema.safeParse(read?.payload)
    if (read?.typ !== 'sitewright-key+jwt' || !claims.success) return undefined
    if (!read.isSignedBy(publicKeyOf(await root.publicKey()))) return undefined
    const certificate = { key: publicKeyOf(claims.data.key.x), expiresAt: claims.data.exp }
    keepLast(certificates, jws, certificate, 100)
    return certificate
  }

  const verifyCookie = async (value: string, siteId: SiteId, now: number) => {
    const read = split(value)
    const claims = claimsSchema.safeParse(read?.payload)
    const viewer = viewerSchema.safeParse(read?.payload)
    if (read?.typ !== cookieType || read.cert === undefined || !claims.success || !viewer.success) return undefined
    const { aud, iat, exp } = claims.data
    // Before any signature is checked, which takes far longer.
    if (aud !== siteId || now >= exp || iat > now + toleratedSeconds || exp - iat > cookieSeconds) return undefined
    const certificate = await readCertificate(read.cert)
    if (certificate === undefined || certificate.expiresAt < iat || !read.isSignedBy(certificate.key)) return undefined
    const admitted = { siteId, viewer: viewer.data, until: exp }
    keepLast(cookies, value, admitted, 10_000)
    return admitted
  }

  const signHeader = async (admitted: Admitted, now: number): Promise<string> => {
    const known = headers.get(admitted)
    if (known !== undefined && known.issuedAt <= now && known.issuedAt + viewerSeconds - now >= leastSecondsLeft) {
      return known.token
    }
    const { certificate, privateKey } = await dayKey(now)
    const { siteId, viewer } = admitted
    const token = compactJws(
      { typ: 'sitewright-viewer+jwt', cert: certificate },
      { ...viewer, iss: 'sitewright', aud: siteId, iat: now, exp: Math.min(now + viewerSeconds, admitted.until) },
      privateKey,
    )
    headers.set(admitted, { issuedAt: now, token })
    return token
  }

  return {
    signCookie: async (siteId, viewer) => {
      const now = nowInSeconds()
      const { certificate, privateKey } = await dayKey(now)
      const claims = { ...viewer, iss: 'sitewright', aud: siteId, iat: now, exp: endOf(viewer, now) }
      return compactJws({ typ: cookieType, cert: certificate }, claims, privateKey)
    },
    recognise: async (cookie, siteId) => {
      if (cookie.length > longestCookie) return undefined
      const now = nowInSeconds()
      const admitted = cookies.get(cookie) ?? (await verifyCookie(cookie, siteId, now))
      if (admitted === undefined || admitted.siteId !== siteId || now >= admitted.until) return undefined
      return { viewer: admitted.viewer, header: await signHeader(admitted, now) }
    },
  }
}
