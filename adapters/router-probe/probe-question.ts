import { createHmac, timingSafeEqual } from 'node:crypto'
import { isIPv4 } from 'node:net'
import * as z from 'zod'

/** The path at which routers answer questions about sites' health, at the hostname that is theirs. */
export const probePath = '/probe'

/** A question that was overheard is of no use for longer than this. */
const longestSeconds = 60

/** What a router is asked: whether the site at this place is well. */
export const probeQuestionSchema = z.strictObject({
  /** An address and never a name, which could lead anywhere. */
  host: z.string().refine((host) => isIPv4(host), 'must be an IPv4 address'),
  port: z
    .string()
    .regex(/^[1-9]\d{0,4}$/)
    .transform(Number)
    .pipe(z.int().max(65_535)),
  path: z
    .string()
    .regex(/^\/[!-~]*$/)
    .max(2000),
  /** Epoch seconds. */
  expires: z
    .string()
    .regex(/^[1-9]\d{0,11}$/)
    .transform(Number),
})
export type ProbeQuestion = z.output<typeof probeQuestionSchema>

const digestOf = ({ host, port, path, expires }: ProbeQuestion, secret: string): Buffer =>
  createHmac('sha256', secret)
    // JSON, so that no two questions are the same text.
    .update(JSON.stringify(['sitewright probe', host, port, path, expires]))
    .digest()

/** The bearer token of a question: HMAC-SHA-256 over all of it, base64url. */
export const probeToken = (question: ProbeQuestion, secret: string): string =>
  digestOf(question, secret).toString('base64url')

/**
 * Whether a question was asked by somebody who has the secret, and is still good.
 * @param now epoch seconds of the wall clock.
 */
export const isOurQuestion = (question: ProbeQuestion, token: string, secret: string, now: number): boolean => {
  const given = Buffer.from(token, 'base64url')
  const expected = digestOf(question, secret)
  const isOurs = given.length === expected.length && timingSafeEqual(given, expected)
  return isOurs && question.expires > now && question.expires <= now + longestSeconds
}
