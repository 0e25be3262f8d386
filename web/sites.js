// @ts-check
import { ApiError, call } from './api.js'
import { element, make, showSection } from './dom.js'

/** @type {Record<string, string>} */
const stepNames = { storage: 'Storage', start: 'Start', ready: 'First answer', open: 'Open to visitors' }
/** @type {Record<string, string>} */
const stepMarks = { pending: 'waiting', running: 'under way', done: '✓ done', failed: '✗ failed' }
/** @type {Record<string, string>} */
const statusNames = {
  building: 'being built',
  active: 'running',
  failed: 'could not be built',
  suspended: 'suspended',
  archived: 'archived',
  purged: 'gone',
}

const dateFormat = new Intl.DateTimeFormat('en-GB', { dateStyle: 'long' })

/** @param {any} site */
const trialText = (site) => {
  return site.trialEndsAt ? `The trial ends on ${dateFormat.format(new Date(site.trialEndsAt))}.` : ''
}

/** @param {any} site */
const listItem = (site) => {
  const item = document.createElement('li')
  item.append(make('h2', site.name))
  item.append(
    make('p', `It is ${statusNames[site.status] ?? site.status}, on the plan ${site.plan}. ${trialText(site)}`),
  )
  if (site.status === 'active') {
    item.append(make('p', site.url), make('a', 'Open my site', { href: site.url, class: 'button' }))
  } else {
    item.append(make('a', 'See how it is doing', { href: `#/sites/${site.id}` }))
  }
  return item
}

/** @param {any[]} sites */
export const showSites = (sites) => {
  element('site-list').replaceChildren(...sites.map(listItem))
  // A failed build gives the trial back.
  const mayCreate = sites.every(({ status }) => status === 'failed' || status === 'purged')
  element('another').toggleAttribute('hidden', !mayCreate)
  showSection('sites')
}

/** @param {any} site */
const describe = (site) => {
  if (site.status === 'building')
    return ['Your site is being built', 'This takes a few seconds. You may close this page: we also write you a mail.']
  if (site.status === 'active') return ['Your site is ready', `It runs at ${site.url}. ${trialText(site)}`]
  if (site.status === 'failed') {
    const reason = site.failure?.reason ?? 'It did not start.'
    return ['Your site could not be built', `${reason} Your trial is not used up: you can try again.`]
  }
  return [`Your site is ${statusNames[site.status] ?? site.status}`, '']
}

/** @param {any} site */
const renderSite = (site) => {
  const [title = '', lead = ''] = describe(site)
  element('site-name-shown').textContent = site.name
  element('site-title').textContent = title
  element('site-lead').textContent = lead
  element('site-progress').setAttribute('value', String(site.progress.percent))
  element('site-progress').toggleAttribute('hidden', site.status !== 'building')
  element('site-steps').toggleAttribute('hidden', site.status === 'active')
  const steps = site.progress.steps.map((/** @type {{name: string, status: string}} */ { name, status }) => {
    const item = make('li', '', { class: status })
    item.append(make('span', stepNames[name] ?? name), make('span', stepMarks[status] ?? status))
    return item
  })
  element('site-steps').replaceChildren(...steps)
  const open = element('site-open')
  open.setAttribute('href', site.url)
  open.toggleAttribute('hidden', site.status !== 'active')
}

/** @param {any} site */
const announce = (site) => {
  const isBuilding = site.status === 'building'
  element('site-status').textContent = isBuilding ? `${site.progress.percent} %` : ''
  if (site.status === 'active') element('site-open').focus()
}

/**
 * Shows the site as it is now.
 * @param {string} id @param {AbortSignal} signal
 * @returns {Promise<boolean>} whether it may change soon
 */
const refresh = async (id, signal) => {
  const site = await call('GET', `/v1/sites/${encodeURIComponent(id)}`, { signal })
  if (signal.aborted) return false
  renderSite(site)
  if (element('site').hidden) showSection('site')
  announce(site)
  return site.status === 'building'
}

/** @param {unknown} error */
const mayPass = (error) => error instanceof ApiError && (error.status === 0 || error.status >= 500)

/**
 * Milliseconds until the next look: at first twice a second, later a tenth of the wait so far. A crowd that watches its
 * builds from so close all the time would take the machine that builds.
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
      if (signal.aborted || !mayPass(error)) throw error
      element('site-status').textContent = 'There is no answer just now. Trying again.'
      return true
    })
  }
}
