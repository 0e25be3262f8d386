// @ts-check
import { call } from './api.js'
import { element, formOf, input } from './dom.js'
import { onSubmit } from './form.js'
import { days, isLive } from './site-words.js'

/** @typedef {import('./site-words.js').Site} Site */

/** @param {Site} site */
const consequences = ({ name, status, deletionDays }) => {
  const atOnce = isLive({ status }) ? `${name} will be suspended now` : `${name} stays suspended`
  const until = deletionDays === null ? 'a few days' : days(deletionDays)
  return `${atOnce}. You can cancel the deletion for ${until}. Then the site, its data and all copies are deleted permanently.`
}

/** The dialog that asks for the hostname of the site to delete. */
export const deleteDialog = () => {
  const dialog = element('delete-dialog')
  if (!(dialog instanceof HTMLDialogElement)) throw new Error('#delete-dialog is not a dialog')
  /** @type {{site: Site, done: (site: Site) => void} | undefined} */
  let asking

  const form = onSubmit(formOf('delete-form'), async (values) => {
    if (asking === undefined) return
    const { site, done } = asking
    const confirm = String(values.get('confirm') ?? '')
    const deleted = await call('DELETE', `/v1/sites/${encodeURIComponent(site.id)}`, { body: { confirm } })
    dialog.close()
    done(deleted)
  })
  element('delete-cancel').addEventListener('click', () => dialog.close())

  return {
    /**
     * Asks, and calls `done` with the deleted site. The browser restores the focus.
     * @param {Site} site @param {(site: Site) => void} done
     */
    ask: (site, done) => {
      asking = { site, done }
      form.clear()
      input('delete-hostname').value = ''
      element('delete-title').textContent = `Delete ${site.name}?`
      element('delete-consequences').textContent = consequences(site)
      element('delete-label').textContent = `Type ${site.hostname} to confirm`
      dialog.showModal()
    },
    close: () => dialog.close(),
  }
}
