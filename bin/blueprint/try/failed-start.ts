import { createHealthProbe } from '../../../adapters/http/health-probe.ts'
import { diagnose } from '../../../core/evidence/diagnose.ts'
import type { Launch, Listener, Observation } from '../../../core/ports/runtime.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import type { Finding } from './findings.ts'
import { findingsOf } from './findings.ts'
import type { Start } from './follow-start.ts'
import { pullByHand } from './images.ts'

type FailedStart = Extract<Start, { readonly isHealthy: false }>

const likelyPaths = ['/health', '/healthz', '/api/health', '/ping', '/status', '/up', '/login', '/']

const mostRedirects = 5

const probe = createHealthProbe()

const wellPath = async (endpoint: Endpoint): Promise<string | undefined> => {
  for (const path of likelyPaths) if (await probe.isHealthy(endpoint, path)) return path
  return undefined
}

/** Follows a health path's redirects on the site itself. @returns the way, if it comes back to where it was. */
const circleFrom = async (endpoint: Endpoint, path: string): Promise<string | undefined> => {
  const way = [path]
  for (let next = path; way.length <= mostRedirects; ) {
    const answer = await probe.ask(endpoint, next)
    if (!('status' in answer) || answer.location === undefined) return undefined
    const target = URL.parse(answer.location, `http://${endpoint.host}:${endpoint.port}${next}`)
    if (target === null) return undefined
    next = `${target.pathname}${target.search}`
    if (way.includes(next)) return [...way, next].join(' → ')
    way.push(next)
  }
  return way.join(' → ')
}

const portAdvice = (listeners: readonly Listener[] = [], own: number | undefined, isProcess: boolean): string => {
  const local = listeners.some(({ port, isLocal }) => port === own && isLocal)
  const others = [...new Set(listeners.filter(({ port }) => port !== own).map(({ port }) => port))]
  const [port] = others
  if (local) return `Listen on \${HOST}, not on a loopback address only.`
  if (port === undefined) return `Listen on \${PORT} and \${HOST}.`
  if (isProcess) return `Let it listen on \${PORT}; for containers, \`traffic.port\` may say so instead.`
  if (port < 1024)
    return `Let it listen on \${PORT}, or set \`traffic.port: ${port}\` and give it NET_BIND_SERVICE in \`capabilities\`.`
  return `Set \`traffic.port: ${port}\`, or let it listen on \${PORT}.`
}

const advice = {
  crash: 'Read the last lines above.',
  'wrong-health-path': 'Set `traffic.healthPath` to a path that answers 2xx without a session.',
  'refused-write': `Write below \${DATA_DIRECTORY} or /tmp, or name the directory in \`writable\`.`,
  limit: 'Need less, change `share`, or try a larger plan with --plan.',
  image: `Correct the image or its architecture. Does the registry ask for credentials? ${pullByHand}`,
  unknown: 'Read the message and the output above. A slow start needs more `traffic.startSeconds`.',
} as const

/** What was wrong with a start, and what to change. */
export const failedStart = async (start: FailedStart, launch: Launch, isProcess: boolean): Promise<Finding> => {
  const { diagnosis, seen, endpoint } = start
  const { cause, detail } = diagnosis
  const { wrong } = findingsOf(`start: ${cause}`)
  if (cause === 'wrong-port') return wrong(detail, portAdvice(seen?.listeners, seen?.port, isProcess))
  if (cause !== 'wrong-health-path' || endpoint === undefined) return wrong(detail, advice[cause])
  const circle = await circleFrom(endpoint, launch.blueprint.traffic.healthPath)
  const other = await wellPath(endpoint)
  return wrong(
    circle === undefined ? detail : `It redirects for ever: ${circle}.`,
    other === undefined ? advice[cause] : `Set \`traffic.healthPath: ${other}\`, which answers 2xx.`,
  )
}

/** Whether it stayed up while it was visited. */
export const stayedUp = (seen: Observation | undefined, healthPath: string): Finding => {
  const { ok, wrong } = findingsOf('stays up')
  const ended = seen?.containers.filter(({ ends }) => ends > 0) ?? []
  if (ended.length === 0) return ok('It did not end while it was visited.')
  return wrong(
    diagnose({ containers: ended.map((one) => ({ ...one, isRunning: false })) }, undefined, healthPath).detail,
    advice.crash,
  )
}

/** The last lines of what ended, for the terminal. */
export const lastWords = (seen: Observation | undefined, most = 20): readonly string[] =>
  (seen?.containers ?? []).flatMap(({ name, ends, lastEnd, lines }) => {
    if (ends === 0) return []
    const how = lastEnd?.signal ?? `exit code ${lastEnd?.exitCode ?? 'unknown'}`
    return [`'${name}' ended with ${how}. Its last lines:`, ...lines.slice(-most).map((line) => `  ${line}`)]
  })
