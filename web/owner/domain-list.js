// @ts-check
import { make } from './dom.js'
import { domainNews } from './say-domain.js'
import { createDomain } from './site-domain.js'

/** @typedef {import('./say-domain.js').Domain} Domain */

/**
 * The URL of a custom domain; null on a machine without a public domain, whose DNS browsers do not ask.
 * @param {string} siteUrl @param {Domain} domain
 */
const addressOf = (siteUrl, { hostname }) => {
  const address = new URL(siteUrl)
  if (address.hostname.endsWith('.localhost')) return null
  address.hostname = hostname
  return address.href
}

/**
 * The domains of a site, by name.
 * @param {string} siteUrl @param {import('./site-domain.js').DomainActs} acts
 */
export const createDomainList = (siteUrl, acts) => {
  const element = make('ul', '')
  /** @type {Map<string, ReturnType<typeof createDomain>>} */
  const shown = new Map()

  /** @param {string} hostname */
  const drop = (hostname) => {
    shown.get(hostname)?.element.remove()
    shown.delete(hostname)
  }

  /** @param {Domain} domain @param {number} place @returns {string} news about it */
  const put = (domain, place) => {
    const known = shown.get(domain.hostname)
    if (known !== undefined) {
      const news = domainNews(known.current(), domain)
      known.update(domain)
      return news
    }
    const made = createDomain(domain, addressOf(siteUrl, domain), acts)
    shown.set(domain.hostname, made)
    element.insertBefore(made.element, element.children[place] ?? null)
    return ''
  }

  /** @param {Domain[]} found all of them @returns {string} news; may be empty */
  const fill = (found) => {
    const domains = found.toSorted((one, other) => (one.hostname < other.hostname ? -1 : 1))
    const names = new Set(domains.map(({ hostname }) => hostname))
    for (const hostname of shown.keys()) if (!names.has(hostname)) drop(hostname)
    return domains
      .map(put)
      .filter((news) => news !== '')
      .join(' ')
  }

  const current = () => [...shown.values()].map((domain) => domain.current())

  return {
    element,
    current,
    fill,
    drop,
    /** @param {Domain} changed one of them, or a new one */
    replace: (changed) => fill([...current().filter(({ hostname }) => hostname !== changed.hostname), changed]),
    /** @param {Domain} domain */
    focus: ({ hostname }) => shown.get(hostname)?.focus(),
    sayWords: () => {
      for (const domain of shown.values()) domain.sayWords()
    },
  }
}
