import { escapeHtml } from '../html.ts'
import type { MailMessage } from '../ports/delivery.ts'

export interface MailDraft {
  readonly id: string
  readonly to: string
  readonly subject: string
  readonly paragraphs: readonly string[]
  readonly link?: { readonly text: string; readonly url: string }
  readonly code?: string
  readonly footer: string
}

const paragraph = (content: string): string => `<p style="margin:0 0 16px">${content}</p>`

/** Line breaks would let a name write headers or paragraphs of its own. */
const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim()

/** One draft, as plain text and as HTML that every mail program shows. */
export const composeMail = ({ id, to, subject, paragraphs, link, code, footer }: MailDraft): MailMessage => ({
  id,
  to,
  subject: oneLine(subject),
  text: [
    ...paragraphs.map(oneLine),
    ...(code ? [code] : []),
    ...(link ? [`${link.text}:\n${link.url}`] : []),
    `-- \n${footer}`,
  ].join('\n\n'),
  html: [
    '<div style="font:16px/1.5 system-ui,sans-serif;color:#1a1a1a;max-width:32em">',
    ...paragraphs.map((text) => paragraph(escapeHtml(oneLine(text)))),
    ...(code ? [paragraph(`<strong style="font-size:28px;letter-spacing:4px">${escapeHtml(code)}</strong>`)] : []),
    ...(link ? [paragraph(`<a href="${escapeHtml(link.url)}">${escapeHtml(link.text)}</a>`)] : []),
    `<p style="color:#666;font-size:13px">${escapeHtml(footer)}</p>`,
    '</div>',
  ].join('\n'),
  links: link ? [link.url] : [],
  ...(code ? { code } : {}),
})
