import { setTimeout as pause } from 'node:timers/promises'
import { keepLast } from '../adapters/keep-last.ts'
import type { Blueprint } from '../core/blueprint/blueprint.ts'
import { type Entitlement, entitlementOf } from '../core/entitlement/entitlement.ts'
import { derivedHostname, originalHostname, type Purpose, purposeAt } from '../core/hostname/derived-name.ts'
import type { SiteId } from '../core/ids.ts'
import type { Instant } from '../core/instant.ts'
import type { Limits, Plan, PlanCatalogue } from '../core/plan/plan.ts'
import { createUnlocks } from '../core/plan/plan-catalogue.ts'
import type { Log } from '../core/ports/context.ts'
import type { EntitlementSigner } from '../core/ports/tokens.ts'
import { gateOf } from '../core/site/hand-over.ts'
import { isPlanChange } from '../core/site/operation.ts'
import { type ActiveSite, type Endpoint, isLive, type LiveSite, ownershipOf, type Site } from '../core/site/site.ts'
import { isPaused } from '../core/site/site-facts.ts'
import type { TrialPolicies } from '../core/site/trial-policy.ts'
import type { Offers } from '../lambdas/offers/offers.ts'
import { isDormant } from '../lambdas/sleep/sleep-policy.ts'
import type { Page } from './page.ts'
import { diskAwayPage, pageFor, pausedPages, restartingPage, unavailablePage } from './router-pages.ts'
import type { AdmittedTraffic, TrafficOfSites } from './site-traffic.ts'
import type { AnswerBounds } from './upstream/site-connection.ts'

/** Why requests to a site are held; undefined if it does not come back by itself soon. */
export const heldFor = (site: Site | undefined): 'copy' | 'size' | 'upgrade' | 'sleep' | undefined => {
  if (site?.status === 'asleep') return 'sleep'
  if (site?.status !== 'active' || site.endpoint !== undefined) return undefined
  if (site.operation?.kind === 'copy') return isPaused(site) ? 'copy' : undefined
  // A self-healing platform may end the old task before the new one answers.
  if (site.operation?.kind !== 'upgrade') return undefined
  return isPlanChange(site.operation) ? 'size' : 'upgrade'
}

const millisecondsRemembered = 1000

/** How long known answers are used while the store does not answer: nothing can change in it meanwhile. */
const millisecondsOutlasted = 60_000

type Lookup = (hostname: string) => Promise<Site | undefined>

/**
 * Also finds sites by the names derived from their platform hostname. A stored hostname goes first: older slugs may contain
 * `--`. Custom domains have no derived names.
 */
const findByAnyName =
  (lookup: Lookup): Lookup =>
  async (hostname) => {
    const original = originalHostname(hostname)
    const stored = await lookup(hostname)
    if (stored !== undefined || original === undefined) return stored
    const site = await lookup(original)
    return site !== undefined && ownershipOf(site)?.hostname === original ? site : undefined
  }

interface Remembered {
  readonly site: ActiveSite
  readonly askedAt: number
  /** Counts questions: two may have been asked within one tick of the clock. */
  readonly question: number
}

/** The router's view of hostnames. */
export interface SiteDirectory {
  /** At most a second old. Misses are looked up again each time. @param fresh skips the cache. */
  readonly find: (hostname: string, options?: { fresh?: boolean }) => Promise<Site | undefined>
}

export interface CachedDirectory extends SiteDirectory {
  /** Call it after every change of a site in this process: later questions are looked up again. */
  readonly forget: (siteId: SiteId) => void
}

/** How long a lookup may take where something is known. */
const patienceMilliseconds = 500

/**
 * Remembers active sites for a second. Looks up everything else for every question, so that a site answers as soon as it has
 * been claimed. Questions at the same moment share a lookup. Where a lookup fails or is slow, an active site stays known for a
 * minute: its visitors need not notice that the store is away.
 * @param options.now milliseconds of a clock that never goes back.
 * @param options.capacity how many sites are remembered.
 */
