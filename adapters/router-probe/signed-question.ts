import { createHmac } from 'node:crypto'
import { isSame } from '../derived-secrets/derive-secret.ts'

/** How long a question to a router is good: room for clocks that differ, within the minute that routers allow. */
export const secondsGood = 30

/** How long an overheard question stays valid. */
const longestSeconds = 60

/** JSON, so that no two questions are the same text. */
const digestOf = (parts: readonly unknown[], secret: string): Buffer =>
  createHmac('sha256', secret).update(JSON.stringify(parts)).digest()

/** The bearer token of a question: HMAC-SHA-256 over all of it, base64url. */
export const signQuestion = (parts: readonly unknown[], secret: string): string =>
  digestOf(parts, secret).toString('base64url')

/** Whether the asker has the secret. */
export const isSigned = (parts: readonly unknown[], token: string, secret: string): boolean =>
  isSame(Buffer.from(token, 'base64url'), digestOf(parts, secret))

/** Whether a question has not expired, and does not stay good for too long. @param now epoch seconds of the wall clock. */
export const isTimely = ({ expires }: { readonly expires: number }, now: number): boolean =>
  expires > now && expires <= now + longestSeconds
