import type { Entitlement } from './entitlement.ts'
import { escapeHtml } from './html.ts'
import { timeElement } from './time-element.ts'

const toConsole = (consoleUrl: string | null, what: string): string =>
  consoleUrl === null
    ? `Its owner can ${what} in the console.`
    : `<a href="${escapeHtml(consoleUrl)}">Is this your site? You can ${what} in the console</a>`

const banner = (what: string, until: string, way: string): string =>
  `<aside id="banner" aria-label="To the owner of this site">
      <p><strong>${what}</strong> It runs until ${timeElement(until, 'minute')} UTC; after that it is switched off, and its data is kept.</p>
      <p>${way}</p>
    </aside>`

/** What stands above the page while a payment is overdue, or the subscription does not go on: HTML, or nothing. */
export const renderBanner = ({ paymentDueBy, endsAt, consoleUrl }: Entitlement): string => {
  if (paymentDueBy !== null) {
    return banner('A payment for this site is overdue.', paymentDueBy, toConsole(consoleUrl, 'pay'))
  }
  if (endsAt === null) return ''
  return banner('The subscription of this site does not go on.', endsAt, toConsole(consoleUrl, 'choose a plan'))
}
