import { createHealthProbe } from '../../../adapters/http/health-probe.ts'
import { type Blueprint, longestStartSeconds } from '../../../core/blueprint/blueprint.ts'
import { isWell } from '../../../core/ports/probes.ts'
import type { Listener, Observation } from '../../../core/ports/runtime.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import { diagnose } from '../../../lambdas/sites/evidence/diagnose.ts'
import { type Finding, findingsOf } from './findings.ts'
import type { Start } from './follow-start.ts'
import { pullByHand } from './images.ts'

const likelyPaths = ['/health', '/healthz', '/api/health', '/ping', '/status', '/up', '/login', '/']

const maxRedirects = 5

const probe = createHealthProbe()

const wellPath = async (endpoint: Endpoint): Promise<string | undefined> => {
  for (const path of likelyPaths) if (isWell(await probe.ask(endpoint, path))) return path
  return undefined
}

/** Follows the redirects of a healthy site's health path on the site itself, and proposes where they lead to. */
export const checkHealthPath = async (endpoint: Endpoint, { traffic }: Blueprint): Promise<Finding> => {
  const { ok, note, wrong } = findingsOf('health path')
  const way = [traffic.healthPath]
  for (let next = traffic.healthPath; way.length <= maxRedirects; ) {
    const answer = await probe.ask(endpoint, next)
    const location = 'status' in answer ? answer.location : undefined
    const target =
      location === undefined ? null : URL.parse(location, `http://${endpoint.host}:${endpoint.port}${next}`)
    if (target === null) {
      if (way.length === 1) return ok(`${next} answers by itself.`)
      const advice = `Set \`traffic.healthPath: ${next}\`, so that a page that fails is noticed.`
      return isWell(answer) ? note(`${way.join(' → ')}.`, advice) : ok(`${way.join(' → ')}, for signed-in people.`)
    }
    next = `${target.pathname}${target.search}`
    way.push(next)
    if (way.indexOf(next) < way.length - 1) break
  }
  return wrong(`It redirects for ever: ${way.join(' → ')}.`, advice['wrong-health-path'])
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
  'wrong-health-path':
    'Set `traffic.healthPath` to a path that answers 2xx or 3xx without a session, or `traffic.healthStatus` to its status.',
  'refused-write': `Write below \${DATA_DIRECTORY} or /tmp, or name the directory in \`writable\`.`,
  limit: 'Need less, change `share`, or try a larger plan with --plan.',
  image: `Correct the image or its architecture. Does the registry ask for credentials? ${pullByHand}`,
  'server-error': 'Read its output above: the product reports an error of its own.',
  slow: `It was not ready after ${longestStartSeconds} s, the most that \`traffic.startSeconds\` may say. Prepare data in the image.`,
  open: 'Keep the data, and close the set-up of the product.',
  check: 'Read the message, and correct `release.checks` or the version.',
  unknown: 'Read the message and the output above.',
} as const

export const failedStart = async (
  start: Extract<Start, { isHealthy: false }>,
  isProcess: boolean,
): Promise<Finding> => {
  const { diagnosis, seen, endpoint } = start
  const { cause, detail } = diagnosis
  const { wrong } = findingsOf(`start: ${cause}`)
  if (cause === 'wrong-port') return wrong(detail, portAdvice(seen?.listeners, seen?.port, isProcess))
  const other = cause === 'wrong-health-path' && endpoint && (await wellPath(endpoint))
  return wrong(detail, other ? `Set \`traffic.healthPath: ${other}\`, which answers 2xx or 3xx.` : advice[cause])
}

/** Whether it stayed up while it was visited. @param begun what was seen once it was healthy: a product may need a second start. */
export const stayedUp = (
  begun: Observation | undefined,
  seen: Observation | undefined,
  { traffic }: Blueprint,
): Finding => {
  const { ok, note, wrong } = findingsOf('stays up')
  const before = new Map(begun?.containers.map(({ name, ends }) => [name, ends]))
  const ended = seen?.containers.filter(({ name, ends }) => ends > (before.get(name) ?? 0)) ?? []
  const early = [...before].find(([, ends]) => ends > 0)
  if (ended.length === 0 && early !== undefined)
    return note(`'${early[0]}' ended before it was healthy, and then stayed up.`, 'Let one start be enough.')
  if (ended.length === 0) return ok('It did not end while it was visited.')
  return wrong(
    diagnose({ containers: ended.map((one) => ({ ...one, isRunning: false })) }, undefined, traffic).detail,
    advice.crash,
  )
}

/** The last lines of what ended, for the terminal. */
export const lastWords = (seen: Observation | undefined, max = 20): readonly string[] =>
  (seen?.containers ?? []).flatMap(({ name, ends, lastEnd, lines }) => {
    if (ends === 0) return []
    const how = lastEnd?.signal ?? `exit code ${lastEnd?.exitCode ?? 'unknown'}`
    return [`'${name}' ended with ${how}. Its last lines:`, ...lines.slice(-max).map((line) => `  ${line}`)]
  })
