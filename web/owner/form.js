// @ts-check
import { ApiError } from './api.js'

/** @param {HTMLFormElement} form */
const clearProblems = (form) => {
  for (const field of form.querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid')
  for (const problem of form.querySelectorAll('.problem')) problem.textContent = ''
}

/**
 * `must be an e-mail address` becomes a sentence with the field's label as its subject.
 * @param {HTMLFormElement} form @param {import('./api.js').FieldProblem} problem
 */
const sentence = (form, { path, message }) => {
  if (!/^[a-z]/.test(message)) return message
  const label = form.querySelector(`label[for="${CSS.escape(fieldId(form, path))}"]`)?.textContent ?? path
  return `The ${label.charAt(0).toLowerCase()}${label.slice(1)} ${message}.`
}

/** @param {HTMLFormElement} form @param {string} path */
const fieldOf = (form, path) => {
  const field = form.elements.namedItem(path)
  return field instanceof HTMLInputElement ? field : undefined
}

/** The element for a field's problems: the first that describes it. @param {HTMLInputElement} field */
const problemPlace = (field) => document.getElementById(field.getAttribute('aria-describedby')?.split(' ')[0] ?? '')

/** @param {HTMLFormElement} form @param {string} path */
const fieldId = (form, path) => fieldOf(form, path)?.id ?? path

/**
 * Shows a problem beside its field, or below the form if it has none.
 * @param {HTMLFormElement} form
 * @param {unknown} error
 */
const showProblem = (form, error) => {
  /** @type {string[]} */
  const rest = []
  const told = error instanceof Error ? error.message : String(error)
  const { fields, isAboutFields } = error instanceof ApiError ? error : { fields: [], isAboutFields: false }
  for (const problem of fields) {
    const field = fieldOf(form, problem.path)
    const place = field && problemPlace(field)
    const text = isAboutFields ? sentence(form, problem) : told
    if (field === undefined || !place) rest.push(text)
    else {
      field.setAttribute('aria-invalid', 'true')
      place.textContent = text
    }
  }
  const invalid = form.querySelector('[aria-invalid]')
  if (invalid instanceof HTMLElement) invalid.focus()
  const whole = form.querySelector('[data-whole]')
  if (whole === null || (invalid !== null && rest.length === 0)) return
  whole.textContent = [...new Set(rest.length === 0 ? [told] : rest)].join(' ')
}

/**
 * Runs `handle` when the form is submitted, one at a time, and shows problems in the form.
 * @param {HTMLFormElement} form
 * @param {(values: FormData) => Promise<void>} handle
 */
export const onSubmit = (form, handle) => {
  const button = form.querySelector('button')
  form.addEventListener('input', ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return
    target.removeAttribute('aria-invalid')
    const problem = problemPlace(target)
    if (problem !== null) problem.textContent = ''
  })
  form.addEventListener('submit', async (event) => {
    event.preventDefault()
    if (button?.disabled) return
    clearProblems(form)
    button?.toggleAttribute('disabled', true)
    try {
      await handle(new FormData(form))
    } catch (error) {
      showProblem(form, error)
    } finally {
      button?.toggleAttribute('disabled', false)
    }
  })
  return { clear: () => clearProblems(form) }
}

/** @param {string} path @param {string} message */
export const fieldError = (path, message) => new ApiError(400, message, { errors: [{ path, message }] })