export const createCachedDirectory = (options: {
  readonly lookup: Lookup
  readonly now: () => number
  readonly capacity?: number
}): CachedDirectory => {
  const { now, capacity = 10_000 } = options
  const lookup = findByAnyName(options.lookup)
  const remembered = new Map<string, Remembered>()
  const underway = new Map<string, { readonly answer: Promise<Site | undefined>; readonly askedAt: number }>()

  let questions = 0
  /** Answers to this question and those before it may be of before a change. */
  let outdated = 0

  const remember = (hostname: string, site: Site | undefined, askedAt: number, question: number): void => {
    // A slow answer to an older question does not replace a newer one.
    if (question <= outdated || (remembered.get(hostname)?.question ?? 0) > question) return
    if (site?.status !== 'active' || site.endpoint === undefined) remembered.delete(hostname)
    else keepLast(remembered, hostname, { site, askedAt, question }, capacity)
  }

  const ask = (hostname: string): Promise<Site | undefined> => {
    const askedAt = now()
    questions += 1
    const question = questions
    const answer = lookup(hostname)
      .then((site) => {
        remember(hostname, site, askedAt, question)
        return site
      })
      .finally(() => {
        if (underway.get(hostname)?.answer === answer) underway.delete(hostname)
      })
    underway.set(hostname, { answer, askedAt })
    return answer
  }

  const share = async (hostname: string, earlier: Promise<Site | undefined>): Promise<Site | undefined> => {
    const site = await earlier
    if (site?.status === 'active') return site
    // That lookup began before this question, and the site may have been claimed since. The next lookup serves everybody.
    return underway.get(hostname)?.answer ?? ask(hostname)
  }

  /** @param since when it was asked: who comes later waits only for the rest. */
  const outlast = async (answer: Promise<Site | undefined>, since: number, { site, askedAt }: Remembered) => {
    if (now() - askedAt >= millisecondsOutlasted) return answer
    const ended = new AbortController()
    const tooLong = pause(Math.max(0, since + patienceMilliseconds - now()), site, { signal: ended.signal }).catch(
      () => site,
    )
    // Handled here also where it fails after its time.
    const answered = answer.catch(() => site)
    return Promise.race([answered, tooLong]).finally(() => ended.abort())
  }

  return {
    forget: (siteId) => {
      outdated = questions
      // Later questions must not share earlier lookups.
      underway.clear()
      for (const [hostname, { site }] of remembered) if (site.id === siteId) remembered.delete(hostname)
    },
    find: async (hostname, { fresh = false } = {}) => {
      if (fresh) return ask(hostname)
      const known = remembered.get(hostname)
      if (known !== undefined && now() - known.askedAt < millisecondsRemembered) return known.site
      const earlier = underway.get(hostname)
      const answer = earlier === undefined ? ask(hostname) : share(hostname, earlier.answer)
      return known === undefined ? answer : outlast(answer, earlier?.askedAt ?? now(), known)
    },
  }
}

