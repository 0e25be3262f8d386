// @ts-check

/** @param {string} id @returns {HTMLElement} */
export const element = (id) => {
  const found = document.getElementById(id)
  if (found === null) throw new Error(`index.html has no element #${id}`)
  return found
}

/** @param {string} id @returns {HTMLInputElement} */
export const input = (id) => {
  const found = element(id)
  if (!(found instanceof HTMLInputElement)) throw new Error(`#${id} is not an input`)
  return found
}

/** @param {string} id @returns {HTMLFormElement} */
export const formOf = (id) => {
  const found = element(id)
  if (!(found instanceof HTMLFormElement)) throw new Error(`#${id} is not a form`)
  return found
}

/**
 * Makes an element. Text goes in as text, never as markup.
 * @param {string} name
 * @param {string} text
 * @param {Record<string, string>} [attributes]
 */
export const make = (name, text, attributes = {}) => {
  const made = document.createElement(name)
  made.textContent = text
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value)
  return made
}

/**
 * Shows one section and hides the others. Focuses its first input or heading.
 * @param {string} id
 */
export const showSection = (id) => {
  const sections = document.querySelectorAll('main > section')
  for (const section of sections) section.toggleAttribute('hidden', section.id !== id)
  const first = element(id).querySelector('input, h1')
  if (first instanceof HTMLElement) first.focus()
}

/**
 * Makes a button. It ignores presses until `press` has resolved, and keeps the focus.
 * @param {string} label
 * @param {() => unknown} press
 * @param {Record<string, string>} [attributes]
 */
export const button = (label, press, attributes = {}) => {
  const made = make('button', label, { type: 'button', ...attributes })
  made.addEventListener('click', async () => {
    if (made.getAttribute('aria-disabled') === 'true') return
    made.setAttribute('aria-disabled', 'true')
    try {
      await press()
    } finally {
      made.removeAttribute('aria-disabled')
    }
  })
  return made
}
