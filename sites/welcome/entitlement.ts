import type { IncomingMessage } from 'node:http'
import type { JWTPayload } from 'jose'
import { Problem } from './problem.ts'

/** The features and limits of this site, as Sitewright says with each request. */
export interface Entitlement {
  readonly name: string
  readonly plan: string
  readonly features: readonly string[]
  /** By name; more are added over time. */
  readonly limits: Readonly<Record<string, number>> & { readonly storageMiB: number }
  readonly trialEndsAt: string | null
  /** Until when the site runs though a payment is overdue. */
  readonly paymentDueBy: string | null
  /** Until when the site runs though its subscription has ended or is paused. */
  readonly endsAt: string | null
  /** Where the owner looks after the site, and pays. */
  readonly consoleUrl: string | null
  /** The origins at hostnames derived from the site's own, by purpose. */
  readonly origins: Readonly<Record<string, string>>
  /** For each feature that the plan lacks, the plans that have it. */
  readonly unlocks: Readonly<Record<string, readonly string[]>>
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null

const areLimits = (value: unknown): value is Entitlement['limits'] =>
  isObject(value) &&
  typeof value['storageMiB'] === 'number' &&
  Object.values(value).every((limit) => typeof limit === 'number')

const areStrings = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((each) => typeof each === 'string')

const isTextOrNull = (value: unknown): value is string | null => typeof value === 'string' || value === null

const areUnlocks = (value: unknown): value is Entitlement['unlocks'] =>
  isObject(value) && Object.values(value).every(areStrings)

const areOrigins = (value: unknown): value is Entitlement['origins'] =>
  isObject(value) && Object.values(value).every((each) => typeof each === 'string')

/** The entitlement in a verified payload; undefined where it is not one. */
const entitlementIn = ({ name, plan, features, limits, facts }: JWTPayload): Entitlement | undefined => {
  if (typeof name !== 'string' || typeof plan !== 'string' || !areLimits(limits) || !isObject(facts)) return undefined
  if (!areStrings(features)) return undefined
  // Routers of earlier versions do not send all of these.
  const { trialEndsAt, paymentDueBy = null, endsAt = null, consoleUrl = null, unlocks = {}, origins = {} } = facts
  if (!isTextOrNull(trialEndsAt) || !isTextOrNull(paymentDueBy) || !isTextOrNull(endsAt)) return undefined
  if (!isTextOrNull(consoleUrl) || !areUnlocks(unlocks) || !areOrigins(origins)) return undefined
  return { name, plan, features, limits, trialEndsAt, paymentDueBy, endsAt, consoleUrl, unlocks, origins }
}

const toleranceSeconds = 5
const tokensRemembered = 20

/**
 * Verifies the compact JWS of `x-sitewright-entitlement`: signed by the key in its header, which the root key certifies, for
 * this site and now.
 * @param rootKey raw 32-byte Ed25519 public key as base64url. @returns a function that gives undefined for an invalid token.
 */
export const entitlementVerifier = (siteId: string, rootKey: string) => {
  // The router sends one token many times, so what was verified is remembered until it expires.
  const verified = new Map<string, { entitlement: Entitlement; expiresAt: number }>()

  const verify = async (token: string): Promise<Entitlement | undefined> => {
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
      { ...every, audience: siteId, typ: 'sitewright-entitlement+jwt', requiredClaims: ['iat', 'exp'] },
    )
    const entitlement = entitlementIn(payload)
    if (entitlement === undefined || payload.exp === undefined) return undefined
    const oldest = verified.keys().next()
    if (verified.size >= tokensRemembered && !oldest.done) verified.delete(oldest.value)
    verified.set(token, { entitlement, expiresAt: (payload.exp + toleranceSeconds) * 1000 })
    return entitlement
  }

  return async (token: string | undefined): Promise<Entitlement | undefined> => {
    if (token === undefined) return undefined
    const known = verified.get(token)
    if (known !== undefined && Date.now() < known.expiresAt) return known.entitlement
    // A forger must not learn why a token is wrong.
    return verify(token).catch(() => undefined)
  }
}

export type VerifyEntitlement = ReturnType<typeof entitlementVerifier>

const tokenOf = (request: IncomingMessage): string | undefined => {
  const value = request.headers['x-sitewright-entitlement']
  return typeof value === 'string' ? value : undefined
}

/** The request's entitlement; undefined where it has no valid one. */
export const entitlementOf = (request: IncomingMessage, verify: VerifyEntitlement): Promise<Entitlement | undefined> =>
  verify(tokenOf(request))

/** @throws {Problem} 403 */
export const requireEntitlement = async (request: IncomingMessage, verify: VerifyEntitlement): Promise<Entitlement> => {
  const entitlement = await entitlementOf(request, verify)
  if (entitlement === undefined) throw new Problem(403, 'The request carries no valid entitlement.')
  return entitlement
}

/** A sentence that says where a feature is to be had, such as "It comes with the plan growth or enterprise." */
export const whereToGet = ({ unlocks }: Entitlement, feature: string): string => {
  const plans = unlocks[feature] ?? []
  const either = new Intl.ListFormat('en-GB', { type: 'disjunction' })
  return plans.length === 0 ? 'No other plan has it.' : `It comes with the plan ${either.format(plans)}.`
}

/**
 * @param shownAs begins the sentence that a person reads, such as "Courses".
 * @throws {Problem} 403 without an entitlement; 402 with the plans that have the feature, where this plan lacks it.
 */
export const requireFeature = async (
  request: IncomingMessage,
  verify: VerifyEntitlement,
  { feature, shownAs }: { readonly feature: string; readonly shownAs: string },
): Promise<Entitlement> => {
  const entitlement = await requireEntitlement(request, verify)
  if (entitlement.features.includes(feature)) return entitlement
  const { plan, unlocks } = entitlement
  throw new Problem(402, `${shownAs} is not part of the plan ${plan}. ${whereToGet(entitlement, feature)}`, {
    members: { feature, plans: unlocks[feature] ?? [] },
  })
}
