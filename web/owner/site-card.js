// @ts-check
import { ApiError, call } from './api.js'
import { withContact } from './contact.js'
import { button, make } from './dom.js'
import { domainNow } from './domain-clock.js'
import { linkToSite } from './open-site.js'
import { actsFor, actsText } from './site-acts.js'
import { createBilling } from './site-billing.js'
import { createCopies } from './site-copies.js'
import { createDomains } from './site-domains.js'
import { createHandOver } from './site-handover.js'
import { actNews, restoreNews } from './site-news.js'
import { createSleep } from './site-sleep.js'
import { deadlineTexts, isLive, operationText, statusText, storageText } from './site-words.js'

/** @typedef {import('./site-words.js').Site} Site */
/** @typedef {import('./site-acts.js').ActName} ActName */

/** @type {Record<Exclude<ActName, 'delete'>, [method: string, path: string]>} */
const requests = { extend: ['POST', '/extend'], resume: ['POST', '/resume'], keep: ['DELETE', '/deletion'] }

/** @param {Site} site */
const linksTo = (site) => {
  if (isLive(site)) return [linkToSite(site)]
  return site.status === 'building' ? [make('a', 'Show progress', { href: `/#/building/${site.id}` })] : []
}

/**
 * One site of the list: its state, deadline and buttons. Its elements stay in the page when it changes, which keeps the
 * focus and lets screen readers announce news.
 * @param {Site} first
 * @param {{ask: (site: Site, done: (site: Site) => void) => void}} dialog asks before a site is deleted
 */
export const createSiteCard = (first, dialog) => {
  let site = first
  /** Counts the owner's acts, so that an older answer does not overwrite a newer one. */
  let acts = 0
  const path = `/v1/sites/${encodeURIComponent(site.id)}`

  const heading = make('h2', site.name, { tabindex: '-1' })
  const address = make('p', '')
  const status = make('p', '')
  const deadline = make('p', '')
  const storage = make('p', '', { class: 'notice' })
  const underWay = make('p', '', { class: 'under-way', role: 'status' })
  const news = make('p', '', { class: 'news', role: 'status' })
  const problem = make('p', '', { class: 'problem', role: 'alert' })
  const buttons = make('p', '', { class: 'actions' })
  const hint = make('p', '', { class: 'hint' })
  const card = make('li', '')

  /** @param {HTMLElement} place @param {string} text */
  const say = (place, text) => {
    if (place.textContent !== text) place.replaceChildren(...withContact(text, site.hostname))
  }

  /** @param {unknown} error */
  const report = (error) => {
    say(problem, error instanceof Error ? error.message : String(error))
    if (error instanceof ApiError && error.plans !== undefined) billing.showPlans(error.plans)
  }

  /** @param {() => Promise<Site>} request @param {(after: Site) => string} tell */
  const perform = async (request, tell) => {
    acts += 1
    problem.textContent = ''
    news.textContent = ''
    try {
      const after = await request()
      acts += 1
      const told = tell(after)
      update(after)
      say(news, told)
    } catch (error) {
      report(error)
      // The site may have changed.
      if (error instanceof ApiError && error.status === 409) await look().catch(() => undefined)
    }
  }

  /** @param {ActName} act */
  const press = (act) => {
    const tell = (/** @type {Site} */ after) => actNews(act, site, after)
    if (act === 'delete') return dialog.ask(site, (deleted) => perform(async () => deleted, tell))
    const [method, below] = requests[act]
    return perform(() => call(method, `${path}${below}`), tell)
  }

  const copies = createCopies(site.id, {
    take: () =>
      perform(
        () => call('POST', `${path}/archives`),
        () => '',
      ),
    report,
  })

  const surroundings = {
    report,
    tell: (/** @type {string} */ told) => {
      problem.textContent = ''
      say(news, told)
    },
    changed: () => look(),
  }
  const billing = createBilling(site, surroundings)
  const domains = createDomains(site, surroundings)
  const sleep = createSleep(site, surroundings)
  const handOver = createHandOver(site, surroundings)

  /** @param {Site} before */
  const tellOutcome = async (before) => {
    if (before.operation === 'restore') say(news, restoreNews(site))
    if (before.operation !== 'copy') return
    const isThere = await copies.refresh()
    if (isThere) news.textContent = 'The copy is complete and verified.'
    else problem.textContent = 'The copy failed. Try again later.'
  }

  let shownButtons = ''

  const showButtons = () => {
    const acting = actsFor(site)
    const wanted = JSON.stringify([site.status, acting])
    if (wanted === shownButtons) return
    shownButtons = wanted
    const focused = buttons.contains(document.activeElement) ? document.activeElement : null
    const made = acting.map(({ name, label, kind }) =>
      button(label, () => press(name), { class: kind, id: `${name}-${site.id}` }),
    )
    buttons.replaceChildren(...linksTo(site), ...made)
    if (focused === null) return
    // If the pressed button is gone, focus the top of the card.
    const same = made.find(({ id }) => id === focused.id) ?? heading
    same.focus()
  }

  /** Updates texts that change with time. */
  const sayWords = () => {
    const now = domainNow()
    say(status, statusText(site))
    const [until, then] = deadlineTexts(site, now)
    if (deadline.textContent !== `${until} ${then}`.trim()) {
      deadline.replaceChildren(
        ...(until === '' ? [] : [make('strong', until), ...withContact(then && ` ${then}`, site.hostname)]),
      )
    }
    say(storage, storageText(site))
    say(underWay, operationText(site))
    say(hint, actsText(site, now))
    billing.sayWords()
    domains.sayWords()
  }

  /** @param {Site} next */
  const update = (next) => {
    const before = site
    site = next
    address.textContent = site.hostname
    sayWords()
    showButtons()
    billing.update(site)
    domains.update(site)
    sleep.update(site)
    handOver.update(site)
    copies.update(site)
    if (before.operation !== null && site.operation === null) tellOutcome(before).catch(report)
  }

  /** Reloads the site. @param {AbortSignal} [signal] */
  const look = async (signal) => {
    const asked = acts
    const found = await call('GET', path, signal === undefined ? {} : { signal })
    if (asked === acts && JSON.stringify(found) !== JSON.stringify(site)) return update(found)
    if (billing.isAwaitingPayment()) await billing.refresh(signal)
    if (domains.isDue()) await domains.refresh(signal)
  }

  card.append(
    heading,
    address,
    status,
    deadline,
    storage,
    underWay,
    news,
    problem,
    buttons,
    hint,
    handOver.element,
    billing.element,
    domains.element,
    sleep.element,
    copies.element,
  )
  update(site)
  // The list before the copy shows later whether it succeeded.
  if (site.operation === 'copy') copies.refresh().catch(report)
  return {
    element: card,
    look,
    sayWords,
    focus: () => heading.focus(),
    isUnderWay: () =>
      site.operation !== null || site.status === 'building' || billing.isAwaitingPayment() || domains.isDue(),
    awaitPayment: billing.awaitPayment,
    siteId: first.id,
    hasFailed: () => site.status === 'failed',
  }
}
