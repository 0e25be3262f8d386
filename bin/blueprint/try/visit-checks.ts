import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import type { Plan } from '../../../core/plan/plan.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import { messageOf, secondsText } from '../../command-line/read-options.ts'
import { type Door, send } from './door.ts'
import { type Finding, fewOf, findingsOf } from './findings.ts'
import { cookiesIn, type Walk } from './walk.ts'

export interface Visited {
  readonly url: string
  readonly endpoint: Endpoint
  readonly blueprint: Blueprint
}

/** An address that no visitor can use: this machine's, the container's, or the site's own without TLS. */
const isInternal = (address: string, { url: siteUrl, endpoint }: Visited): boolean => {
  const url = URL.parse(address)
  if (url === null || url.origin === siteUrl) return false
  const own = [new URL(siteUrl).hostname, endpoint.host]
  const isLocal = /^(?:127\.\d+\.\d+\.\d+|0\.0\.0\.0|\[::1?\]|.*\.localhost)$/.test(url.hostname)
  return own.includes(url.hostname) || !/[.:]/.test(url.hostname) || isLocal
}

const toSetUrl = ({ blueprint }: Visited): string =>
  `${JSON.stringify(blueprint).includes(`\${SITE_URL}`) ? 'Make it' : `Give it its URL by \${SITE_URL}, or make it`} trust X-Forwarded-Proto and X-Forwarded-Host.`

const visitorsHeaders = (host: string) => ({
  host,
  'x-forwarded-host': host,
  'x-forwarded-proto': 'https',
  accept: 'text/html,*/*',
})

/** The good answer of a page to the address of the site's machine as its host, if it refuses the site's hostname. */
const answerToAddress = async (path: string, { url, endpoint }: Visited): Promise<number | undefined> => {
  const hosts = [new URL(url).hostname, `${endpoint.host}:${endpoint.port}`]
  const answers = hosts.map((host) => send(endpoint, path, { headers: visitorsHeaders(host) }))
  const [named, addressed] = await Promise.all(answers).catch(() => [])
  if (named === undefined || addressed === undefined || addressed.status >= 400) return undefined
  return named.status === addressed.status ? undefined : addressed.status
}

export const checkRedirects = async (walk: Walk, visited: Visited): Promise<Finding> => {
  const { hops, last, isEndless, lead } = walk
  const { ok, note, wrong } = findingsOf('redirects')
  const way = hops.map(({ path }) => path).join(' → ')
  if (isEndless) return wrong(`It redirects for ever: ${way}.`, toSetUrl(visited))
  if (lead !== undefined) {
    const isWrong = isInternal(lead, visited)
    return isWrong
      ? wrong(`${way} redirects to ${lead} instead of ${visited.url}.`, toSetUrl(visited))
      : note(`${way} redirects to ${lead}.`)
  }
  const status = last?.answer.status ?? 0
  const result = `${way} answers ${status}.`
  const other = last && status >= 400 && status < 500 ? await answerToAddress(last.path, visited) : undefined
  if (other !== undefined) {
    const change = 'Let it admit every Host: the router only passes those of the site.'
    return wrong(`${way} answers ${status} to the site's hostname, and ${other} to an IP address.`, change)
  }
  return status >= 500 ? wrong(result, 'Read the output of the site.') : ok(result)
}

const links = /\b(?:href|src|action)\s*=\s*["'](https?:\/\/[^"']+)/gi

export const checkUrls = ({ last }: Walk, visited: Visited): Finding => {
  const { ok, wrong } = findingsOf('absolute URLs')
  const all = [...(last?.answer.body ?? '').matchAll(links)].map(([, address = '']) => address)
  const internal = [...new Set(all)].filter((address) => isInternal(address, visited))
  const page = last?.path ?? '/'
  if (internal.length === 0) return ok(`${page} has none with an internal address.`)
  return wrong(`${page} links to ${fewOf(internal, 3)}.`, toSetUrl(visited))
}

const attributesOf = (cookie: string): readonly string[] =>
  cookie
    .split(';')
    .slice(1)
    .map((part) => part.trim().toLowerCase())

/** Looks at the cookies of the site itself, too, because the router drops some. */
export const checkCookies = async ({ hops }: Walk, { url, endpoint }: Visited): Promise<Finding> => {
  const { ok, note, wrong } = findingsOf('cookies')
  const { hostname } = new URL(url)
  const headers = visitorsHeaders(hostname)
  const raw = await Promise.all(hops.map(({ path }) => send(endpoint, path, { headers }).then(cookiesIn, () => [])))
  const cookies = [...hops.flatMap(({ answer }) => cookiesIn(answer)), ...raw.flat()]
  const names = (some: readonly string[]) => fewOf([...new Set(some.map((cookie) => cookie.split('=', 1)[0] ?? ''))])
  const isForeign = (part: string) => /^domain=\.?./.test(part) && part.replace(/^domain=\.?/, '') !== hostname
  const foreign = cookies.filter((cookie) => attributesOf(cookie).some(isForeign))
  const open = cookies.filter((cookie) => !attributesOf(cookie).includes('secure'))
  if (cookies.length === 0) return ok('It sets none on its start page.')
  if (foreign.length > 0) {
    const change = 'Leave Domain out: the router drops cookies for other hostnames.'
    return wrong(`${names(foreign)} is for another hostname than the site's.`, change)
  }
  if (open.length === 0) return ok(`${names(cookies)}: Secure, and for this hostname.`)
  return note(`${names(open)} has no Secure.`, 'Turn secure cookies on, or trust X-Forwarded-Proto.')
}

export const checkWebSocket = async (door: Pick<Door, 'openWebSocket'>, path: string | undefined): Promise<Finding> => {
  const { ok, wrong, untried } = findingsOf('WebSocket')
  if (path === undefined) return untried('No path is known.', 'Name it with --websocket /path, if there is one.')
  const failure = await door.openWebSocket(path)
  if (failure === undefined) return ok(`${path} accepts one through the router.`)
  return wrong(`${path} does not accept one: ${failure}.`, "Correct the path, or allow the site's Origin.")
}

const uploadMiB = 20

export const checkUpload = async (
  door: Pick<Door, 'visit'>,
  plan: Plan,
  path: string | undefined,
): Promise<Finding> => {
  const { ok, wrong, untried } = findingsOf('upload')
  const max = plan.limits.uploadMiB
  if (path === undefined) return untried('No path is known.', 'Name one that takes files with --upload /path.')
  if (max < uploadMiB) return untried(`The plan '${plan.id}' admits ${max} MiB.`, 'Try another with --plan.')
  const what = `${uploadMiB} MiB to ${path}`
  const change = 'Raise its own limit, and read the request before you answer.'
  const body = Buffer.alloc(uploadMiB * 1_048_576, 'sitewright')
  const beganAt = performance.now()
  const answer = await door.visit({ path, as: 'owner', method: 'POST', body }).catch(messageOf)
  if (typeof answer === 'string') return wrong(`${what}: ${answer}.`, change)
  const { status } = answer
  const result = `${what}: answered ${status} after ${secondsText(performance.now() - beganAt)}.`
  return status === 413 || status >= 500 ? wrong(result, change) : ok(result)
}
