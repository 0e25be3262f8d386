// @ts-check
import { call } from './api.js'
import { make } from './dom.js'
import { fieldError, onSubmit } from './form.js'
import { isLive, sleepText } from './site-words.js'

/** @typedef {import('./site-words.js').Site} Site */

/** A trial always sleeps as its plan says. @param {Site} site */
const mayChoose = (site) => isLive(site) && site.trialEndsAt === null

/** The number of minutes in a text; null for an empty one. @param {string} text */
const minutesIn = (text) => {
  if (text === '') return null
  if (/^\d{1,5}$/.test(text)) return Number(text)
  throw fieldError('sleepAfterMinutes', 'Type a whole number of minutes, or nothing if it never sleeps.')
}

/**
 * The form with which the owner of a site on a paid plan chooses when it sleeps.
 * @param {Site} first
 * @param {{tell: (news: string) => void, changed: () => Promise<void>}} card `changed` reloads the site
 */
export const createSleep = ({ id: siteId }, { tell, changed }) => {
  const id = `sleep-${siteId}`
  /** @type {Site['sleepAfterMinutes'] | undefined} */
  let shown
  const field = document.createElement('input')
  Object.assign(field, { id, name: 'sleepAfterMinutes', maxLength: 5, autocomplete: 'off', inputMode: 'numeric' })
  field.setAttribute('aria-describedby', `${id}-problem ${id}-hint`)
  const actions = make('p', '', { class: 'actions' })
  actions.append(make('button', 'Save', { type: 'submit', class: 'quiet' }))
  const form = document.createElement('form')
  form.noValidate = true
  form.append(
    make('label', 'Minutes without visitors', { for: id }),
    field,
    make('p', '', { class: 'problem', id: `${id}-problem` }),
    make(
      'p',
      'After them your site sleeps, and the next visitor waits until it has started. Leave this empty if it never sleeps.',
      { class: 'hint', id: `${id}-hint` },
    ),
    make('p', '', { class: 'problem', role: 'alert', 'data-whole': '' }),
    actions,
  )
  const part = document.createElement('details')
  part.append(make('summary', 'Sleep'), form)

  onSubmit(form, async (values) => {
    const sleepAfterMinutes = minutesIn(String(values.get('sleepAfterMinutes') ?? '').trim())
    const after = await call('PATCH', `/v1/sites/${encodeURIComponent(siteId)}`, { body: { sleepAfterMinutes } })
    tell(sleepText(after))
    await changed()
  })

  return {
    element: part,
    /** @param {Site} site */
    update: (site) => {
      part.toggleAttribute('hidden', !mayChoose(site))
      if (site.sleepAfterMinutes === shown) return
      shown = site.sleepAfterMinutes
      field.value = shown === null ? '' : String(shown)
    },
  }
}
