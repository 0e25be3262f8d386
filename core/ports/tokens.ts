import type { Entitlement } from '../entitlement/entitlement.ts'
import type { Viewer } from '../entitlement/viewer.ts'
import type { OperatorRole } from '../events/actor.ts'
import type { SiteId } from '../ids.ts'

export interface EntitlementSigner {
  /** A compact JWS for this site, valid for at most a minute. */
  readonly sign: (siteId: SiteId, entitlement: Entitlement) => Promise<string>
}

export interface RecognisedViewer {
  readonly viewer: Viewer
  /** A compact JWS for the viewer's site, valid for half a minute to a minute. */
  readonly header: string
}

export interface ViewerTokens {
  /** The value of the cookie of a viewer of this site, valid for twelve hours, or until their visit ends. */
  readonly signCookie: (siteId: SiteId, viewer: Viewer) => Promise<string>
  /** Undefined for a cookie that is not ours, has expired, or is of another site. */
  readonly recognise: (cookie: string, siteId: SiteId) => Promise<RecognisedViewer | undefined>
}

/** Signs for a domain check that its request has reached a router of this installation. */
export interface ReachProofs {
  readonly sign: (hostname: string, nonce: string) => Promise<string>
}

/** By the subject of their token. */
export interface Operator {
  readonly operatorId: string
  readonly role: OperatorRole
}

export interface OperatorTokens {
  /** Undefined for an invalid token or one without our roles. @throws {SitewrightError} `Unavailable` if the provider's keys cannot be read. */
  readonly verify: (token: string) => Promise<Operator | undefined>
}
