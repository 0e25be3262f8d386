import type { Entitlement } from '../core/entitlement/entitlement.ts'
import { entitlementOf } from '../core/entitlement/entitlement.ts'
import type { Purpose } from '../core/hostname/derived-name.ts'
import { derivedHostname, purposeAt } from '../core/hostname/derived-name.ts'
import type { Instant } from '../core/instant.ts'
import type { Limits, Plan, PlanCatalogue } from '../core/plan/plan.ts'
import { createUnlocks } from '../core/plan/plan-catalogue.ts'
import type { Log } from '../core/ports/context.ts'
import type { SiteDirectory } from '../core/ports/site-lists.ts'
import type { EntitlementSigner } from '../core/ports/tokens.ts'
import { isSameEndpoint } from '../core/site/location.ts'
import type { ActiveSite, Endpoint, LiveSite } from '../core/site/site.ts'
import { heldFor } from '../core/site/site-facts.ts'
import type { TrialPolicies } from '../core/site/trial-policies.ts'
import type { Automaton } from '../core/sleep/sleep-policy.ts'
import type { AcceptedRequest } from './accept-request.ts'
import type { AttemptFailure } from './attempt-failure.ts'
import { codeOf, isBrokenConnection, isOfVisitor, isRepeatable, pageForFailure } from './attempt-failure.ts'
import { unknownClient } from './client-usage.ts'
import type { Page } from './page.ts'
import type { PausedSites, Visitor } from './paused-sites.ts'
import type { Recognised } from './recognise-visitor.ts'
import {
  asleepPages,
  diskShortPage,
  exhaustedPage,
  notWokenPage,
  pageFor,
  pausedPages,
  restartingPage,
  storageFullPage,
  unavailablePage,
  uploadTooLargePage,
} from './router-pages.ts'
import type { AdmittedTraffic, TrafficOfSites } from './site-traffic.ts'
import type { SiteWaking } from './site-waking.ts'
import { pageOfWake, wakeSite } from './site-waking.ts'

/** The limits of a site and its visitors. */
export interface SiteTerms {
  readonly siteId: ActiveSite['id']
  readonly blueprint: ActiveSite['blueprint']
  readonly limits: Limits
  readonly traffic: AdmittedTraffic
  /** Whether nothing may be added to what it stores. */
  readonly isFull: boolean
  /** Only of a trial. */
  readonly trialEndsAt: Instant | undefined
}

/** A site that can be asked. */
export interface Upstream {
  readonly hostname: string
  /** Undefined at the site's usual hostnames. */
  readonly purpose: Purpose | undefined
  readonly terms: SiteTerms
  readonly endpoint: Endpoint
  /** Signed. */
  readonly entitlement: string
}

/** A site that pauses for a moment, and the page for visitors who cannot be held so long. */
interface Paused {
  readonly purpose: Purpose | undefined
  readonly terms: SiteTerms
  readonly page: Page
}

/** A site that a visitor wakes. */
interface Asleep {
  readonly purpose: Purpose | undefined
  readonly terms: SiteTerms
  /** Somebody has woken it already. */
  readonly isWaking: boolean
}

type Found =
  | { readonly upstream: Upstream }
  | { readonly paused: Paused }
  | { readonly asleep: Asleep }
  | { readonly page: Page }

/** Never rejects: what goes wrong here is logged, and a page says so to the visitor. */
export type FindUpstream = (hostname: string, options?: { readonly fresh?: boolean }) => Promise<Found>

interface Agreed {
  readonly entitlement: Entitlement
  readonly terms: SiteTerms
}

