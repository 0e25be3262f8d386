import type { IncomingMessage, ServerResponse } from 'node:http'
import * as z from 'zod'
import { createHealthProbe } from '../adapters/http/health-probe.ts'
import { createSiteHooks } from '../adapters/http/site-hooks.ts'
import { hookPath, hookQuestionSchema, isOurHook, maxAskedBytes } from '../adapters/router-probe/router-hooks.ts'
import {
  isOurQuestion,
  type ProbeQuestion,
  probePath,
  probeQuestionSchema,
} from '../adapters/router-probe/router-probe.ts'
import { isTimely } from '../adapters/router-probe/signed-question.ts'
import { jsonOf } from '../core/json.ts'
import type { Log } from '../core/ports/context.ts'
import type { HookAnswer, SiteHooks } from '../core/ports/hooks.ts'
import { type AskingProbe, type CheckProbe, type HealthAnswer, isWell } from '../core/ports/probes.ts'
import type { SiteDirectory } from './find-upstream.ts'

/** How a router answers questions about itself. */
export interface RouterSelf {
  /** The hostname, which no site has, at which it does. */
  readonly hostname: string
  /** The secret of those who may ask it about sites. */
  readonly probeSecret: string
}

const bearerOf = ({ headers }: IncomingMessage): string | undefined =>
  /^Bearer ([\w-]+)$/i.exec(headers.authorization ?? '')?.[1]

const send = (response: ServerResponse, status: number, answer: object | undefined): void => {
  const headers = { 'Cache-Control': 'no-store' }
  if (answer === undefined) response.writeHead(status, headers).end()
  else response.writeHead(status, { ...headers, 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
}

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
): ((request: IncomingMessage, response: ServerResponse) => Promise<void>) => {
  const askSite = async (question: ProbeQuestion): Promise<HealthAnswer> => {
    const { host, port, status, headers, publicPages, ...rest } = question
    if (status === undefined) return probe.ask({ host, port }, rest.path)
    const check = {
      ...rest,
      status,
      ...(headers !== undefined && { headers: headersSchema.parse(JSON.parse(headers)) }),
      ...(publicPages !== undefined && { publicPages: publicPagesSchema.parse(JSON.parse(publicPages)) }),
    }
    return (await probe.meets({ host, port }, check)) ? { status: 204 } : { failure: 'broken' }
  }

  const statusFor = async (request: IncomingMessage): Promise<{ status: number; answer?: HealthAnswer }> => {
    const { method, url = '' } = request
    if (method !== 'GET' || target.exec(url)?.[0] !== probePath) return { status: 404 }
    const question = questionOf(new URLSearchParams(url.slice(probePath.length)))
    const token = bearerOf(request)
    if (question === undefined || token === undefined) return { status: 403 }
    if (!isOurQuestion(question, token, probeSecret, Math.floor(now() / 1000))) return { status: 403 }
    const answer = await askSite(question)
    return isWell(answer) ? { status: 204 } : { status: 503, answer }
  }

  return async (request, response) => {
    const { status, answer } = await statusFor(request)
    send(response, status, answer)
  }
}

interface RelayPorts {
  readonly directory: SiteDirectory
  readonly log: Log
  readonly hooks?: SiteHooks
}

/** Undefined if there is too much of it. */
const readText = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes > maxAskedBytes) return undefined
    chunks.push(part)
  }
  return Buffer.concat(chunks).toString()
}

export const isHook = ({ method, url }: IncomingMessage): boolean => method === 'POST' && url === hookPath

/**
 * Calls hooks for those who cannot reach sites: 200 with the site's answer as JSON, 403 without our token, 409 unless the site is being
 * handed over. The address is that of the site's record.
 */
export const createRelayHook = (
  { probeSecret }: Pick<RouterSelf, 'probeSecret'>,
  { directory, log, hooks = createSiteHooks() }: RelayPorts,
) => {
  const answerTo = async (request: IncomingMessage): Promise<{ status: number; answer?: HookAnswer }> => {
    const token = bearerOf(request)
    const text = token === undefined ? undefined : await readText(request)
    if (token === undefined || text === undefined || !isOurHook(text, token, probeSecret)) return { status: 403 }
    const question = hookQuestionSchema.safeParse(jsonOf(text)).data
    if (question === undefined || !isTimely(question, Math.floor(Date.now() / 1000))) return { status: 403 }
    const site = await directory.find(question.hostname, { fresh: true })
    const isHandedOver = site?.status === 'active' && site.operation?.kind === 'handover'
    if (!isHandedOver || site.id !== question.siteId) return { status: 409 }
    return { status: 200, answer: await hooks.call(site, question.call) }
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, answer } = await answerTo(request).catch((error: unknown) => {
      log.error({ err: error }, 'router: a hook could not be passed on')
      return { status: 503, answer: undefined }
    })
    send(response, status, answer)
  }
}
