// @ts-check
import { call } from './api.js'
import { button, make } from './dom.js'
import { handOverText } from './site-words.js'

/** @typedef {import('./site-words.js').Site} Site */
/** @typedef {{label: string, user: string | null, value: string}} Credential */

/** @param {Credential} credential */
const entryOf = ({ label, user, value }) => {
  const item = make('li', '')
  item.append(
    make('strong', label),
    make('span', user === null ? ': ' : ` of ${user}: `),
    make('code', value, { class: 'secret' }),
  )
  return item
}

/**
 * What a site's product knows of its owner, and the credentials that it made for them.
 * @param {Site} first
 * @param {{report: (error: unknown) => void, changed: () => Promise<void>}} card `changed` reloads the site
 */
export const createHandOver = ({ id }, { report, changed }) => {
  const path = `/v1/sites/${encodeURIComponent(id)}`
  const state = make('p', '', { class: 'notice' })
  const answer = make('pre', '')
  const list = make('ul', '')

  /** @param {() => Promise<unknown>} act */
  const perform = async (act) => {
    try {
      await act()
    } catch (error) {
      report(error)
    }
    await changed().catch(report)
  }

  const again = button('Try again', () => perform(() => call('POST', `${path}/hand-over`)), { class: 'quiet' })
  const show = button(
    'Show credentials',
    () =>
      perform(async () => {
        /** @type {{credentials: Credential[]}} */
        const { credentials } = await call('POST', `${path}/credentials`)
        list.replaceChildren(
          make('li', 'Write these down. They are shown only now.', { class: 'hint' }),
          ...credentials.map(entryOf),
        )
      }),
    { class: 'quiet' },
  )
  const part = make('div', '')
  part.append(state, answer, again, show, list)

  return {
    element: part,
    /** @param {Site} site */
    update: (site) => {
      const { handOver, credentials } = site
      state.textContent = handOverText(site)
      state.hidden = state.textContent === ''
      const said = handOver?.answer?.excerpt ?? ''
      answer.textContent = said
      answer.hidden = said === ''
      again.hidden = handOver?.status !== 'failed' || site.status !== 'active' || site.operation !== null
      show.hidden = credentials === null || credentials.shownAt !== null || site.status === 'building'
    },
  }
}
