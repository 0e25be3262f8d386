import type { OperatorRole } from '../../core/events/actor.ts'
import type { Instant } from '../../core/instant.ts'
import type { Mailer } from '../../core/ports/delivery.ts'
import type { AuditEntry } from './audit/audit-entry.ts'
import type { KnownOperator, OperatorAttempt, OperatorSession } from './operator-session.ts'

export interface OperatorSessionStore {
  /** Opens a session and records the sign-in in one transaction. */
  readonly open: (session: OperatorSession, entry: AuditEntry) => Promise<void>
  /** Undefined if it has expired or was not used for too long. */
  readonly find: (tokenHash: string, now: Instant) => Promise<OperatorSession | undefined>
  /** Stores a use. @returns false if the session has ended meanwhile. */
  readonly noteUse: (session: OperatorSession, now: Instant) => Promise<boolean>
  /** Those of an operator that have not ended. */
  readonly listOf: (operatorId: string, now: Instant) => Promise<readonly OperatorSession[]>
  readonly end: (session: OperatorSession) => Promise<void>
}

export interface OperatorDirectory {
  /**
   * The present role of somebody who has signed in; undefined for somebody who was removed. A list of our own answers with
   * the present moment, an identity provider with one of the last minutes.
   * @throws {SitewrightError} `Unavailable`.
   */
  readonly roleOf: (who: Pick<OperatorSession, 'operatorId' | 'listedAs' | 'role'>) => Promise<OperatorRole | undefined>
}

type AttemptResult =
  | { readonly outcome: 'counted'; readonly attempt: OperatorAttempt }
  | { readonly outcome: 'unknown' | 'used' | 'exhausted' | 'expired' }

/** Sign-ins by code that have begun. */
export interface OperatorAttemptStore {
  readonly create: (attempt: OperatorAttempt) => Promise<void>
  /** Counts a try before anything is compared, so that concurrent tries all count. */
  readonly countTry: (id: OperatorAttempt['id'], limit: number, now: Instant) => Promise<AttemptResult>
  /**
   * Uses up the code and the one-time password, opens the session and records the sign-in, in one transaction.
   * @returns false if the code or the password was used before.
   */
  readonly complete: (completion: {
    readonly attempt: OperatorAttempt
    readonly step: number
    readonly session: OperatorSession
    readonly entry: AuditEntry
  }) => Promise<boolean>
}

/** The operators of a machine, who sign in with a mailed code and a one-time password. */
export interface OperatorPeople {
  /** The person who has this address or an alias of it. */
  readonly find: (email: string) => Promise<KnownOperator | undefined>
  /** The time step that a one-time password of the person is of; undefined for a wrong or expired one. */
  readonly stepOf: (person: KnownOperator, password: string, now: Instant) => number | undefined
}

/** Ties the answer of the identity provider to the browser that asked. */
interface SignInSecrets {
  readonly state: string
  readonly nonce: string
  /** Of PKCE (RFC 7636). */
  readonly verifier: string
}

/** Who signed in at an identity provider. Without a role it is nobody of ours. */
export type HostedIdentity = Omit<KnownOperator, 'role'> & { readonly role: OperatorRole | undefined }

/** Sign-in on the pages of an identity provider. */
export interface HostedSignIn {
  /** The address to send the browser to. @throws {SitewrightError} `Unavailable`. */
  readonly begin: (secrets: SignInSecrets) => Promise<string>
  /**
   * Exchanges the provider's answer and verifies it.
   * @returns undefined if the provider refused, or the answer is not valid or not for these secrets.
   * @throws {SitewrightError} `Unavailable`.
   */
  readonly finish: (answer: URLSearchParams, secrets: SignInSecrets) => Promise<HostedIdentity | undefined>
  /** Where the browser ends the provider's session. */
  readonly endUrl: string
}

/** How operators sign in to an installation, with what that way needs. `secret` keys hashes in the table. */
export type OperatorSignIn =
  | { readonly method: 'hosted'; readonly provider: HostedSignIn; readonly secret: string }
  | {
      readonly method: 'code-and-totp'
      readonly people: OperatorPeople
      readonly attempts: OperatorAttemptStore
      readonly mailer: Mailer
      readonly secret: string
    }
  | { readonly method: 'this-machine' }

export const signInMethods = ['hosted', 'code-and-totp', 'this-machine'] as const satisfies OperatorSignIn['method'][]
