// @ts-check
import { createRecord } from './dns-record.js'
import { button, make } from './dom.js'
import { domainNow } from './domain-clock.js'
import { domainText, lookText, removalText } from './say-domain.js'
import { settingText } from './say-record.js'

/** @typedef {import('./say-domain.js').Domain} Domain */
/**
 * The acts for a domain; `look` resolves to its result.
 * @typedef {{look: (domain: Domain) => Promise<string>, remove: (domain: Domain) => Promise<void>}} DomainActs
 */

/** Whether its owner has to set records now. @param {Domain} domain */
const needsRecords = ({ state, releasedBecause }) => state !== 'verified' && releasedBecause !== 'plan-changed'

/**
 * One domain of a site. Its elements stay in the page when it changes, which keeps the focus for screen readers.
 * @param {Domain} first @param {string | null} address its URL once it works @param {DomainActs} acts
 */
export const createDomain = (first, address, { look, remove }) => {
  let domain = first
  const { hostname } = first
  const heading = make('h3', hostname, { tabindex: '-1' })
  const text = make('p', '', { role: 'status' })
  const lookedAt = make('p', '', { class: 'hint' })
  const copied = make('p', '', { class: 'hint', role: 'status' })
  const told = make('p', '', { class: 'hint', role: 'status' })
  const problem = make('p', '', { class: 'problem', role: 'alert' })
  const confirm = make('div', '', { class: 'confirm', role: 'status' })
  const buttons = make('p', '', { class: 'actions' })
  const recordDetails = document.createElement('details')
  const element = make('li', '', { class: 'domain' })

  /** Lets screen readers announce the same words again. @param {string} said */
  const tellCopied = (said) => {
    copied.textContent = ''
    copied.textContent = said
  }

  /** @param {() => Promise<void>} work */
  const attempt = async (work) => {
    told.textContent = ''
    problem.textContent = ''
    try {
      await work()
    } catch (error) {
      problem.textContent = error instanceof Error ? error.message : String(error)
    }
  }

  const records = first.records.map((record) => createRecord(record, tellCopied))
  const recordList = make('ul', '')
  recordList.append(...records.map((record) => record.element))
  const summary = make('summary', 'DNS records')
  recordDetails.append(summary, recordList, copied, make('p', settingText(first.records), { class: 'hint' }))

  const removeButton = button('Remove', () => askFirst(), { class: 'plain danger', 'aria-label': `Remove ${hostname}` })

  /** Asks for confirmation, because a removal takes effect at once. */
  const askFirst = () => {
    const go = button('Remove domain', () => attempt(() => remove(domain)), { class: 'danger' })
    const keep = button(
      'Keep domain',
      () => {
        confirm.replaceChildren()
        removeButton.focus()
      },
      { class: 'plain' },
    )
    const choices = make('p', '', { class: 'actions' })
    choices.append(go, keep)
    confirm.replaceChildren(make('p', removalText(domain)), choices)
    go.focus()
  }

  const lookNow = button(
    'Check DNS now',
    () =>
      attempt(async () => {
        told.textContent = await look(domain)
      }),
    {
      class: 'quiet',
      'aria-label': `Check DNS now for ${hostname}`,
    },
  )
  const open = make('a', 'Open', { href: address ?? '#/', class: 'plain', 'aria-label': `Open ${hostname}` })
  buttons.append(lookNow, open, removeButton)

  const sayWords = () => {
    for (const [place, said] of /** @type {const} */ ([
      [text, domainText(domain, domainNow())],
      [lookedAt, lookText(domain)],
    ])) {
      if (place.textContent !== said) place.textContent = said
    }
  }

  /** @param {Domain} next */
  const show = (next) => {
    domain = next
    sayWords()
    const isWarning = domain.state === 'failing' || domain.state === 'releasing'
    text.classList.toggle('notice', isWarning)
    open.toggleAttribute('hidden', address === null || domain.state === 'pending')
    const wasThere = domain.verifiedAt !== null
    for (const [index, record] of domain.records.entries()) records[index]?.update(record, wasThere)
  }

  show(first)
  recordDetails.open = needsRecords(first)
  element.append(heading, text, recordDetails, lookedAt, buttons, told, problem, confirm)
  return {
    element,
    sayWords,
    focus: () => heading.focus(),
    /** @param {Domain} next */
    update: (next) => {
      if (needsRecords(next) && !needsRecords(domain)) recordDetails.open = true
      show(next)
    },
    current: () => domain,
  }
}
