// @ts-check
import { ApiError } from './api.js'
import { make } from './dom.js'
import { fieldError, onSubmit } from './form.js'

/**
 * The form that adds a custom domain.
 * @param {string} siteId
 * @param {(hostname: string) => Promise<void>} add
 */
export const createDomainForm = (siteId, add) => {
  const id = `hostname-${siteId}`
  const form = document.createElement('form')
  form.noValidate = true
  const field = document.createElement('input')
  Object.assign(field, { id, name: 'hostname', maxLength: 255, autocomplete: 'off', autocapitalize: 'none' })
  field.spellcheck = false
  field.required = true
  field.setAttribute('aria-describedby', `${id}-problem ${id}-hint`)
  const send = make('button', 'Add domain', { type: 'submit', class: 'quiet' })
  const actions = make('p', '', { class: 'actions' })
  actions.append(send)
  form.append(
    make('label', 'Hostname', { for: id }),
    field,
    make('p', '', { class: 'problem', id: `${id}-problem` }),
    make('p', 'A hostname that you own, such as www.example.com. You will then set two DNS records.', {
      class: 'hint',
      id: `${id}-hint`,
    }),
    make('p', '', { class: 'problem', role: 'alert', 'data-whole': '' }),
    actions,
  )
  onSubmit(form, async (values) => {
    const hostname = String(values.get('hostname') ?? '').trim()
    if (hostname === '') throw fieldError('hostname', 'Type a hostname, such as www.example.com.')
    try {
      await add(hostname)
    } catch (error) {
      // A refusal concerns this field; a temporary error does not.
      if (!(error instanceof ApiError) || error.mayPass || error.fields.length > 0) throw error
      throw fieldError('hostname', error.message)
    }
    field.value = ''
  })
  return form
}
