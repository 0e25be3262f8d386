// @ts-check
import { copyButton } from './copy-button.js'
import { make } from './dom.js'
import { purposeText, seenText } from './say-record.js'

/** @typedef {import('./say-domain.js').DnsRecord} DnsRecord */

/**
 * A DNS record to set, with copy buttons.
 * @param {DnsRecord} record @param {(told: string) => void} tell
 */
export const createRecord = (record, tell) => {
  const { type, name, value } = record
  const seen = make('span', '', { class: 'seen' })
  const head = make('p', '')
  head.append(make('strong', `${type} record`), ` ${purposeText(record)}: `, seen)

  /** @param {string} term @param {string} text */
  const row = (term, text) => {
    const code = make('code', text)
    const said = make('dd', '')
    said.append(code, copyButton(`the ${term.toLowerCase()} of the ${type} record`, code, tell))
    return [make('dt', term), said]
  }

  const rows = make('dl', '')
  rows.append(...row('Name', name), ...row('Value', value))
  const element = make('li', '', { class: 'record' })
  element.append(head, rows)
  return {
    element,
    /** @param {DnsRecord} next the same record after a check @param {boolean} wasThere */
    update: (next, wasThere) => {
      const said = seenText(next, wasThere)
      if (seen.textContent !== said) seen.textContent = said
      seen.classList.toggle('good', next.seen === 'right')
      seen.classList.toggle('bad', next.seen === 'wrong' && wasThere)
    },
  }
}
