// @ts-check
import { accountPages } from './account.js'
import { ApiError, call } from './api.js'
import { setContact } from './contact.js'
import { element } from './dom.js'
import { setDomainClock } from './domain-clock.js'
import { siteList } from './site-list.js'

const list = siteList()
const account = accountPages()
let leaving = new AbortController()

/** The session; undefined if nobody is signed in. */
const currentSession = async () => {
  try {
    return await call('GET', '/v1/session')
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return undefined
    throw error
  }
}

/** @param {AbortSignal} signal @param {string} [boughtId] the site that was just paid for */
const showHome = async (signal, boughtId) => {
  const page = await call('GET', '/v1/sites')
  if (signal.aborted) return
  if (page.sites.length === 0) location.replace('/#/new')
  else await list.follow(page, signal, boughtId)
}

/** @param {string} path what stands behind the # of the address. @param {AbortSignal} signal */
const showPage = async (path, signal) => {
  const [, kind, id] = path.split('/')
  const session = await currentSession()
  if (signal.aborted) return
  element('person').toggleAttribute('hidden', session === undefined)
  element('person-email').textContent = session?.account.email ?? ''
  if (session === undefined) {
    // The sign-in comes back to this page.
    sessionStorage.setItem('return-to', `${location.pathname}${location.hash}`)
    return location.replace('/')
  }
  setDomainClock(session.now)
  setContact(session.contact)
  if (kind === 'account') return account.showAccount(signal)
  return showHome(signal, kind === 'bought' ? id : undefined)
}

const render = async () => {
  leaving.abort()
  leaving = new AbortController()
  const { signal } = leaving
  const problem = element('page-problem')
  problem.textContent = ''
  try {
    await showPage(location.hash.slice(1), signal)
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    if (!signal.aborted) problem.textContent = `${message.replace(/\.?$/, '.')} Reload the page to try again.`
  }
}

element('sign-out').addEventListener('click', async () => {
  try {
    await call('DELETE', '/v1/session')
    sessionStorage.clear()
    location.assign('/')
  } catch (error) {
    element('page-problem').textContent = error instanceof Error ? error.message : String(error)
  }
})
addEventListener('hashchange', render)
await render()
