// @ts-check
import { ApiError, call } from './api.js'
import { askForPlans } from './ask-for-plans.js'
import { make } from './dom.js'
import { createDomainForm } from './domain-form.js'
import { createDomainList } from './domain-list.js'
import { lookedText } from './say-domain.js'
import { sayList } from './say-list.js'
import { isLive } from './site-words.js'

/** @typedef {import('./site-words.js').Site} Site */
/** @typedef {import('./say-domain.js').Domain} Domain */

const feature = 'customDomain'

/** In milliseconds: how often the page reloads domains that are not verified. */
const lookEvery = 5000

/** @param {unknown} error @param {number} status */
const isAnswer = (error, status) => error instanceof ApiError && error.status === status

/** @param {Site} site */
const isKept = ({ status }) => ['active', 'asleep', 'suspended', 'archived'].includes(status)

/** Names the plans with custom domains; empty if there are none. */
const sayWhere = async () => {
  const plans = (await askForPlans()).filter(({ kind, features }) => kind !== 'trial' && features.includes(feature))
  const names = plans.map(({ name }) => name)
  return names.length === 0
    ? ''
    : `Custom domains are part of the plan${names.length === 1 ? '' : 's'} ${sayList(names)}.`
}

/**
 * The custom domains of a site, and the form that adds one.
 * @param {Site} first
 * @param {{report: (error: unknown) => void, changed: () => Promise<void>}} card `changed` reloads the site
 */
export const createDomains = (first, { report, changed }) => {
  let site = first
  /** Counts the owner's acts, so that an older answer does not overwrite a newer one. */
  let acts = 0
  let isFilled = false
  /** When the list was last loaded, by the browser's clock. */
  let askedAt = 0
  const path = `/v1/sites/${encodeURIComponent(site.id)}/domains`
  /** @param {Domain} domain */
  const pathOf = ({ hostname }) => `${path}/${encodeURIComponent(hostname)}`

  /** @param {string} method @param {string} at @param {object} [body] */
  const act = async (method, at, body) => {
    acts += 1
    news.textContent = ''
    const answer = await call(method, at, body === undefined ? {} : { body })
    acts += 1
    return answer
  }

  /** @param {Domain} domain */
  const look = async (domain) => {
    try {
      /** @type {Domain} */
      const found = await act('POST', `${pathOf(domain)}/verification`)
      list.replace(found)
      return lookedText(found)
    } catch (error) {
      // The domain is gone, perhaps because of this check.
      if (isAnswer(error, 404)) await refresh().catch(() => undefined)
      throw error
    }
  }

  /** @param {Domain} domain */
  const remove = async (domain) => {
    await act('DELETE', pathOf(domain)).catch((error) => {
      // It is already removed: an answer was lost, or it was released.
      if (!isAnswer(error, 404)) throw error
    })
    list.drop(domain.hostname)
    showParts()
    news.textContent = `${domain.hostname} is removed. You can delete its DNS records.`
    // The pressed button is gone.
    summary.focus()
  }

  /** @param {string} hostname */
  const add = async (hostname) => {
    try {
      /** @type {Domain} */
      const added = await act('POST', path, { hostname })
      list.replace(added)
      list.focus(added)
    } catch (error) {
      if (!isAnswer(error, 402)) throw error
      // The plan has changed: show the plans that have domains.
      report(error)
      await changed()
    }
  }

  const news = make('p', '', { class: 'news', role: 'status' })
  const summary = make('summary', 'Custom domains')
  const list = createDomainList(site.url, { look, remove })
  const form = createDomainForm(site.id, add)
  const domains = document.createElement('details')
  domains.append(summary, list.element, form)
  const elsewhere = make('p', '', { class: 'hint' })
  const part = make('div', '', { class: 'domains' })
  part.append(news, domains, elsewhere)

  const mayAdd = () => site.features.includes(feature)

  const showParts = () => {
    part.toggleAttribute('hidden', !isKept(site))
    domains.toggleAttribute('hidden', !mayAdd() && list.current().length === 0)
    form.toggleAttribute('hidden', !mayAdd())
    elsewhere.toggleAttribute('hidden', mayAdd() || !isLive(site))
  }

  /** @param {AbortSignal} [signal] */
  const refresh = async (signal) => {
    if (!isKept(site)) return
    askedAt = Date.now()
    const asked = acts
    const answer = await call('GET', path, signal === undefined ? {} : { signal })
    if (asked !== acts) return
    const told = list.fill(answer.domains)
    if (told !== '') news.textContent = told
    // Unfold domains that need attention when the page opens.
    if (!isFilled && list.current().some(({ state }) => state !== 'verified')) domains.open = true
    isFilled = true
    showParts()
  }

  domains.addEventListener('toggle', () => {
    if (domains.open) refresh().catch(report)
  })

  return {
    element: part,
    refresh,
    /** Updates texts that change with time. */
    sayWords: list.sayWords,
    /** Whether a domain may have changed since the last load. */
    isDue: () =>
      isKept(site) && Date.now() - askedAt >= lookEvery && list.current().some(({ state }) => state !== 'verified'),
    /** @param {Site} next */
    update: (next) => {
      site = next
      showParts()
      refresh().catch(report)
      if (mayAdd() || !isKept(site)) return
      sayWhere().then((said) => {
        elsewhere.textContent = said
      }, report)
    },
  }
}
