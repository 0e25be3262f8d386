import { createHash } from 'node:crypto'
import { SitewrightError } from './errors.ts'
import type { Instant } from './instant.ts'
import { plusDays } from './instant.ts'

/** Held by a creation's `Idempotency-Key`: a second request with it is answered from here. */
export interface IdempotencyRecord {
  /** Scope and key, hashed. */
  readonly key: string
  /** Hash of the request that came with the key; another request under the same key is refused. */
  readonly fingerprint: string
  /** The id of what was created. */
  readonly created: string
  readonly expiresAt: string
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A key is remembered for a day, unless what was created with it is gone earlier. */
const rememberedDays = 1

/** What a caller sent along with a creation, within whose scope its key counts, and what it asked for. */
export interface IdempotentRequest {
  readonly scope: string
  readonly key: string
  readonly request: unknown
}

export const idempotencyRecord = (
  { scope, key, request }: IdempotentRequest,
  created: string,
  now: Instant,
  expiresAt: Instant = plusDays(now, rememberedDays),
): IdempotencyRecord => ({
  key: hash(`${scope}\n${key}`),
  fingerprint: hash(JSON.stringify(request)),
  created,
  expiresAt,
})

/** @throws {SitewrightError} `IdempotencyKeyReused` where the key came with another request before. */
export const requireSameRequest = (earlier: IdempotencyRecord, now: IdempotencyRecord): void => {
  if (earlier.fingerprint === now.fingerprint) return
  throw new SitewrightError(
    'IdempotencyKeyReused',
    'This Idempotency-Key was used for a different request. Use a new key for a new request.',
  )
}
