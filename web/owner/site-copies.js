// @ts-check
import { call } from './api.js'
import { button, make } from './dom.js'
import { copyText } from './say-copy.js'
import { sayInstant } from './say-instant.js'
import { isLive } from './site-words.js'

/** @typedef {import('./site-words.js').Site} Site */
/** @typedef {import('./say-copy.js').Copy} Copy */

/** @param {Site} site */
const hasCopies = ({ status }) => ['active', 'asleep', 'suspended', 'archived'].includes(status)

/**
 * The copies of a site's data: the list with downloads, and a button for a new one.
 * @param {string} siteId
 * @param {{take: () => void, report: (error: unknown) => void}} actions
 */
export const createCopies = (siteId, { take, report }) => {
  const path = `/v1/sites/${encodeURIComponent(siteId)}/archives`
  const takeNow = button('Copy data now', take, { class: 'quiet' })
  const explained = make('p', 'Your site pauses for a moment during the copy. Visitors wait; no data is lost.', {
    class: 'hint',
  })
  const list = make('ul', '')
  const none = make('p', 'There are no copies yet.')
  none.hidden = true
  const copies = document.createElement('details')
  copies.append(make('summary', 'Data copies'), takeNow, explained, list, none)
  /** @type {string[]} */
  let shown = []

  /** @param {Copy} copy */
  const download = async ({ id }) => {
    try {
      const { url } = await call('GET', `${path}/${encodeURIComponent(id)}/download`)
      // An attachment: the page stays.
      location.assign(url)
    } catch (error) {
      report(error)
    }
  }

  /** @param {Copy} copy */
  const listItem = (copy) => {
    const item = make('li', '')
    const [when = '', what = ''] = copyText(copy)
    const text = make('p', '')
    text.append(make('strong', when), make('span', what))
    const get = button('Download', () => download(copy), { class: 'plain' })
    get.setAttribute('aria-label', `Download the copy of ${sayInstant(copy.at)}`)
    item.append(text, get)
    return item
  }

  /** @returns {Promise<boolean>} whether there is one that was not there before */
  const refresh = async () => {
    const answer = await call('GET', path)
    /** @type {Copy[]} */
    const archives = answer.archives
    const before = new Set(shown)
    shown = archives.map(({ id }) => id)
    list.replaceChildren(...archives.map(listItem))
    none.hidden = archives.length > 0
    return shown.some((id) => !before.has(id))
  }

  copies.addEventListener('toggle', () => {
    if (copies.open) refresh().catch(report)
  })

  return {
    element: copies,
    refresh,
    /** @param {Site} site */
    update: (site) => {
      copies.toggleAttribute('hidden', !hasCopies(site))
      const mayTake = isLive(site) && site.operation === null
      takeNow.toggleAttribute('hidden', !mayTake)
      explained.toggleAttribute('hidden', !mayTake)
    },
  }
}
