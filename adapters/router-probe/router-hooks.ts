import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import type { Log } from '../../core/ports/context.ts'
import { maxAnswered, type SiteHooks } from '../../core/ports/hooks.ts'
import { healthFailures } from '../../core/ports/probes.ts'
import { isSigned, secondsGood, signQuestion } from './signed-question.ts'

/** The path at which routers pass on hooks, at the hostname that is theirs. */
export const hookPath = '/hook'

/** More than any hook has, in bytes. */
export const maxAskedBytes = 16 * 1024

/** The request to a router. It names a site and no address: the router finds that by its own record. */
export const hookQuestionSchema = z.strictObject({
  siteId: idSchema('site'),
  hostname: z.string().max(255),
  /** Epoch seconds. */
  expires: z.int().positive(),
  call: z.strictObject({
    siteUrl: z.url({ protocol: /^https?$/ }),
    path: z.string().regex(/^\/[!-~]*$/),
    idempotencyKey: z.string().regex(/^[\w-]+$/),
    token: z
      .string()
      .regex(/^[\w-]+$/)
      .exactOptional(),
    body: z.string(),
  }),
})

const hookAnswerSchema = z.union([
  z.strictObject({ status: z.int(), text: z.string().max(maxAnswered) }),
  z.strictObject({ failure: z.enum(healthFailures) }),
])

const partsOf = (question: string) => ['sitewright hook', question]

/** The bearer token of a question. */
export const hookToken = (question: string, secret: string): string => signQuestion(partsOf(question), secret)

/** Whether the asker has the secret. */
export const isOurHook = (question: string, token: string, secret: string): boolean =>
  isSigned(partsOf(question), token, secret)

/**
 * Lets a router call hooks, as sites admit nobody else.
 * @param options.routerUrl where routers answer for themselves, such as `https://router.sites.example`.
 * @param options.now epoch milliseconds of the wall clock.
 */
export const createRouterHooks = (options: {
  readonly routerUrl: string
  readonly secret: () => Promise<string>
  readonly log: Log
  readonly now?: () => number
}): SiteHooks => ({
  call: async ({ id, ownership }, call) => {
    const { routerUrl, secret, log, now = Date.now } = options
    try {
      const expires = Math.floor(now() / 1000) + secondsGood
      const question = JSON.stringify({ siteId: id, hostname: ownership.hostname, expires, call })
      const response = await fetch(new URL(hookPath, routerUrl), {
        method: 'POST',
        headers: { authorization: `Bearer ${hookToken(question, await secret())}`, 'content-type': 'application/json' },
        body: question,
        redirect: 'manual',
        // The router gives the site 10 s.
        signal: AbortSignal.timeout(15_000),
      })
      const said = await response.text()
      if (response.status === 200) return hookAnswerSchema.parse(JSON.parse(said))
      log.warn({ siteId: id, status: response.status }, 'the router did not call the hook of a site')
    } catch (error) {
      // Its message may quote what the site answered.
      const name = error instanceof Error ? error.name : 'Error'
      log.warn({ siteId: id, error: name }, 'the router could not be asked to call the hook of a site')
    }
    return { failure: 'unknown' }
  },
})
