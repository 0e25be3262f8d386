// @ts-check
import { ApiError, call } from './api.js'
import { deleteDialog } from './delete-dialog.js'
import { button, element, showSection } from './dom.js'
import { createSiteCard } from './site-card.js'

/** @typedef {import('./site-words.js').Site} Site */
/** @typedef {{sites: Site[], cursor?: string}} SitePage without a cursor there are no more */
/** @typedef {ReturnType<typeof createSiteCard>} Card */

/** In milliseconds. */
const lookEvery = 2000

/** @param {Card[]} cards */
const sayWords = (cards) => {
  for (const card of cards) card.sayWords()
}

/** The list of an owner's sites. */
export const siteList = () => {
  const dialog = deleteDialog()
  const status = element('sites-status')

  /** @param {Card[]} cards @param {AbortSignal} signal */
  const lookAt = async (cards, signal) => {
    try {
      await Promise.all(cards.map(({ look }) => look(signal)))
      status.textContent = ''
    } catch (error) {
      if (signal.aborted || !(error instanceof ApiError && error.mayPass)) throw error
      status.textContent = 'Sitewright does not answer. Retrying.'
    }
  }

  /** @param {Card[]} cards @param {AbortSignal} signal */
  const lookWhileShown = async (cards, signal) => {
    let isOutOfDate = false
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, lookEvery))
      if (signal.aborted) return
      if (document.hidden) {
        isOutOfDate = true
        continue
      }
      sayWords(cards)
      const changing = isOutOfDate ? cards : cards.filter((card) => card.isUnderWay())
      if (changing.length > 0) await lookAt(changing, signal)
      isOutOfDate = status.textContent !== ''
    }
  }

  /** @param {SitePage} page @param {AbortSignal} signal @param {string} [boughtId] */
  const show = async (page, signal, boughtId) => {
    /** @type {Card[]} */
    const cards = []

    /** @param {SitePage} page @returns {Card | undefined} the first of those that are new */
    const add = ({ sites, cursor }) => {
      const added = sites.map((site) => createSiteCard(site, dialog))
      cards.push(...added)
      element('site-list').append(...added.map((card) => card.element))
      const more = cursor === undefined ? [] : [button('Show more', () => addNext(cursor), { class: 'quiet' })]
      element('more-sites').replaceChildren(...more)
      // After a failed build the account can use its trial again.
      element('another').toggleAttribute('hidden', cursor !== undefined || !cards.every((card) => card.hasFailed()))
      return added[0]
    }

    /** @param {string} cursor */
    const addNext = async (cursor) => {
      const problem = element('page-problem')
      problem.textContent = ''
      try {
        const next = await call('GET', `/v1/sites?cursor=${encodeURIComponent(cursor)}`, { signal })
        // The pressed button is gone: focus the first new site.
        if (!signal.aborted) add(next)?.focus()
      } catch (error) {
        if (!signal.aborted) problem.textContent = error instanceof Error ? error.message : String(error)
      }
    }

    element('site-list').replaceChildren()
    status.textContent = ''
    add(page)
    cards.find(({ siteId }) => siteId === boughtId)?.awaitPayment()
    showSection('sites')
    signal.addEventListener('abort', dialog.close)
    await lookWhileShown(cards, signal)
  }

  return {
    /**
     * Shows the sites and reloads those with an operation until another page is shown. A hidden page makes no requests;
     * when it becomes visible, it reloads all sites.
     * @param {SitePage} page the first one of the list @param {AbortSignal} signal
     * @param {string} [boughtId] the site that was just paid for
     */
    follow: show,
  }
}
