// @ts-check
import { call } from './api.js'
import { button, element, formOf, input, showSection } from './dom.js'
import { onSubmit } from './form.js'
import { sayInstant } from './say-instant.js'

/** @typedef {{id: string, email: string, deletion: {requestedAt: string, until: string | null} | null}} Account */

/** @param {Account} account */
const sayDeletion = ({ deletion }) => {
  if (deletion === null) return 'Download everything that we store about you, or delete your account.'
  if (deletion.until === null) return 'Your account is being deleted. We will send you a mail when it is done.'
  return `Your account and your sites will be deleted permanently on ${sayInstant(deletion.until)}. Until then you can keep them.`
}

/** The dialog that asks for the address of the account to delete. @param {(account: Account) => void} done */
const closeDialog = (done) => {
  const dialog = element('close-dialog')
  if (!(dialog instanceof HTMLDialogElement)) throw new Error('#close-dialog is not a dialog')
  const form = onSubmit(formOf('close-form'), async (values) => {
    const confirm = String(values.get('confirm') ?? '')
    const closed = await call('DELETE', '/v1/account', { body: { confirm } })
    dialog.close()
    done(closed)
  })
  element('close-cancel').addEventListener('click', () => dialog.close())
  return {
    /** @param {Account} account */
    ask: ({ email }) => {
      form.clear()
      input('close-email').value = ''
      element('close-label').textContent = `Type ${email} to confirm`
      dialog.showModal()
    },
    close: () => dialog.close(),
  }
}

/** The page of the account. */
export const accountPages = () => {
  const dialog = closeDialog((account) => show(account))

  /** @param {Account} account */
  const show = (account) => {
    const problem = element('account-problem')
    problem.textContent = ''
    element('account-status').textContent = sayDeletion(account)
    const { deletion } = account
    const keep = async () => {
      try {
        show(await call('DELETE', '/v1/account/deletion'))
      } catch (error) {
        problem.textContent = error instanceof Error ? error.message : String(error)
      }
    }
    const acts =
      deletion === null
        ? [button('Delete my account', () => dialog.ask(account), { class: 'danger' })]
        : [button('Keep my account and sites', keep)]
    element('account-acts').replaceChildren(...acts)
  }

  return {
    /** @param {AbortSignal} signal */
    showAccount: async (signal) => {
      const account = await call('GET', '/v1/account')
      if (signal.aborted) return
      show(account)
      showSection('account')
      signal.addEventListener('abort', dialog.close)
    },
  }
}
