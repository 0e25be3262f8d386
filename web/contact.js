// @ts-check
import { make } from './dom.js'

/** Known once somebody is signed in. */
let address = ''

/** @param {string} known where owners write to, as the API says it */
export const setContact = (known) => {
  address = known
}

/** RFC 6068: what separates the parts of such an address must not stand in one. @param {string} subject */
const mailto = (subject) => {
  const [local = '', domain = ''] = address.split(/@(?=[^@]*$)/)
  return `mailto:${encodeURIComponent(local)}@${domain}?subject=${encodeURIComponent(subject)}`
}

/**
 * A text whose words "write to us" are a link that begins a mail.
 * @param {string} text @param {string} subject what the mail is about, such as a site's hostname
 * @returns {(string | HTMLElement)[]} to be put into an element
 */
export const withContact = (text, subject) => {
  if (address === '') return [text]
  // What stands in brackets is split off too, and comes at every second place.
  return text
    .split(/\b(write to us)\b/i)
    .map((part, index) => (index % 2 === 0 ? part : make('a', part, { href: mailto(subject), title: address })))
}
