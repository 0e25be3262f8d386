// @ts-check
import { ApiError, call } from './api.js'
import { element, make, showSection } from './dom.js'
import { domainNow } from './domain-clock.js'
import { openAsOwner } from './open-site.js'
import { deadlineTexts, isLive, statusText } from './site-words.js'

/** @typedef {import('./site-words.js').Site & {progress: {percent: number, steps: {name: string, status: string}[]}}} SiteBeingBuilt */

/** @type {Record<string, string>} */
const stepNames = { storage: 'Storage', start: 'Start', ready: 'Health check', open: 'Open to visitors' }
/** @type {Record<string, string>} */
const stepMarks = { pending: 'waiting', running: 'in progress', done: '✓ done', failed: '✗ failed' }
/** @param {SiteBeingBuilt} site */
const describe = (site) => {
  if (site.status === 'building')
    return [
      'Your site is being built',
      'This takes a few seconds. You can close this page: the mail that we sent you has a link to it.',
    ]
  if (isLive(site))
    return ['Your site is ready', `It runs at ${site.url}. ${deadlineTexts(site, domainNow()).join(' ')}`]
  return ['Your site could not be built', statusText(site)]
}

let shownSite = ''
openAsOwner(element('site-open'), () => shownSite)

/** @param {SiteBeingBuilt} site */
const renderSite = (site) => {
  shownSite = site.id
  const [title = '', lead = ''] = describe(site)
  element('site-name-shown').textContent = site.name
  element('site-title').textContent = title
  element('site-lead').textContent = lead
  element('site-progress').setAttribute('value', String(site.progress.percent))
  element('site-progress').toggleAttribute('hidden', site.status !== 'building')
  element('site-steps').toggleAttribute('hidden', isLive(site))
  const steps = site.progress.steps.map(({ name, status }) => {
    const item = make('li', '', { class: status })
    item.append(make('span', stepNames[name] ?? name), make('span', stepMarks[status] ?? status))
    return item
  })
  element('site-steps').replaceChildren(...steps)
  const open = element('site-open')
  open.setAttribute('href', site.url)
  open.toggleAttribute('hidden', !isLive(site))
}

/** @param {SiteBeingBuilt} site */
const announce = (site) => {
  const isBuilding = site.status === 'building'
  element('site-status').textContent = isBuilding ? `${site.progress.percent} %` : ''
  if (isLive(site)) element('site-open').focus()
}

/**
 * Shows the site as it is now.
 * @param {string} id @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether it may change soon
 */
const refresh = async (id, signal) => {
  const site = await call('GET', `/v1/sites/${encodeURIComponent(id)}`, { signal })
  if (signal.aborted) return false
  if (!['building', 'active', 'asleep', 'failed'].includes(site.status)) {
    // The build has ended: the list shows the site's state.
    location.replace('#/')
    return false
  }
  renderSite(site)
  if (element('site').hidden) showSection('site')
  announce(site)
  return site.status === 'building'
}

/**
 * Milliseconds until the next request: at first half a second, later a tenth of the wait so far. More requests would
 * slow down the builds.
 * @param {number} waited
 */
const pauseAfter = (waited) => Math.min(3000, Math.max(500, waited / 10))

/**
 * Follows one site until it is built or has failed, or until another page is shown.
 * @param {string} id @param {AbortSignal} signal
 */
export const followSite = async (id, signal) => {
  const startedAt = performance.now()
  let isOpen = await refresh(id, signal)
  while (isOpen) {
    await new Promise((resolve) => setTimeout(resolve, pauseAfter(performance.now() - startedAt)))
    if (signal.aborted) return
    isOpen = await refresh(id, signal).catch((error) => {
      if (signal.aborted || !(error instanceof ApiError && error.mayPass)) throw error
      element('site-status').textContent = 'Sitewright does not answer. Retrying.'
      return true
    })
  }
}
