import type { IncomingMessage, ServerResponse } from 'node:http'
import { createSiteHooks } from '../adapters/http/site-hooks.ts'
import { hookPath, hookQuestionSchema, isOurHook, mostAskedBytes } from '../adapters/router-probe/router-hooks.ts'
import { isTimely } from '../adapters/router-probe/signed-question.ts'
import type { Log } from '../core/ports/context.ts'
import type { HookAnswer, SiteHooks } from '../core/ports/hooks.ts'
import type { SiteDirectory } from '../core/ports/site-lists.ts'
import type { RouterSelf } from './answer-probe.ts'

export interface RelayPorts {
  readonly directory: SiteDirectory
  readonly log: Log
  readonly hooks?: SiteHooks
  /** Epoch milliseconds of the wall clock. */
  readonly nowMilliseconds?: () => number
}

/** Undefined if there is too much of it. */
const readText = async (request: IncomingMessage): Promise<string | undefined> => {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request) {
    const part = Buffer.from(chunk)
    bytes += part.length
    if (bytes > mostAskedBytes) return undefined
    chunks.push(part)
  }
  return Buffer.concat(chunks).toString()
}

const questionIn = (text: string) => {
  try {
    return hookQuestionSchema.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

export const isHook = ({ method, url }: IncomingMessage): boolean => method === 'POST' && url === hookPath

/**
 * Calls hooks for those who cannot reach sites: 200 with the site's answer as JSON, 403 without our token, 409 unless the site is being
 * handed over. The address is that of the site's record.
 */
export const createRelayHook = (
  { probeSecret }: Pick<RouterSelf, 'probeSecret'>,
  { directory, log, hooks = createSiteHooks(), nowMilliseconds = Date.now }: RelayPorts,
) => {
  const answerTo = async (request: IncomingMessage): Promise<{ status: number; answer?: HookAnswer }> => {
    const token = /^Bearer ([\w-]+)$/i.exec(request.headers.authorization ?? '')?.[1]
    const text = token === undefined ? undefined : await readText(request)
    if (token === undefined || text === undefined || !isOurHook(text, token, probeSecret)) return { status: 403 }
    const question = questionIn(text)
    if (question === undefined || !isTimely(question, Math.floor(nowMilliseconds() / 1000))) return { status: 403 }
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
    const headers = { 'Cache-Control': 'no-store' }
    if (answer === undefined) response.writeHead(status, headers).end()
    else response.writeHead(status, { ...headers, 'Content-Type': 'application/json' }).end(JSON.stringify(answer))
  }
}
