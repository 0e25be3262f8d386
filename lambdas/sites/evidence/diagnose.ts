import { type HealthAnswer, type HealthTarget, isWell } from '../../../core/ports/probes.ts'
import type { ContainerEnd, Observation, ObservedContainer } from '../../../core/ports/runtime.ts'
import type { Cause } from '../../../core/site/causes.ts'

export interface Diagnosis {
  readonly cause: Cause
  /** A sentence for operators. It may quote the site's output. */
  readonly detail: string
  /** It may only need more time. */
  readonly isUnsure?: true
}

/** A container that ends this often during a start ends again and again. A program may end after a set-up, or before its database is there. */
export const maxEnds = 3

interface Sign {
  readonly cause: 'refused-write' | 'limit'
  readonly pattern: RegExp
  readonly words: string
}

const path = /(?:^|[\s'"`(:=])(\/[^\s'"`:,;)]+)/

/** What programs print when a write is refused or a limit is reached; the first that matches counts. */
const signs: readonly Sign[] = [
  { cause: 'limit', pattern: /ENOSPC|EDQUOT|no space left on device|disk quota exceeded/i, words: 'ran out of space' },
  {
    cause: 'limit',
    pattern:
      /pthread_create|unable to create (?:a )?(?:new |native )*thread|can't start new thread|newosproc|can't create thread|cannot fork|(?:fork|clone|spawn|exec).*(?:EAGAIN|resource temporarily unavailable)/i,
    words: 'reached its limit of processes and threads',
  },
  {
    cause: 'limit',
    pattern: /out of memory|cannot allocate memory|ENOMEM|MemoryError|OutOfMemoryError/i,
    words: 'ran out of memory',
  },
  { cause: 'refused-write', pattern: /EROFS|read-only file ?system/i, words: 'was refused a write' },
  {
    cause: 'refused-write',
    pattern: /unable to open database file|readonly database/i,
    words: 'could not open its database for writing',
  },
  {
    cause: 'refused-write',
    pattern: /EACCES|EPERM|permission denied|operation not permitted/i,
    words: 'was refused a write',
  },
]

/** Refusals that concern no file. */
const notOfFiles = /\b(?:listen|bind|connect|socket|exec|chown|setuid|setgid)\b/i

const signIn = (line: string): Sign | undefined => {
  const sign = signs.find(({ pattern }) => pattern.test(line))
  if (sign?.cause !== 'refused-write' || /EROFS|read-?only|database file/i.test(line)) return sign
  return path.test(line) && !notOfFiles.test(line) ? sign : undefined
}

const quoted = (line: string): string => (line.length > 300 ? `${line.slice(0, 300)}…` : line)

/** A diagnosis without what it quotes of the output, for people who may not read that. */
export const withoutOutput = (detail: string): string => detail.replace(/(?: to \/\S*)?: ".*$/s, '.')

/** The last sign in a container's output; of refused writes, the last one that names a path. */
const signOf = ({ name, lines }: ObservedContainer): Diagnosis | undefined => {
  const found = lines.toReversed().flatMap((line) => {
    const sign = signIn(line)
    return sign === undefined ? [] : [{ ...sign, line, where: path.exec(line)?.[1] }]
  })
  const [last] = found
  if (last === undefined) return undefined
  const isWrite = last.cause === 'refused-write'
  const shown = (isWrite && found.find(({ cause, where }) => cause === last.cause && where !== undefined)) || last
  const where = isWrite && shown.where !== undefined ? ` to ${shown.where}` : ''
  return { cause: last.cause, detail: `'${name}' ${shown.words}${where}: "${quoted(shown.line.trim())}"` }
}

const endWords = ({ exitCode, signal, reason }: ContainerEnd): string => {
  const how = signal === undefined ? `with exit code ${exitCode ?? 'unknown'}` : `by the signal ${signal}`
  const hint = exitCode === 0 ? '; a program has to stay in the foreground' : ''
  return `${how}${reason === undefined ? '' : ` (${reason})`}${hint}`
}

const times = (count: number): string => (count === 1 ? 'once' : `${count} times`)

const crashOf = ({ name, ends, lastEnd = {} }: ObservedContainer): Diagnosis => ({
  cause: 'crash',
  detail: `'${name}' ended ${times(ends)} since its start, the last time ${endWords(lastEnd)}.`,
})

const endingOf = (container: ObservedContainer): Diagnosis => {
  const { name, lastEnd: { isOutOfMemory, signal, reason } = {} } = container
  // The words of ECS.
  if (reason?.startsWith('CannotPull')) return { cause: 'image', detail: `'${name}': ${quoted(reason)}` }
  const needed = 'because it needed more memory than it has.'
  if (isOutOfMemory === true) return { cause: 'limit', detail: `'${name}' was ended ${needed}` }
  const sign = signOf(container)
  if (sign !== undefined || signal !== 'SIGKILL') return sign ?? crashOf(container)
  // Not every engine notes why the kernel ended a process.
  return { cause: 'limit', detail: `'${name}' was ended by the signal SIGKILL, as a rule ${needed}` }
}

/** Beside the product, as a rule: MySQL, PostgreSQL, Redis, MongoDB, AMQP, Elasticsearch, memcached. Source: IANA's registry of ports. */
const servicePorts: ReadonlySet<number> = new Set([3306, 5432, 6379, 27_017, 5672, 9200, 11_211])

const portOf = ({ port, listeners, containers }: Observation): Diagnosis | undefined => {
  if (port === undefined || listeners === undefined) return undefined
  if (listeners.some((listener) => listener.port === port)) return undefined
  const found = [...new Set(listeners.map((listener) => listener.port))]
  const others = found.join(', ')
  // A product that still migrates its data listens nowhere: that is no sign of another port.
  if (found.every((one) => containers.length > 1 && servicePorts.has(one))) {
    const seen = others === '' ? '' : ` (only ${others})`
    const detail = `It runs, and listens on no port of its own yet${seen}. It has to listen on PORT (${port}).`
    return { cause: 'slow', detail, isUnsure: true }
  }
  const cause = 'wrong-port'
  if (containers.length > 1) return { cause, detail: `None listens on PORT (${port}); others listen on ${others}.` }
  return { cause, detail: `It listens on ${others} instead of PORT (${port}).` }
}

/** Proxies and products that warm up answer so. */
const warmingUp: ReadonlySet<number> = new Set([502, 503, 504])

/** Django, Rails and others answer so to a Host field that their settings do not name. */
const refusingHosts: ReadonlySet<number> = new Set([400, 403, 421])

const isFault = (answer: HealthAnswer | undefined): boolean =>
  answer !== undefined && 'status' in answer && answer.status >= 500

const statusOf = (
  { status, location }: Extract<HealthAnswer, { readonly status: number }>,
  { healthPath, healthStatus }: HealthTarget,
): Diagnosis => {
  const answers = `${healthPath} answers ${status}`
  // It became healthy meanwhile, or something else failed.
  if (isWell({ status }, healthStatus)) return { cause: 'unknown', detail: `It is healthy: ${answers}.` }
  if (healthStatus === undefined && warmingUp.has(status))
    return { cause: 'slow', detail: `${answers}.`, isUnsure: true }
  if (healthStatus === undefined && status >= 500) {
    return { cause: 'server-error', detail: `${answers}: an error of the product.` }
  }
  const to = location === undefined ? '' : ` and redirects to ${location}`
  const host = refusingHosts.has(status)
    ? ' If it has a list of allowed hosts, let it admit all: the check sends an IP address as Host.'
    : ''
  return { cause: 'wrong-health-path', detail: `${answers}${to}, not ${healthStatus ?? '2xx or 3xx'}.${host}` }
}

const answerOf = (answer: HealthAnswer, target: HealthTarget, seen: Observation | undefined): Diagnosis => {
  if ('status' in answer) return statusOf(answer, target)
  const { healthPath } = target
  const { port, listeners } = seen ?? {}
  const isLocal = listeners?.filter((listener) => listener.port === port).every((listener) => listener.isLocal)
  if (isLocal === true && answer.failure !== 'silent') {
    const detail = `It listens on PORT (${port}) at a loopback address only. It has to listen on HOST.`
    return { cause: 'wrong-port', detail }
  }
  const silent = `It accepts connections, but ${healthPath} did not answer in time.`
  switch (answer.failure) {
    case 'refused':
      return { cause: 'wrong-port', detail: `Nothing answers on PORT${port === undefined ? '' : ` (${port})`}.` }
    case 'silent':
      return { cause: 'slow', detail: silent, isUnsure: true }
    case 'broken':
      return { cause: 'unknown', detail: `It ended the connection instead of answering ${healthPath}.` }
    case 'unknown':
      return { cause: 'unknown', detail: `${healthPath} does not answer.` }
  }
}

/** A container that others wait for may not have become healthy in time. What was never begun fails again. */
const mayBeSlow = (begun: readonly ObservedContainer[]): Pick<Diagnosis, 'isUnsure'> =>
  begun.length === 0 ? {} : { isUnsure: true }

/**
 * Names the cause why a site does not become healthy.
 * @param seen undefined if the platform knows nothing of the site.
 * @param answer the last answer on the health path; undefined if the site has no address.
 */
export const diagnose = (
  seen: Observation | undefined,
  answer: HealthAnswer | undefined,
  target: HealthTarget,
): Diagnosis => {
  const containers = seen?.containers ?? []
  const ended = containers.toSorted((a, b) => b.ends - a.ends).find(({ ends }) => ends > 0)
  if (ended !== undefined && (!ended.isRunning || ended.ends >= maxEnds)) return endingOf(ended)
  const misplaced = seen && portOf(seen)
  if (misplaced?.cause === 'wrong-port') return misplaced
  const sign = containers.map(signOf).find((found) => found !== undefined)
  if (sign !== undefined && (answer === undefined || !('status' in answer) || isFault(answer))) return sign
  // It ended on its own and was just started again.
  if (misplaced !== undefined && ended !== undefined && ended.lastEnd?.exitCode !== 0) return endingOf(ended)
  if (misplaced !== undefined) return misplaced
  if (answer !== undefined) return answerOf(answer, target, seen)
  if (seen?.refusal !== undefined) return { cause: 'unknown', detail: quoted(seen.refusal), ...mayBeSlow(containers) }
  return { cause: 'unknown', detail: 'The platform reported no address at which it answers.' }
}

/**
 * Whether a state does not change by itself: a wrong port, or an answer that is neither healthy nor a fault. Where there are several
 * containers, the one that listens may be a database that the product still migrates.
 */
export const isSettling = (
  { cause }: Pick<Diagnosis, 'cause'>,
  { seen, answer }: { readonly seen: Observation | undefined; readonly answer: HealthAnswer | undefined },
): boolean => {
  if (cause === 'wrong-port') return seen?.containers.length === 1 && (seen.listeners ?? []).length > 0
  return cause === 'wrong-health-path' && answer !== undefined && 'status' in answer && answer.status < 500
}

/** Whether a start that continues is worth a report: what only takes long, or waits for another container, is not. */
export const isTelling = (found: Diagnosis, sight: Parameters<typeof isSettling>[1]): boolean =>
  found.cause === 'wrong-port' || found.cause === 'wrong-health-path'
    ? isSettling(found, sight)
    : !['unknown', 'slow', 'server-error'].includes(found.cause)

/** The reason for the owner, in plain words and without output; undefined if the cause says no more than the error. */
export const reasonOfCause: Readonly<Record<Cause, string | undefined>> = {
  crash: 'It ended again and again after its start.',
  'wrong-port': 'It started, but did not listen where our servers reach it.',
  'wrong-health-path': 'It started, but did not report that it is ready.',
  slow: 'It started, but did not become ready in time.',
  'server-error': 'It started, but reported an error instead of becoming ready.',
  open: 'It was not safe to open: visitors could have set it up as if it were new.',
  check: 'It did not pass the checks of its version.',
  'refused-write': 'It ended or failed because it could not write a file.',
  limit: 'It needs more memory, space or processes than it has.',
  image: 'The software of the site is not available at the moment.',
  unknown: undefined,
}
