import { setTimeout as pause } from 'node:timers/promises'
import { keepLast } from '../adapters/keep-last.ts'
import { originalHostname } from '../core/hostname/derived-name.ts'
import type { SiteId } from '../core/ids.ts'
import { type ActiveSite, ownershipOf, type Site } from '../core/site/site.ts'

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

/**
 * Remembers active sites for a second. Looks up everything else for every question, so that a site answers as soon as it has
 * been claimed. Questions at the same moment share a lookup. Where a lookup fails or is slow, an active site stays known for a
 * minute: its visitors need not notice that the store is away.
 * @param options.now milliseconds of a clock that never goes back.
 * @param options.patienceMilliseconds how long a lookup may take where something is known.
 * @param options.capacity how many sites are remembered.
 */
export const createCachedDirectory = (options: {
  readonly lookup: Lookup
  readonly now: () => number
  readonly patienceMilliseconds?: number
  readonly capacity?: number
}): CachedDirectory => {
  const { now, patienceMilliseconds = 500, capacity = 10_000 } = options
  const lookup = findByAnyName(options.lookup)
  const remembered = new Map<string, Remembered>()
  const underway = new Map<string, Promise<Site | undefined>>()

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
        if (underway.get(hostname) === answer) underway.delete(hostname)
      })
    underway.set(hostname, answer)
    return answer
  }

  const share = async (hostname: string, earlier: Promise<Site | undefined>): Promise<Site | undefined> => {
    const site = await earlier
    if (site?.status === 'active') return site
    // That lookup began before this question, and the site may have been claimed since. The next lookup serves everybody.
    return underway.get(hostname) ?? ask(hostname)
  }

  const outlast = async (answer: Promise<Site | undefined>, { site, askedAt }: Remembered) => {
    if (now() - askedAt >= millisecondsOutlasted) return answer
    const ended = new AbortController()
    const tooLong = pause(patienceMilliseconds, site, { signal: ended.signal }).catch(() => site)
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
      const answer = earlier === undefined ? ask(hostname) : share(hostname, earlier)
      return known === undefined ? answer : outlast(answer, known)
    },
  }
}
