// @ts-check
import { ApiError } from './api.js'
import { deleteDialog } from './delete-dialog.js'
import { element, showSection } from './dom.js'
import { createSiteCard } from './site-card.js'

/** @typedef {import('./site-words.js').Site} Site */

/** In milliseconds. */
const lookEvery = 2000

/** The list of an owner's sites. */
export const siteList = () => {
  const dialog = deleteDialog()
  const status = element('sites-status')

  /** @param {ReturnType<typeof createSiteCard>[]} cards @param {AbortSignal} signal */
  const lookAt = async (cards, signal) => {
    try {
      await Promise.all(cards.map(({ look }) => look(signal)))
      status.textContent = ''
    } catch (error) {
      if (signal.aborted || !(error instanceof ApiError && error.mayPass)) throw error
      status.textContent = 'There is no answer just now. Trying again.'
    }
  }

  /** @param {ReturnType<typeof createSiteCard>[]} cards @param {AbortSignal} signal */
  const lookWhileShown = async (cards, signal) => {
    let isOutOfDate = false
    for (;;) {
      await new Promise((resolve) => setTimeout(resolve, lookEvery))
      if (signal.aborted) return
      if (document.hidden) {
        isOutOfDate = true
        continue
      }
      const changing = isOutOfDate ? cards : cards.filter((card) => card.isUnderWay())
      if (changing.length > 0) await lookAt(changing, signal)
      isOutOfDate = status.textContent !== ''
    }
  }

  return {
    /**
     * Shows the sites, and looks again while something goes on with one of them, until another page is shown. A page that
     * nobody sees asks for nothing; once it is seen again it looks at all of them, since time has gone on.
     * @param {Site[]} sites @param {AbortSignal} signal
     */
    follow: async (sites, signal) => {
      const cards = sites.map((site) => createSiteCard(site, dialog))
      element('site-list').replaceChildren(...cards.map((card) => card.element))
      status.textContent = ''
      // A failed build gives the trial back; an account has one.
      element('another').toggleAttribute('hidden', !sites.every((site) => site.status === 'failed'))
      showSection('sites')
      signal.addEventListener('abort', dialog.close)
      await lookWhileShown(cards, signal)
    },
  }
}
