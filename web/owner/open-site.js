// @ts-check
import { call } from './api.js'
import { make } from './dom.js'

/** @typedef {import('./site-words.js').Site} Site */

/** @param {MouseEvent} event */
const isPlainClick = ({ button, altKey, ctrlKey, metaKey, shiftKey }) =>
  button === 0 && !altKey && !ctrlKey && !metaKey && !shiftKey

/**
 * Lets a click open the site as its owner. Without an entrance, and in another tab, the site opens as for everybody.
 * @param {HTMLElement} link @param {() => string} siteId
 */
const openAsOwner = (link, siteId) => {
  let isUnderWay = false
  link.addEventListener('click', async (event) => {
    if (!isPlainClick(event)) return
    event.preventDefault()
    if (isUnderWay) return
    isUnderWay = true
    const plain = link.getAttribute('href') ?? '#/'
    try {
      const { url } = await call('POST', `/v1/sites/${encodeURIComponent(siteId())}/entrance`)
      location.assign(url)
    } catch {
      location.assign(plain)
    } finally {
      isUnderWay = false
    }
  })
}

/** @param {Pick<Site, 'id' | 'url'>} site */
export const linkToSite = ({ id, url }) => {
  const link = make('a', 'Open my site', { href: url, class: 'button' })
  openAsOwner(link, () => id)
  return link
}
