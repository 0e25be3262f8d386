import { isIPv4 } from 'node:net'
import * as z from 'zod'
import type { Log } from '../../core/ports/context.ts'
import {
  type AskingProbe,
  type CheckProbe,
  type HealthAnswer,
  healthFailures,
  isWell,
  type ReleaseCheck,
} from '../../core/ports/probes.ts'
import type { Endpoint } from '../../core/site/site.ts'
import { isSigned, isTimely, secondsGood, signQuestion } from './signed-question.ts'

const strangersOf = ({ strangersAt, publicPages }: Partial<ReleaseCheck>) => ({
  ...(strangersAt === undefined ? {} : { strangersAt }),
  ...(publicPages === undefined ? {} : { publicPages: JSON.stringify(publicPages) }),
})

/**
 * Asks a router whether sites are healthy, as sites admit nobody else. A question that the router cannot answer is logged.
 * @param options.routerUrl where routers answer for themselves, such as `https://router.sites.example`.
 * @param options.now epoch milliseconds of the wall clock.
 */
export const createRouterProbe = (options: {
  readonly routerUrl: string
  readonly secret: () => Promise<string>
  readonly log: Log
  readonly now?: () => number
}): AskingProbe & CheckProbe => {
  const { routerUrl, secret, log, now = Date.now } = options

  const question = async ({ host, port }: Endpoint, path: string, check: Partial<Omit<ReleaseCheck, 'path'>>) => {
    const { status: wanted, contains, notContains, headers, strangersAt } = check
    const asked = {
      host,
      port,
      path,
      expires: Math.floor(now() / 1000) + secondsGood,
      ...(wanted === undefined ? {} : { status: wanted }),
      ...(contains === undefined ? {} : { contains }),
      ...(notContains === undefined ? {} : { notContains }),
      ...(headers === undefined ? {} : { headers: JSON.stringify(headers) }),
      ...strangersOf(check),
    }
    const url = new URL(probePath, routerUrl)
    for (const [name, value] of Object.entries(asked)) url.searchParams.set(name, String(value))
    const response = await fetch(url, {
      headers: { authorization: `Bearer ${probeToken(asked, await secret())}` },
      redirect: 'manual',
      // The router's own question to the site takes 1500 ms at most. Strangers ask for many pages.
      signal: AbortSignal.timeout(strangersAt === undefined ? 4000 : 40_000),
    })
    // The connection is of use to the next question once there is nothing left on it.
    const said = await response.text()
    return { status: response.status, said }
  }

  const put = async (
    endpoint: Endpoint,
    path: string,
    check: Partial<Omit<ReleaseCheck, 'path'>> = {},
  ): Promise<HealthAnswer | undefined> => {
    try {
      const { status, said } = await question(endpoint, path, check)
      if (status === 204) return { status }
      if (status === 503) return answerSchema.parse(JSON.parse(said))
      log.warn({ status }, 'the router did not say how a site is')
    } catch (error) {
      log.warn({ err: error }, 'the router could not be asked how a site is')
    }
    return undefined
  }
  return {
    ask: async (endpoint, path) => (await put(endpoint, path)) ?? { failure: 'unknown' },
    isHealthy: async (endpoint, { healthPath, healthStatus: status }) => {
      const answer = await put(endpoint, healthPath, status === undefined ? {} : { status })
      return answer && isWell(answer)
    },
    meets: async (endpoint, { path, ...check }) => isWell(await put(endpoint, path, check)),
  }
}

/** The body with 503. */
const answerSchema = z.union([
  z.object({
    status: z.int().refine((status) => status < 200 || status > 399),
    location: z.string().max(200).exactOptional(),
  }),
  z.object({ failure: z.enum(healthFailures) }),
])

/** The path at which routers answer questions about sites' health, at the hostname that is theirs. */
export const probePath = '/probe'

/** The question to a router: whether the site at this address is healthy. */
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
  /** With these it asks whether the site answers so. */
  status: z
    .string()
    .regex(/^[1-5]\d\d$/)
    .transform(Number)
    .exactOptional(),
  contains: z.string().min(1).max(200).exactOptional(),
  notContains: z.string().min(1).max(200).exactOptional(),
  /** As JSON. */
  headers: z.string().max(8000).exactOptional(),
  strangersAt: z.string().min(1).max(253).exactOptional(),
  /** As JSON. */
  publicPages: z.string().max(2000).exactOptional(),
})
export type ProbeQuestion = z.output<typeof probeQuestionSchema>

const partsOf = (question: ProbeQuestion) => {
  const { host, port, path, expires, status, contains, notContains, headers, strangersAt, publicPages } = question
  return [
    ...['sitewright probe', host, port, path, expires],
    ...(status === undefined ? [] : [status, contains ?? null]),
    ...((notContains ?? headers ?? strangersAt) ? [notContains ?? null, headers ?? null, strangersAt ?? null] : []),
    ...(publicPages === undefined ? [] : [publicPages]),
  ]
}

/** The bearer token of a question. */
export const probeToken = (question: ProbeQuestion, secret: string): string => signQuestion(partsOf(question), secret)

/** Whether the asker has the secret, and the question has not expired. @param now epoch seconds of the wall clock. */
export const isOurQuestion = (question: ProbeQuestion, token: string, secret: string, now: number): boolean =>
  isSigned(partsOf(question), token, secret) && isTimely(question, now)
