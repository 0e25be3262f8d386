// @ts-check
import { make } from './dom.js'

/** Set after signing in. */
let address = ''

/** @param {string} known the contact address from the API */
export const setContact = (known) => {
  address = known
}

/** RFC 6068: what separates the parts of such an address must not stand in one. @param {string} subject */
const mailto = (subject) => {
  const [local = '', domain = ''] = address.split(/@(?=[^@]*$)/)
  return `mailto:${encodeURIComponent(local)}@${domain}?subject=${encodeURIComponent(subject)}`
}

/**
 * Turns the words "write to us" into a mail link.
 * @param {string} text @param {string} subject what the mail is about, such as a site's hostname
 * @returns {(string | HTMLElement)[]} to be put into an element
 */
export const withContact = (text, subject) => {
  if (address === '') return [text]
  // `split` returns the captured words at odd places.
  return text
    .split(/\b(write to us)\b/i)
    .map((part, index) => (index % 2 === 0 ? part : make('a', part, { href: mailto(subject), title: address })))
}
