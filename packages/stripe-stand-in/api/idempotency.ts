import { createHash } from 'node:crypto'
import * as z from 'zod'
import { StripeFault } from '../fault.ts'
import type { Store } from '../store.ts'

/** Stripe forgets a key after that, and a request is a new one: https://docs.stripe.com/api/idempotent_requests */
const keptSeconds = 24 * 3600

export interface Answer {
  readonly status: number
  readonly body: string
}

/** A request that may be repeated. */
interface KeyedRequest {
  readonly key: string
  readonly path: string
  readonly body: string
  readonly requestId: string
}

const rowSchema = z.object({
  path: z.string(),
  fingerprint: z.string(),
  request: z.string(),
  status: z.int(),
  body: z.string(),
})

const fingerprintOf = (body: string): string => createHash('sha256').update(body).digest('hex')

const refuse = (message: string): StripeFault => new StripeFault(400, { type: 'idempotency_error', message })

/** Keeps the answers to requests with an idempotency key. */
export const createAnswers = ({ database }: Pick<Store, 'database'>) => {
  const read = database.prepare('SELECT path, fingerprint, request, status, body FROM answers WHERE key = ? AND at > ?')
  const forget = database.prepare('DELETE FROM answers WHERE at <= ?')
  const write = database.prepare(
    'INSERT INTO answers (key, path, fingerprint, request, status, body, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
  )
  return {
    /**
     * The answer that was given before, and the request that it was given to.
     * @throws {StripeFault} if the key was used for another request.
     */
    find: ({ key, path, body }: KeyedRequest, now: number): (Answer & { readonly request: string }) | undefined => {
      if (key.length > 255) throw refuse('The idempotency key may have at most 255 characters.')
      const row = read.get(key, now - keptSeconds)
      if (row === undefined) return undefined
      const found = rowSchema.parse(row)
      if (found.path !== path) {
        throw refuse(
          `Keys for idempotent requests can only be used for the same endpoint they were first used for ('${found.path}' vs '${path}'). ` +
            `Try using a key other than '${key}' if you meant to execute a different request.`,
        )
      }
      if (found.fingerprint !== fingerprintOf(body)) {
        throw refuse(
          'Keys for idempotent requests can only be used with the same parameters they were first used with. ' +
            `Try using a key other than '${key}' if you meant to execute a different request.`,
        )
      }
      return { status: found.status, body: found.body, request: found.request }
    },
    keep: ({ key, path, body, requestId }: KeyedRequest, answer: Answer, now: number): void => {
      forget.run(now - keptSeconds)
      write.run(key, path, fingerprintOf(body), requestId, answer.status, answer.body, now)
    },
  }
}
export type Answers = ReturnType<typeof createAnswers>