export const createFindUpstream = (dependencies: {
  readonly directory: SiteDirectory
  readonly signer: EntitlementSigner
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly consoleUrl: string
  readonly siteUrl: (hostname: string) => string
  readonly trafficOfSites: TrafficOfSites
  readonly log: Log
}): FindUpstream => {
  const { directory, signer, plans, policies, consoleUrl, siteUrl, trafficOfSites, log } = dependencies
  const unlocksFor = createUnlocks(plans)
  // The directory gives the same object for a second, and the signer knows an entitlement it has seen by its identity.
  const agreements = new WeakMap<ActiveSite, Promise<Agreed>>()

  /** Sites that have their derived hostname. It stays theirs: no new slug may contain `--`. */
  const undisputed = new Set<ActiveSite['id']>()

  /** An older site may have the hostname that is derived for this one: then nothing may be sent there. */
  const originsOf = async ({ id, ownership }: ActiveSite): Promise<Entitlement['facts']['origins']> => {
    const hostname = derivedHostname(ownership.hostname, 'content')
    if (!undisputed.has(id)) {
      const holder = await directory.find(hostname).catch(() => undefined)
      if (holder?.id !== id) return {}
      undisputed.add(id)
    }
    return { content: siteUrl(hostname) }
  }

  const termsOfSite = (site: LiveSite, plan: Plan): SiteTerms => ({
    siteId: site.id,
    blueprint: site.blueprint,
    limits: plan.limits,
    traffic: trafficOfSites.of(site.id),
    isFull: site.storage === 'full',
    trialEndsAt: plan.kind === 'trial' ? site.trialEndsAt : undefined,
  })

  const agree = async (site: ActiveSite): Promise<Agreed> => {
    const plan = plans.find(site.plan)
    const terms = termsOfSite(site, plan)
    const known = { unlocks: unlocksFor(plan), policies, consoleUrl, origins: await originsOf(site) }
    return { entitlement: entitlementOf(site, plan, known), terms }
  }

  /** Requests that come together share one agreement, which is signed once. */
  const agreeOnce = (site: ActiveSite): Promise<Agreed> => {
    const agreement = agreements.get(site) ?? agree(site)
    agreements.set(site, agreement)
    return agreement
  }

  return async (hostname, options = {}) => {
    try {
      const site = await directory.find(hostname, options)
      if (site?.status === 'asleep') {
        const isWaking = site.operation?.kind === 'wake'
        const purpose = purposeAt(hostname, site.ownership.hostname)
        return { asleep: { purpose, terms: termsOfSite(site, plans.find(site.plan)), isWaking } }
      }
      if (site?.status !== 'active') return { page: pageFor(site) }
      const { entitlement, terms } = await agreeOnce(site)
      const { endpoint } = site
      const purpose = purposeAt(hostname, site.ownership.hostname)
      if (endpoint === undefined) {
        const reason = heldFor(site)
        if (reason === undefined || reason === 'sleep') return { page: restartingPage }
        return { paused: { purpose, terms, page: pausedPages[reason] } }
      }
      return { upstream: { hostname, purpose, terms, endpoint, entitlement: await signer.sign(site.id, entitlement) } }
    } catch (error) {
      log.error({ err: error, hostname }, 'router: a site could not be looked up')
      return { page: unavailablePage }
    }
  }
}

export interface Reaching {
  readonly findUpstream: FindUpstream
  readonly pausedSites: PausedSites
  /** Undefined where nothing can wake a site. */
  readonly waking: SiteWaking | undefined
  readonly longestHoldMilliseconds: number
  readonly isDiskShort?: () => boolean
  readonly log: Log
}

