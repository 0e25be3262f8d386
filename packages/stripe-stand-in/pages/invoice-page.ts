import { invoiceTotal } from '../objects/invoice-object.ts'
import type { Invoice } from '../records/invoice.ts'
import { day, escapeHtml, money, page } from './page.ts'

/** What an invoice says. */
export const invoicePage = (invoice: Invoice): string => {
  const rows = invoice.lines.map(
    ({ description, amount, periodStart, periodEnd }) =>
      `<tr><td>${escapeHtml(description)}</td><td>${day(periodStart)} – ${day(periodEnd)}</td><td>${escapeHtml(money(amount, invoice.currency))}</td></tr>`,
  )
  return page(
    `Invoice ${invoice.number ?? ''}`,
    `<p class="amount">${escapeHtml(money(invoiceTotal(invoice), invoice.currency))}</p>
  <p>${day(invoice.created)} · ${invoice.status}</p>
  <table>${rows.join('')}</table>`,
  )
}
