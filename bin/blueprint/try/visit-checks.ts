import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import type { Plan } from '../../../core/plan/plan.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import { messageOf } from '../../command-line/read-options.ts'
import type { Answer, Door } from './door.ts'
import { send } from './door.ts'
import type { Finding } from './findings.ts'
import { fewOf, seconds } from './findings.ts'
import type { Walk } from './walk.ts'
import { cookiesIn } from './walk.ts'

/** An address that no visitor can use: this machine's, the container's, or the site's own without TLS. */
const isInternal = (address: string, siteUrl: string, endpoint: Endpoint): boolean => {
  const url = URL.parse(address)
  if (url === null || url.origin === siteUrl) return false
  const { hostname } = new URL(siteUrl)
  return (
    url.hostname === hostname ||
    url.hostname === endpoint.host ||
    !/[.:]/.test(url.hostname) ||
    /^(?:127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|.*\.localhost)$/.test(url.hostname)
  )
}

const setUrl = (blueprint: Blueprint): string =>
  JSON.stringify(blueprint).includes(`\${SITE_URL}`)
    ? 'Make the product trust X-Forwarded-Proto and X-Forwarded-Host.'
    : `Give the product its URL by \${SITE_URL}, or make it trust X-Forwarded-Proto and X-Forwarded-Host.`

export const checkRedirects = (
  { hops, last, isEndless, leads }: Walk,
  { url, endpoint, blueprint }: Visited,
): Finding => {
  const check = 'redirects'
  const change = setUrl(blueprint)
  const way = hops.map(({ path }) => path).join(' → ')
  if (isEndless) return { check, verdict: 'change', result: `It redirects for ever: ${way}.`, change }
  const [lead] = leads
  if (lead !== undefined && isInternal(lead, url, endpoint)) {
    return { check, verdict: 'change', result: `${way} redirects to ${lead} instead of ${url}.`, change }
  }
  if (lead !== undefined) return { check, verdict: 'note', result: `${way} redirects to another site, ${lead}.` }
  const status = last?.answer.status ?? 0
  const result = `${way} answers ${status}${hops.length > 1 ? `, all at ${url}` : ''}.`
  return status >= 500
    ? { check, verdict: 'change', result, change: 'Read the output of the site.' }
    : { check, verdict: 'ok', result }
}

export interface Visited {
  readonly url: string
  readonly endpoint: Endpoint
  readonly blueprint: Blueprint
}

const links = /\b(?:href|src|action)\s*=\s*["'](https?:\/\/[^"']+)/gi

export const checkUrls = ({ last }: Walk, { url, endpoint, blueprint }: Visited): Finding => {
  const check = 'absolute URLs'
  const all = [...(last?.answer.body ?? '').matchAll(links)].map(([, address = '']) => address)
  const wrong = [...new Set(all)].filter((address) => isInternal(address, url, endpoint))
  if (wrong.length === 0)
    return { check, verdict: 'ok', result: `None in ${last?.path ?? '/'} that leads to an internal address.` }
  return { check, verdict: 'change', result: `${last?.path} links to ${fewOf(wrong, 3)}.`, change: setUrl(blueprint) }
}

const attributesOf = (cookie: string): readonly string[] =>
  cookie
    .split(';')
    .slice(1)
    .map((part) => part.trim().toLowerCase())

/** Compares what the site sets with what passes the router. */
export const checkCookies = async ({ hops }: Walk, { url, endpoint }: Visited): Promise<Finding> => {
  const check = 'cookies'
  const { hostname } = new URL(url)
  const headers = {
    host: hostname,
    'x-forwarded-host': hostname,
    'x-forwarded-proto': 'https',
    accept: 'text/html,*/*',
  }
  const raw = await Promise.all(hops.map(({ path }) => send({ ...endpoint, path, headers }).then(cookiesIn, () => [])))
  const cookies = [...hops.flatMap(({ answer }) => cookiesIn(answer)), ...raw.flat()]
  const names = (some: readonly string[]): string =>
    fewOf([...new Set(some.map((cookie) => cookie.split('=', 1)[0] ?? ''))])
  if (cookies.length === 0) return { check, verdict: 'ok', result: 'It sets none on its start page.' }
  const foreign = cookies.filter((cookie) =>
    attributesOf(cookie).some(
      (part) => part.startsWith('domain=') && ![hostname, ''].includes(part.slice(7).replace(/^\./, '')),
    ),
  )
  if (foreign.length > 0) {
    const change = 'Leave Domain out: the router drops cookies for other hostnames.'
    return { check, verdict: 'change', result: `${names(foreign)} is for another hostname than the site's.`, change }
  }
  const open = cookies.filter((cookie) => !attributesOf(cookie).includes('secure'))
  if (open.length === 0) return { check, verdict: 'ok', result: `${names(cookies)}: Secure, and for this hostname.` }
  const change = 'Turn secure cookies on, or trust X-Forwarded-Proto.'
  return { check, verdict: 'note', result: `${names(open)} has no Secure.`, change }
}

export const checkWebSocket = async (door: Pick<Door, 'openWebSocket'>, path: string | undefined): Promise<Finding> => {
  const check = 'WebSocket'
  if (path === undefined) {
    return {
      check,
      verdict: 'untried',
      result: 'No path is known.',
      change: 'Name it with --websocket /path, if there is one.',
    }
  }
  const failure = await door.openWebSocket(path)
  if (failure === undefined) return { check, verdict: 'ok', result: `${path} accepts one through the router.` }
  const change = 'Correct the path, or allow the Origin of the site.'
  return { check, verdict: 'change', result: `${path} does not accept one: ${failure}.`, change }
}

const uploadMiB = 20

export const checkUpload = async (
  door: Pick<Door, 'visit'>,
  { limits, id }: Plan,
  named: string | undefined,
): Promise<Finding> => {
  const check = 'upload'
  const path = named ?? '/'
  if (limits.uploadMiB < uploadMiB) {
    return {
      check,
      verdict: 'untried',
      result: `The plan '${id}' admits ${limits.uploadMiB} MiB.`,
      change: 'Try another with --plan.',
    }
  }
  const beganAt = performance.now()
  const post = (): Promise<Answer> =>
    door.visit({ path, as: 'owner', method: 'POST', body: Buffer.alloc(uploadMiB * 1_048_576, 'sitewright') })
  try {
    const { status } = await post()
    const result = `${uploadMiB} MiB to ${path}: answered ${status} after ${seconds(performance.now() - beganAt)}.`
    const isRefused = status === 413 || status >= 500
    if (isRefused && named !== undefined) {
      return { check, verdict: 'change', result, change: 'Raise the limit of the product for uploads.' }
    }
    const change = 'Name a path that takes files with --upload /path.'
    return named === undefined ? { check, verdict: 'note', result, change } : { check, verdict: 'ok', result }
  } catch (error) {
    const result = `${uploadMiB} MiB to ${path}: ${messageOf(error)}.`
    return {
      check,
      verdict: named === undefined ? 'note' : 'change',
      result,
      change: 'Answer the request after reading it.',
    }
  }
}