/**
 * Finds the site of a hostname, recognises the visitor, holds both to the plan, wakes the site if it sleeps, waits where it is
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
    readonly visitor: Visitor
    /** A crawler or monitor wakes no site. */
    readonly automaton: Automaton | undefined
    /** Whether it reads pages. */
    readonly isBrowser: boolean
    /** Closes the visitor's connection, if it can last and be opened again. */
    readonly close?: () => void
    readonly recognise: (siteId: ActiveSite['id']) => Recognised | Promise<Recognised>
    /** Answers a request that the site itself does not get, such as an entrance, without a wait for the site. */
    readonly enter?: (siteId: ActiveSite['id']) => Promise<void>
    readonly attempt: (upstream: Upstream, who: Recognised) => Promise<AttemptFailure | undefined>
  },
): Promise<Page | undefined> => {
  const { hostname, accepted, visitor, automaton, close, recognise, enter, attempt } = options
  /** A page can ask for it again. */
  const isRead = accepted.method === 'GET' || accepted.method === 'HEAD'
  const canReload = options.isBrowser && isRead
  let who: Recognised = { client: unknownClient }
  let isAdmitted = false

  const giveUp = ({ terms }: Upstream, failure: AttemptFailure): Page => {
    if (!isOfVisitor(failure)) {
      log.warn({ siteId: terms.siteId, code: codeOf(failure.error) }, 'router: a site did not answer')
    }
    return pageForFailure(failure, terms.limits)
  }

  const admit = async (terms: SiteTerms): Promise<Page | undefined> => {
    const recognised = recognise(terms.siteId)
    who = recognised instanceof Promise ? await recognised : recognised
    isAdmitted = true
    return visitor.destroyed
      ? undefined
      : admitRequest(terms, { accepted, visitor, close, client: who.client, isDiskShort: isDiskShort() })
  }

  /** Undefined where the visitor has gone. */
  const find = async (how?: { readonly fresh: true }): Promise<Upstream | Page | undefined> => {
    const found = await findUpstream(hostname, how)
    if (visitor.destroyed) return undefined
    if ('page' in found) return found.page
    if ('asleep' in found && automaton !== undefined) return asleepPages[automaton]
    const { terms, purpose } = siteOf(found)
    const refusal = isAdmitted ? undefined : await admit(terms)
    if (refusal !== undefined || visitor.destroyed) return refusal
    if (enter === undefined || purpose !== undefined) return settle(found)
    await enter(terms.siteId)
    return undefined
  }

  const settle = async (
    found: Exclude<Found, { readonly page: Page }>,
    wasHeld = false,
  ): Promise<Upstream | Page | undefined> => {
    if ('asleep' in found) return wake(found.asleep)
    if ('paused' in found) return wait(() => found.paused.page)
    waking?.noteAwake(found.upstream.terms.siteId, wasHeld)
    return found.upstream
  }

  const wake = async ({ terms: { siteId }, isWaking }: Asleep): Promise<Upstream | Page | undefined> => {
    if (waking === undefined) return notWokenPage
    if (isWaking) waking.noteWaking(siteId)
    else {
      const path = canReload ? accepted.path : undefined
      const refusal = await wakeSite(waking, siteId, { client: who.client, path })
      if (refusal !== undefined || visitor.destroyed) return refusal
    }
    const page = () => pageOfWake(waking, siteId, { isRead, reloads: canReload })
    // A browser shows progress, instead of nothing for as long as it is held.
    if (canReload && waking.takesLongerThan(longestHoldMilliseconds)) return page()
    return wait(page)
  }

  const wait = async (page: () => Page): Promise<Upstream | Page | undefined> => {
    const outcome = await pausedSites.wait(hostname, visitor, who.client)
    if (outcome === 'gone') return undefined
    if (outcome !== 'over') return page()
    const found = await findUpstream(hostname)
    if (visitor.destroyed) return undefined
    if ('upstream' in found) return settle(found, true)
    if ('asleep' in found) return notWokenPage
    return 'page' in found ? found.page : found.paused.page
  }

  const first = await find()
  if (first === undefined || isPage(first)) return first
  const failure = await attempt(first, who)
  if (failure === undefined) return undefined
  if (!isRepeatable(failure, accepted.method)) return giveUp(first, failure)

  const second = await find({ fresh: true })
  if (second === undefined || isPage(second)) return second
  if (isSameEndpoint(first.endpoint, second.endpoint) && !isBrokenConnection(failure)) return giveUp(first, failure)
  const again = await attempt(second, who)
  return again === undefined ? undefined : giveUp(second, again)
}

const siteOf = (found: Exclude<Found, { readonly page: Page }>): Upstream | Asleep | Paused => {
  if ('upstream' in found) return found.upstream
  return 'asleep' in found ? found.asleep : found.paused
}

const isPage = (found: Upstream | Page): found is Page => 'problem' in found

const mebibyte = 1_048_576

/** How many bytes the body of one request may have. */
export const uploadBytes = ({ limits }: SiteTerms): number => limits.uploadMiB * mebibyte

/** Those that put something where there was nothing. Deleting is what a full site needs. */
const storing: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH', 'COPY', 'MKCOL', 'MKCALENDAR', 'PROPPATCH'])

/**
 * Holds a site to its plan. An admitted visitor counts as one of its connections until answered. @returns the page of a
 * refusal.
 */
export const admitRequest = async (
  terms: SiteTerms,
  {
    accepted: { method, bodyBytes },
    visitor,
    close,
    client,
    isDiskShort = false,
  }: {
    readonly accepted: AcceptedRequest
    readonly visitor: Visitor
    readonly close?: (() => void) | undefined
    readonly client: string
    readonly isDiskShort?: boolean
  },
): Promise<Page | undefined> => {
  const entering = terms.traffic.enter(terms.limits, client, close)
  const exhausted = entering instanceof Promise ? await entering : entering
  if (exhausted !== undefined) return exhaustedPage(exhausted)
  if (visitor.destroyed) return void terms.traffic.leave(client, close)
  visitor.once('close', () => terms.traffic.leave(client, close))
  if (terms.isFull && storing.has(method)) return storageFullPage
  if (isDiskShort && storing.has(method)) return diskShortPage
  return (bodyBytes ?? 0) > uploadBytes(terms) ? uploadTooLargePage(terms.limits) : undefined
}
