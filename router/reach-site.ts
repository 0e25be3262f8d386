import type { SiteId } from '../core/ids.ts'
import type { Instant } from '../core/instant.ts'
import type { Log } from '../core/ports/context.ts'
import { isSameEndpoint } from '../core/site/location.ts'
import type { ActiveSite } from '../core/site/site.ts'
import type { AcceptedRequest } from './accept-request.ts'
import { admitRequest } from './admit-request.ts'
import {
  type AttemptFailure,
  codeOf,
  isBrokenConnection,
  isOfVisitor,
  isRepeatable,
  pageForFailure,
} from './attempt-failure.ts'
import { unknownClient } from './client-usage.ts'
import { type Asleep, type FindUpstream, type Found, type SiteTerms, siteOf, type Upstream } from './find-upstream.ts'
import type { Page } from './page.ts'
import type { PausedSites, SiteWaking, Visitor } from './paused-sites.ts'
import { pageOfWake, wakeSite } from './paused-sites.ts'
import type { Automaton, Recognised } from './recognise-visitor.ts'
import { gatePages } from './router-pages.ts'
import { asleepPages, notReceived, notWokenPage } from './waking-pages.ts'

export interface Reaching {
  readonly findUpstream: FindUpstream
  readonly pausedSites: PausedSites
  /** Undefined where nothing can wake a site. */
  readonly waking: SiteWaking | undefined
  readonly longestHoldMilliseconds: number
  readonly isDiskShort?: (siteId: SiteId) => boolean
  readonly log: Log
}

type Leaving = Visitor & { readonly destroy: () => unknown }

/** Closes a connection that outlives a visit, such as a WebSocket or a stream. */
const endAt = (until: Instant, visitor: Leaving): void => {
  if (visitor.destroyed) return
  const timer = setTimeout(() => visitor.destroy(), Math.max(0, Date.parse(until) - Date.now()))
  visitor.once('close', () => clearTimeout(timer))
}

/**
 * Finds the site of a hostname, recognises the visitor, holds both to the plan, turns strangers away at a closed gate, wakes the site if it sleeps, waits where it is
 * paused, and makes an attempt at it. After a failure without any effect it asks the directory afresh, and tries once more if the site has moved or
 * only the connection broke.
 * @param options.attempt answers the visitor, or gives the failure that came before.
 * @returns the page to answer with; undefined where the visitor has been answered or has gone.
 */
