import { createHash } from 'node:crypto'
import { SitewrightError } from './errors.ts'
import { type Instant, plusDays } from './instant.ts'

/** Answers a repeated request with the same `Idempotency-Key`. */
export interface IdempotencyRecord {
  readonly key: string
  /** The hash of the request; a different one with the same key is refused. */
  readonly fingerprint: string
  readonly created: string
  readonly expiresAt: string
}

const hash = (text: string): string => createHash('sha256').update(text).digest('hex')

/** Unless what was created expires earlier. */
const rememberedDays = 1

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

/** The record of an earlier request with the same key. @throws {SitewrightError} `IdempotencyKeyReused`. */
export const earlierRequest = async (
  { find }: { readonly find: (key: string) => Promise<IdempotencyRecord | undefined> },
  request: IdempotentRequest | undefined,
  now: Instant,
): Promise<IdempotencyRecord | undefined> => {
  if (request === undefined) return undefined
  const record = idempotencyRecord(request, '', now)
  const earlier = await find(record.key)
  if (earlier !== undefined) requireSameRequest(earlier, record)
  return earlier
}

/** @throws {SitewrightError} `IdempotencyKeyReused` if the key came with another request. */
export const requireSameRequest = (earlier: IdempotencyRecord, now: IdempotencyRecord): void => {
  if (earlier.fingerprint === now.fingerprint) return
  const message = 'This Idempotency-Key was used for a different request. Use a new key for a new request.'
  throw new SitewrightError('IdempotencyKeyReused', message)
}
