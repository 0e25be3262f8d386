// @ts-check
import { ApiError, call } from './api.js'
import { element, formOf, input, showSection } from './dom.js'
import { fieldError, onSubmit } from './form.js'
import { alternatives, suggestSlug } from './suggest-slug.js'

/**
 * One key per request: pressing again, or after a lost answer, does not create a second site.
 * @param {string} slug @param {string} name
 */
const idempotencyKey = (slug, name) => {
  const wish = JSON.stringify([slug, name])
  if (sessionStorage.getItem('wish') !== wish) {
    sessionStorage.setItem('wish', wish)
    sessionStorage.setItem('idempotency-key', crypto.randomUUID())
  }
  return sessionStorage.getItem('idempotency-key') ?? ''
}

const forgetWish = () => sessionStorage.removeItem('wish')

/** @param {string} slug @param {string} name */
const createSite = async (slug, name) => {
  try {
    const headers = { 'idempotency-key': idempotencyKey(slug, name) }
    const site = await call('POST', '/v1/sites', { body: { slug, name }, headers })
    forgetWish()
    location.hash = `#/sites/${site.id}`
  } catch (error) {
    // A refusal is final for this key; after a lost answer or a server error the key is reused.
    if (error instanceof ApiError && !error.mayPass) forgetWish()
    if (!(error instanceof ApiError && error.isWaitingList)) throw error
    location.hash = '#/waiting'
  }
}

/** The step that names a site. */
export const nameStep = () => {
  const nameInput = input('site-name')
  const slugInput = input('slug')
  const status = element('slug-status')
  let slugIsOwn = false
  let checking = new AbortController()

  /** @param {string} text @param {boolean} good */
  const say = (text, good) => {
    status.textContent = text
    status.classList.toggle('good', good)
  }

  /** @param {string[]} candidates the first free one is taken. @param {AbortSignal} signal */
  const findFree = async (candidates, signal) => {
    for (const slug of candidates) {
      const { available, hostname, reason } = await call('GET', `/v1/hostnames/${encodeURIComponent(slug)}`, { signal })
      if (available) {
        slugInput.value = slug
        say(`${hostname} is free.`, true)
        return
      }
      say(`The address ${reason}.`, false)
    }
  }

  /** @param {string[]} candidates */
  const check = async (candidates) => {
    checking.abort()
    checking = new AbortController()
    const { signal } = checking
    say('', false)
    // No requests while somebody types.
    await new Promise((resolve) => setTimeout(resolve, 250))
    if (signal.aborted || candidates[0] === '') return
    // The check is a hint only; creating the site checks again.
    await findFree(candidates, signal).catch(() => undefined)
  }

  nameInput.addEventListener('input', () => {
    if (slugIsOwn) return
    slugInput.value = suggestSlug(nameInput.value)
    void check(alternatives(slugInput.value))
  })
  slugInput.addEventListener('input', () => {
    slugIsOwn = slugInput.value !== ''
    void check([slugInput.value])
  })

  const form = onSubmit(formOf('name-form'), async (values) => {
    const name = String(values.get('name') ?? '').trim()
    const slug = String(values.get('slug') ?? '').trim()
    if (name === '') throw fieldError('name', 'Give your site a name.')
    if (slug === '') throw fieldError('slug', 'Give your site an address, such as my-shop.')
    checking.abort()
    say('', false)
    await createSite(slug, name)
  })

  return {
    show: () => {
      form.clear()
      showSection('name')
    },
  }
}
