import type { IncomingMessage } from 'node:http'
import { type Viewer, viewerCookieName, viewerId } from '../core/entitlement/viewer.ts'
import type { SiteId } from '../core/ids.ts'
import type { Instant } from '../core/instant.ts'
import type { Log } from '../core/ports/context.ts'
import type { RecognisedViewer, ViewerTokens } from '../core/ports/tokens.ts'
import type { SleepPolicy } from '../lambdas/sleep/sleep-policy.ts'
import { clientOf, type KnownOfVisitors, protocolOf } from './request-headers.ts'

/** Who sent a request. */
export interface Recognised {
  /** The key for limits per client: a signed-in person, otherwise as `clientOf` gives it. */
  readonly client: string
  /** Signed. */
  readonly viewer?: string
  readonly role?: Viewer['role']
  /** The end of the visit; undefined for the account's holder and for strangers. */
  readonly until?: Instant
}

export interface Recognising extends KnownOfVisitors {
  readonly viewers: ViewerTokens
  readonly log: Log
}

/** Other hosts can set further cookies of this name where there is no TLS. */
const maxCookies = 3

const cookiesOf = (field: string, name: string): readonly string[] =>
  field
    .split(';')
    .flatMap((pair) => {
      const equals = pair.indexOf('=')
      return equals > 0 && pair.slice(0, equals).trim() === name ? [pair.slice(equals + 1).trim()] : []
    })
    .slice(0, maxCookies)

const findViewer = async (
  { viewers, log }: Recognising,
  values: readonly string[],
  siteId: SiteId,
): Promise<RecognisedViewer | undefined> => {
  try {
    for (const value of values) {
      const viewer = await viewers.recognise(value, siteId)
      if (viewer !== undefined) return viewer
    }
  } catch (error) {
    log.warn({ err: error, siteId }, 'router: the cookie of a viewer could not be checked')
  }
  return undefined
}

const recognisedAs = ({ viewer, header }: RecognisedViewer): Recognised => ({
  client: viewerId(viewer),
  viewer: header,
  role: viewer.role,
  ...(viewer.until !== undefined && { until: viewer.until }),
})

/** Recognises who sends a request to a site. Takes no time for a request without a viewer's cookie, which most are. */
export const recogniseVisitor = (
  recognising: Recognising,
  request: IncomingMessage,
  siteId: SiteId,
): Recognised | Promise<Recognised> => {
  const client = clientOf(request, recognising)
  const { cookie } = request.headers
  if (cookie === undefined || !cookie.includes('sitewright_viewer')) return { client }
  const name = viewerCookieName(protocolOf(request, recognising.visitorProtocol))
  return findViewer(recognising, cookiesOf(cookie, name), siteId).then((found) =>
    found === undefined ? { client } : recognisedAs(found),
  )
}

export type Automaton = 'crawler' | 'monitor'

/** How many user agents are remembered: a few are most of them, and matching takes longer than looking up. */
const maxRemembered = 1000
/** The characters of a user agent that are matched: more would take memory, and time to match. */
const maxMatched = 300

/** Recognises crawlers and monitors by their user agent; undefined for everybody else. */
export const createAutomata = (policy: Pick<SleepPolicy, 'crawlers' | 'monitors'>) => {
  const expression = (list: readonly string[]) => new RegExp(list.join('|') || '(?!)', 'i')
  const [monitor, crawler] = [expression(policy.monitors), expression(policy.crawlers)]
  const remembered = new Map<string, Automaton | undefined>()

  const recognise = (userAgent: string): Automaton | undefined => {
    if (monitor.test(userAgent)) return 'monitor'
    return crawler.test(userAgent) ? 'crawler' : undefined
  }

  return (sent: string | undefined): Automaton | undefined => {
    if (sent === undefined || sent === '') return undefined
    const userAgent = sent.slice(0, maxMatched)
    if (remembered.has(userAgent)) return remembered.get(userAgent)
    const automaton = recognise(userAgent)
    if (remembered.size === maxRemembered) remembered.clear()
    remembered.set(userAgent, automaton)
    return automaton
  }
}

export type Automata = ReturnType<typeof createAutomata>