/** The limits of a site and its visitors. */
export interface SiteTerms {
  readonly siteId: ActiveSite['id']
  readonly site: LiveSite
  /** The offer by which its owner got it; undefined for the installation's own. */
  readonly offer: string | undefined
  readonly blueprint: ActiveSite['blueprint']
  readonly bounds: AnswerBounds
  readonly limits: Limits
  readonly traffic: AdmittedTraffic
  /** Whether nothing may be added to what it stores. */
  readonly isFull: boolean
  /** Only of a trial. */
  readonly trialEndsAt: Instant | undefined
  /** Why strangers are turned away, if they are. */
  readonly gate: ReturnType<typeof gateOf>
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

/** A site that has no address for a moment, and the page for visitors who are not held, or cannot be held so long. */
interface Paused {
  /** Whether requests are held until it is back: it is known why it pauses. */
  readonly isHeld: boolean
  readonly purpose: Purpose | undefined
  readonly terms: SiteTerms
  readonly page: Page
}

/** A site that a visitor wakes. */
export interface Asleep {
  readonly purpose: Purpose | undefined
  readonly terms: SiteTerms
  /** Somebody has woken it already. */
  readonly isWaking: boolean
  /** Whether its wake takes as long as a build. */
  readonly isDormant: boolean
}

export type Found =
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

export const defaultFieldsKiB = 16

export const createFindUpstream = (dependencies: {
  readonly directory: SiteDirectory
  readonly signer: EntitlementSigner
  readonly plans: PlanCatalogue
  readonly policies: TrialPolicies
  readonly consoleUrl: string
  readonly offers: Pick<Offers, 'find'>
  readonly siteUrl: (hostname: string) => string
  readonly trafficOfSites: TrafficOfSites
  /** Never rejects. */
  readonly blueprintOf: (reference: ActiveSite['blueprint']) => Promise<Blueprint | undefined>
  /** Where the blueprint does not set it. */
  readonly responseHeaderMilliseconds: number
  readonly isDiskAway?: ((siteId: ActiveSite['id']) => boolean) | undefined
  readonly log: Log
}): FindUpstream => {
  const { directory, signer, plans, policies, offers, siteUrl, trafficOfSites, blueprintOf, log } = dependencies
  const isAway = (site: Site): boolean => isLive(site) && dependencies.isDiskAway?.(site.id) === true
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

  const boundsOf = async (reference: ActiveSite['blueprint']): Promise<AnswerBounds> => {
    const { answerSeconds, fieldsKiB = defaultFieldsKiB } = (await blueprintOf(reference))?.traffic ?? {}
    const silentMilliseconds =
      answerSeconds === undefined ? dependencies.responseHeaderMilliseconds : answerSeconds * 1000
    return { silentMilliseconds, fieldsBytes: fieldsKiB * 1024 }
  }

  const termsOfSite = async (site: LiveSite, plan: Plan): Promise<SiteTerms> => ({
    siteId: site.id,
    site,
    offer: site.ownership.offer,
    blueprint: site.blueprint,
    bounds: await boundsOf(site.blueprint),
    limits: plan.limits,
    traffic: trafficOfSites.of(site.id),
    isFull: site.storage === 'full',
    trialEndsAt: plan.kind === 'trial' ? site.trialEndsAt : undefined,
    gate: gateOf(site),
  })

  const agree = async (site: ActiveSite): Promise<Agreed> => {
    const plan = plans.find(site.plan)
    const terms = await termsOfSite(site, plan)
    const { consoleUrl = dependencies.consoleUrl } = offers.find(site.ownership.offer).brand
    const known = { unlocks: unlocksFor(plan), policies, consoleUrl, origins: await originsOf(site) }
    return { entitlement: entitlementOf(site, plan, known), terms }
  }

  /** Requests that come together share one agreement, which is signed once. */
  const agreeOnce = (site: ActiveSite): Promise<Agreed> => {
    const agreement = agreements.get(site) ?? agree(site)
    agreements.set(site, agreement)
    return agreement
  }

  const withoutAddress = (site: ActiveSite, purpose: Purpose | undefined, terms: SiteTerms): Found => {
    const reason = heldFor(site)
    const isHeld = reason !== undefined && reason !== 'sleep'
    return { paused: { isHeld, purpose, terms, page: isHeld ? pausedPages[reason] : restartingPage } }
  }

  return async (hostname, options = {}) => {
    try {
      const site = await directory.find(hostname, options)
      // Nothing wakes it, and nothing of it answers, until the disk is back.
      if (site !== undefined && isAway(site)) return { page: { ...diskAwayPage, offer: ownershipOf(site)?.offer } }
      if (site?.status === 'asleep') {
        const isWaking = site.operation?.kind === 'wake'
        const purpose = purposeAt(hostname, site.ownership.hostname)
        const terms = await termsOfSite(site, plans.find(site.plan))
        return { asleep: { purpose, terms, isWaking, isDormant: isDormant(site) } }
      }
      if (site?.status !== 'active') return { page: { ...pageFor(site), offer: site && ownershipOf(site)?.offer } }
      const { entitlement, terms } = await agreeOnce(site)
      const { endpoint } = site
      const purpose = purposeAt(hostname, site.ownership.hostname)
      if (endpoint === undefined) return withoutAddress(site, purpose, terms)
      return { upstream: { hostname, purpose, terms, endpoint, entitlement: await signer.sign(site.id, entitlement) } }
    } catch (error) {
      log.error({ event: 'site-not-looked-up', err: error, hostname }, 'router: a site could not be looked up')
      return { page: unavailablePage }
    }
  }
}

export const siteOf = (found: Exclude<Found, { readonly page: Page }>): Upstream | Asleep | Paused => {
  if ('upstream' in found) return found.upstream
  return 'asleep' in found ? found.asleep : found.paused
}
