// @ts-check
import { button } from './dom.js'

/** @param {HTMLElement} source */
const select = (source) => getSelection()?.selectAllChildren(source)

/**
 * A button that copies a text of the page. Browsers allow this only on HTTPS and on this machine; elsewhere
 * the button selects the text.
 * @param {string} what it is, such as `the value of the TXT record`
 * @param {HTMLElement} source
 * @param {(told: string) => void} tell
 */
export const copyButton = (what, source, tell) =>
  button(
    'Copy',
    async () => {
      try {
        await navigator.clipboard.writeText(source.textContent ?? '')
        tell(`Copied ${what}.`)
      } catch {
        select(source)
        tell(`Your browser does not let this page copy. We selected ${what} for you to copy.`)
      }
    },
    { class: 'plain', 'aria-label': `Copy ${what}` },
  )
