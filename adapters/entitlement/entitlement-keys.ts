import { type Entitlement, entitlementSeconds } from '../../core/entitlement/entitlement.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Clock, Log } from '../../core/ports/context.ts'
import type { EntitlementSigner, ReachProofs, ViewerTokens } from '../../core/ports/tokens.ts'
import { keepLast } from '../keep-last.ts'
import { compactJws, createDayKeys, createReachProofs } from './day-keys.ts'
import type { RootSigner } from './root-signer.ts'
import { createViewerTokens } from './viewer-tokens.ts'

export interface EntitlementKeys {
  readonly signer: EntitlementSigner
  readonly viewers: ViewerTokens
  readonly reachProofs: ReachProofs
  /** The `SITEWRIGHT_ROOT_KEY` of sites: the raw Ed25519 public key, base64url. */
  readonly rootPublicKey: RootSigner['publicKey']
}

/** A cached token is handed out while it is valid for this long, so that it outlasts the way to the site. */
const leastSecondsLeft = 30

interface Signed {
  /** The latest object with this content: the same one is recognised at once. */
  entitlement: Entitlement
  readonly content: string
  readonly issuedAt: number
  readonly token: string
}

/**
 * @param options.root certifies a key of this process once a day. `sign` waits for the first certificate, and throws its
 *   errors.
 * @param options.clock the wall clock: sites compare with their own.
 * @param options.seconds the same clock in seconds since 1970; by default from `clock`, which takes longer.
 * @param options.capacity how many sites' tokens are remembered.
 * @param options.log gets failures to certify the next key while the present one is valid.
 */
export const createEntitlementKeys = (options: {
  readonly root: RootSigner
  readonly clock: Clock
  readonly seconds?: () => number
  readonly capacity?: number
  readonly log?: Pick<Log, 'warn'>
}): EntitlementKeys => {
  const { root, clock, capacity = 10_000, log } = options
  const { seconds = () => Math.floor(Date.parse(clock()) / 1000) } = options
  const dayKeys = createDayKeys(root, log)
  const remembered = new Map<SiteId, Signed>()

  /** Undefined where there is neither a good token nor a good key. */
  const signAtOnce = (siteId: SiteId, entitlement: Entitlement, now: number): string | undefined => {
    const known = remembered.get(siteId)
    const lasts = known !== undefined && isFresh(known, now)
    if (lasts && known.entitlement === entitlement) return known.token
    const content = JSON.stringify(entitlement)
    if (lasts && known.content === content) {
      known.entitlement = entitlement
      return known.token
    }
    const key = dayKeys.at(now)
    if (key === undefined) return undefined
    const token = compactJws(
      { typ: 'sitewright-entitlement+jwt', cert: key.certificate },
      { ...entitlement, iss: 'sitewright', aud: siteId, iat: now, exp: now + entitlementSeconds },
      key.privateKey,
    )
    keepLast(remembered, siteId, { entitlement, content, issuedAt: now, token }, capacity)
    return token
  }

  const sign = async (siteId: SiteId, entitlement: Entitlement): Promise<string> => {
    const token = signAtOnce(siteId, entitlement, seconds())
    if (token !== undefined) return token
    await dayKeys.certify(seconds())
    // Another call may have signed the same meanwhile. A clock that was set back needs another certificate.
    return signAtOnce(siteId, entitlement, seconds()) ?? sign(siteId, entitlement)
  }

  return {
    signer: { sign },
    viewers: createViewerTokens({ root, dayKeys, clock }),
    reachProofs: createReachProofs(dayKeys, seconds),
    rootPublicKey: root.publicKey,
  }
}

/** A token from the future was signed before the wall clock was set back: it would live too long. */
const isFresh = ({ issuedAt }: Signed, now: number): boolean =>
  issuedAt <= now && issuedAt + entitlementSeconds - now >= leastSecondsLeft
