import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod'
import { createHealthProbe } from '../adapters/http/health-probe.ts'
import {
  isOurQuestion,
  type ProbeQuestion,
  probePath,
  probeQuestionSchema,
} from '../adapters/router-probe/router-probe.ts'
import { type AskingProbe, type CheckProbe, type HealthAnswer, isWell } from '../core/ports/probes.ts'

/** How a router answers questions about itself. */
export interface RouterSelf {
  /** The hostname, which no site has, at which it does. */
  readonly hostname: string
  /** The secret of those who may ask it about sites. */
  readonly probeSecret: string
}

export type AnswerProbe = (request: IncomingMessage, response: ServerResponse) => Promise<void>

const headersSchema = z.record(z.string(), z.string())
const publicPagesSchema = z.array(z.string())

const target = /^\/[^?]*/

/** A field that comes twice is none of ours: the last one would win here, and the first one elsewhere. */
const questionOf = (parameters: URLSearchParams) => {
  const fields = [...parameters]
  const isUnique = new Set(fields.map(([name]) => name)).size === fields.length
  return isUnique ? probeQuestionSchema.safeParse(Object.fromEntries(fields)).data : undefined
}

/**
 * Answers health questions for callers that cannot reach sites: 204 healthy, 503 not and the site's answer as JSON, 403 without
 * our token, 404 for anything else.
 * @param options.now epoch milliseconds of the wall clock.
 */
export const createAnswerProbe = (
  { probeSecret }: Pick<RouterSelf, 'probeSecret'>,
  {
    probe = createHealthProbe(),
    now = Date.now,
  }: { readonly probe?: Pick<AskingProbe, 'ask'> & CheckProbe; readonly now?: () => number } = {},
): AnswerProbe => {
  const askSite = async ({
    host,
    port,
    status,
    headers,
    publicPages,
    ...rest
  }: ProbeQuestion): Promise<HealthAnswer> => {
    if (status === undefined) return probe.ask({ host, port }, rest.path)
    const check = {
      ...rest,
      status,
      ...(headers !== undefined && { headers: headersSchema.parse(JSON.parse(headers)) }),
      ...(publicPages !== undefined && { publicPages: publicPagesSchema.parse(JSON.parse(publicPages)) }),
    }
    return (await probe.meets({ host, port }, check)) ? { status: 204 } : { failure: 'broken' }
  }

  const statusFor = async ({
    method,
    url = '',
    headers,
  }: IncomingMessage): Promise<{ status: number; answer?: HealthAnswer }> => {
    if (method !== 'GET' || target.exec(url)?.[0] !== probePath) return { status: 404 }
    const question = questionOf(new URLSearchParams(url.slice(probePath.length)))
    const token = /^Bearer ([\w-]+)$/i.exec(headers.authorization ?? '')?.[1]
    if (question === undefined || token === undefined) return { status: 403 }
    if (!isOurQuestion(question, token, probeSecret, Math.floor(now() / 1000))) return { status: 403 }
    const answer = await askSite(question)
    return isWell(answer) ? { status: 204 } : { status: 503, answer }
  }

  return async (request, response) => {
    const { status, answer } = await statusFor(request)
    const headers = { 'Cache-Control': 'no-store' }
    if (answer === undefined) response.writeHead(status, headers).end()
    else response.writeHead(status, { ...headers, 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
  }
}
