import type { JsonWebKey } from 'node:crypto'
import type { Entitlement } from '../../core/entitlement/entitlement.ts'
import { entitlementSeconds } from '../../core/entitlement/entitlement.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Clock } from '../../core/ports/clocks.ts'
import type { EntitlementSigner } from '../../core/ports/entitlements.ts'
import { compactJws } from './compact-jws.ts'
import { createDayKeys } from './day-keys.ts'
import { publicKeyOf } from './public-key.ts'
import { readRootKey } from './root-key.ts'

export interface EntitlementKeys {
  readonly signer: EntitlementSigner
  /** What a site is given as `SITEWRIGHT_ROOT_KEY`: the raw Ed25519 public key, base64url. */
  readonly rootPublicKey: string
}

/** A cached token is handed out only while it is good for this long, so that it outlasts the way to the site. */
const leastSecondsLeft = 30

interface Signed {
  readonly entitlement: Entitlement
  readonly content: string
  readonly issuedAt: number
  readonly token: string
}

/**
 * @param options.rootPrivateKey Ed25519, as PKCS8 PEM or JWK.
 * @param options.clock the wall clock: sites compare with their own.
 * @param options.capacity how many sites' tokens are remembered.
 * @throws {Error} where the root key is not a private Ed25519 key.
 */
export const createEntitlementKeys = (options: {
  readonly rootPrivateKey: string | JsonWebKey
  readonly clock: Clock
  readonly capacity?: number
}): EntitlementKeys => {
  const { clock, capacity = 10_000 } = options
  const rootKey = readRootKey(options.rootPrivateKey)
  const dayKeyAt = createDayKeys(rootKey)
  const remembered = new Map<SiteId, Signed>()

  const remember = (siteId: SiteId, signed: Signed): void => {
    // A Map keeps the order of insertion: the first is the one that was signed longest ago.
    remembered.delete(siteId)
    remembered.set(siteId, signed)
    const oldest = remembered.keys().next().value
    if (remembered.size > capacity && oldest !== undefined) remembered.delete(oldest)
  }

  const sign = (siteId: SiteId, entitlement: Entitlement): string => {
    const now = Math.floor(Date.parse(clock()) / 1000)
    const known = remembered.get(siteId)
    const lasts = known !== undefined && isFresh(known, now)
    if (lasts && known.entitlement === entitlement) return known.token
    const content = JSON.stringify(entitlement)
    if (lasts && known.content === content) return known.token
    const { privateKey, certificate } = dayKeyAt(now)
    const token = compactJws(
      { typ: 'sitewright-entitlement+jwt', cert: certificate },
      { ...entitlement, iss: 'sitewright', aud: siteId, iat: now, exp: now + entitlementSeconds },
      privateKey,
    )
    remember(siteId, { entitlement, content, issuedAt: now, token })
    return token
  }

  return {
    signer: { sign: async (siteId, entitlement) => sign(siteId, entitlement) },
    rootPublicKey: publicKeyOf(rootKey),
  }
}

/** A token from the future was signed before the wall clock was set back: it would live too long. */
const isFresh = ({ issuedAt }: Signed, now: number): boolean =>
  issuedAt <= now && issuedAt + entitlementSeconds - now >= leastSecondsLeft