export const reachSite = async (
  { findUpstream, pausedSites, waking, longestHoldMilliseconds, isDiskShort = () => false, log }: Reaching,
  options: {
    readonly hostname: string
    readonly accepted: AcceptedRequest
    readonly visitor: Leaving
    /** A crawler or monitor wakes no site. */
    readonly automaton: Automaton | undefined
    /** Whether it reads pages. */
    readonly isBrowser: boolean
    /** Closes the visitor's connection, if it can last and be opened again. */
    readonly close?: () => void
    readonly recognise: (siteId: ActiveSite['id']) => Recognised | Promise<Recognised>
    /** Answers a request that the site itself does not get, such as an entrance, without a wait for the site. */
    readonly enter?: (terms: SiteTerms, who: Recognised) => Promise<void>
    readonly attempt: (upstream: Upstream, who: Recognised, isRepeat: boolean) => Promise<AttemptFailure | undefined>
  },
): Promise<Page | undefined> => {
  const { hostname, accepted, visitor, automaton, close, recognise, enter, attempt } = options
  /** A page can ask for it again. */
  const isRead = accepted.method === 'GET' || accepted.method === 'HEAD'
  const canReload = options.isBrowser && isRead
  let who: Recognised = { client: unknownClient }
  let isAdmitted = false
  let offer: string | undefined

  /** The page of a site that pauses: it keeps nothing of what was sent, and a pause may outlast the hold. */
  const whilePaused = (page: Page): Page => {
    if (!isRead) return { ...page, detail: `${page.detail} ${notReceived}` }
    return canReload ? { ...page, isFollowed: true } : page
  }

  const giveUp = ({ terms }: Upstream, failure: AttemptFailure): Page => {
    if (!isOfVisitor(failure)) {
      log.warn({ siteId: terms.siteId, code: codeOf(failure.error) }, 'router: a site did not answer')
    }
    return pageForFailure(failure, terms, accepted.method)
  }

  const admit = async (terms: SiteTerms): Promise<Page | undefined> => {
    const recognised = recognise(terms.siteId)
    who = recognised instanceof Promise ? await recognised : recognised
    isAdmitted = true
    if (who.until !== undefined) endAt(who.until, visitor)
    return visitor.destroyed
      ? undefined
      : admitRequest(terms, { accepted, visitor, close, client: who.client, isDiskShort: isDiskShort(terms.siteId) })
  }

  /** Undefined where the visitor has gone. */
  const find = async (how?: { readonly fresh: true }): Promise<Upstream | Page | undefined> => {
    const found = await findUpstream(hostname, how)
    if (visitor.destroyed) return undefined
    if ('page' in found) return found.page
    offer = siteOf(found).terms.offer
    if ('asleep' in found && automaton !== undefined) return asleepPages[automaton]
    const { terms, purpose } = siteOf(found)
    const refusal = isAdmitted ? undefined : await admit(terms)
    if (refusal !== undefined || visitor.destroyed) return refusal
    if (enter === undefined || purpose !== undefined) return settle(found)
    await enter(terms, who)
    return undefined
  }

  const settle = async (
    found: Exclude<Found, { readonly page: Page }>,
    wasHeld = false,
  ): Promise<Upstream | Page | undefined> => {
    const { gate } = siteOf(found).terms
    if (gate !== undefined && who.viewer === undefined) return gatePages[gate]
    if ('asleep' in found) return wake(found.asleep)
    if ('paused' in found) {
      const page = whilePaused(found.paused.page)
      return found.paused.isHeld ? wait(() => page) : page
    }
    waking?.noteAwake(found.upstream.terms.siteId, wasHeld)
    return found.upstream
  }

  const wake = async ({ terms: { siteId }, isWaking, isDormant }: Asleep): Promise<Upstream | Page | undefined> => {
    if (waking === undefined) return notWokenPage
    if (!isWaking) {
      const path = canReload ? accepted.path : undefined
      const refusal = await wakeSite(waking, siteId, { client: who.client, path })
      if (refusal !== undefined || visitor.destroyed) return refusal
    }
    waking.noteWaking(siteId, isDormant)
    const page = () => pageOfWake(waking, siteId, { isRead, reloads: canReload })
    // A browser shows progress, instead of nothing for as long as it is held.
    if (canReload && waking.takesLongerThan(siteId, longestHoldMilliseconds)) return page()
    return wait(page)
  }

  const wait = async (page: () => Page): Promise<Upstream | Page | undefined> => {
    const outcome = await pausedSites.wait(hostname, visitor, who.client)
    if (outcome === 'gone') return undefined
    if (outcome !== 'over') return page()
    const found = await findUpstream(hostname)
    if (visitor.destroyed) return undefined
    if ('upstream' in found) return settle(found, true)
    if ('asleep' in found) {
      waking?.noteFailed(found.asleep.terms.siteId)
      return notWokenPage
    }
    return 'page' in found ? found.page : whilePaused(found.paused.page)
  }

  /** A page has the brand of the site's offer. */
  const shown = (page: Page | undefined): Page | undefined =>
    page === undefined || offer === undefined ? page : { ...page, offer }

  const first = await find()
  if (first === undefined || isPage(first)) return shown(first)
  const failure = await attempt(first, who, false)
  if (failure === undefined) return undefined
  if (!isRepeatable(failure, accepted.method)) return shown(giveUp(first, failure))

  const second = await find({ fresh: true })
  if (second === undefined || isPage(second)) return shown(second)
  if (isSameEndpoint(first.endpoint, second.endpoint) && !isBrokenConnection(failure))
    return shown(giveUp(first, failure))
  const again = await attempt(second, who, true)
  return again === undefined ? undefined : shown(giveUp(second, again))
}

const isPage = (found: Upstream | Page): found is Page => 'problem' in found
