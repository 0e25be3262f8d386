import { type Accent, onAccent, usualAccent } from '../accent.ts'
import { escapeHtml } from '../text.ts'

/** What a mail shows. The texts are single lines. */
export interface MailContents {
  readonly brand: string
  readonly colours?: Accent | undefined
  readonly mark?: string | undefined
  readonly title: string
  readonly paragraphs: readonly string[]
  readonly code?: string | undefined
  readonly facts: readonly (readonly [label: string, value: string])[]
  readonly link?: { readonly text: string; readonly url: string } | undefined
  readonly footer: string
  readonly legal?: readonly { readonly text: string; readonly url: string }[]
  readonly language?: string | undefined
}

/** A long name or address would widen the column beyond a phone. */
const font =
  "word-break:break-word;font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"

/** What clients that know themes change; all others show the inline styles. */
const darkStyle = ({ dark }: Accent): string => `
  :root { color-scheme: light dark; supported-color-schemes: light dark }
  @media (prefers-color-scheme: dark) {
    .page { background-color: #0d0f18 !important }
    .card { background-color: #171a28 !important; border-color: #2c3147 !important }
    .text { color: #eceef8 !important }
    .quiet { color: #a9afc6 !important }
    .rule { border-color: #2c3147 !important }
    .code { background-color: #22273a !important; color: #eceef8 !important }
    .brand { color: ${dark} !important }
    .button { background-color: ${dark} !important; color: ${onAccent.dark} !important }
  }`

const table = 'role="presentation" border="0" cellpadding="0" cellspacing="0" width="100%"'

const textOf = (text: string): string =>
  `<p class="text" dir="auto" style="margin:0 0 16px;${font};font-size:16px;line-height:24px;color:#171a2b">${escapeHtml(text)}</p>`

const codeOf = (code: string): string =>
  `<p class="code" style="margin:8px 0 24px;padding:16px;border-radius:8px;background-color:#eef0fb;color:#171a2b;text-align:center;` +
  `font-family:Menlo,Consolas,monospace;font-size:28px;line-height:36px;letter-spacing:4px"><strong>${escapeHtml(code)}</strong></p>`

const factsOf = (facts: MailContents['facts']): string => {
  const cell = `class="rule" style="padding:10px 0;border-top:1px solid #dfe1ee;vertical-align:top`
  const rows = facts.map(
    ([label, value]) =>
      `<tr><td ${cell};width:38%"><span class="quiet" style="${font};font-size:14px;line-height:20px;color:#565c74">${escapeHtml(label)}</span></td>` +
      `<td ${cell}"><strong class="text" dir="auto" style="${font};font-size:14px;line-height:20px;color:#171a2b">${escapeHtml(value)}</strong></td></tr>`,
  )
  return `<table ${table} style="margin:8px 0 24px">${rows.join('')}</table>`
}

const buttonOf = ({ text, url }: { readonly text: string; readonly url: string }, { light }: Accent): string =>
  `<p style="margin:8px 0 16px"><a class="button" href="${escapeHtml(url)}" style="display:inline-block;padding:12px 24px;border-radius:8px;` +
  `background-color:${light};color:${onAccent.light};${font};font-size:16px;line-height:24px;font-weight:600;text-decoration:none">${escapeHtml(text)}</a></p>`

const markOf = (url: string | undefined): string =>
  url === undefined
    ? ''
    : `<img src="${escapeHtml(url)}" width="28" height="28" alt="" style="margin-right:10px;border:0;vertical-align:middle">`

const quiet = `class="quiet" dir="auto" style="margin:0;${font};font-size:13px;line-height:20px;color:#565c74"`

const legalOf = (links: MailContents['legal'] & object): string =>
  links.length === 0
    ? ''
    : `<p ${quiet}>${links
        .map(
          ({ text, url }) =>
            `<a class="quiet" href="${escapeHtml(url)}" style="color:#565c74;text-decoration:underline">${escapeHtml(text)}</a>`,
        )
        .join(' &nbsp; ')}</p>`

/** Fills the line beside the subject in a list of mails, so that nothing of the footer shows there. */
const previewOf = (text: string): string =>
  `<div style="display:none;max-height:0;overflow:hidden">${escapeHtml(text)}${'&#847;&zwnj;&nbsp;'.repeat(60)}</div>`

/**
 * One column of at most 600 px, of tables and inline styles, which Outlook needs; the rest is left out where a client does not know
 * it. Only the mark is loaded. The brand beside it is text, so nothing is missing where images are blocked.
 */
export const mailHtml = (contents: MailContents): string => {
  const {
    brand,
    colours = usualAccent,
    mark,
    title,
    paragraphs,
    code,
    facts,
    link,
    footer,
    legal = [],
    language = 'en',
  } = contents
  const body = [
    `<h1 class="text" dir="auto" style="margin:0 0 16px;${font};font-size:22px;line-height:30px;font-weight:700;color:#171a2b">${escapeHtml(title)}</h1>`,
    ...paragraphs.map(textOf),
    ...(code === undefined ? [] : [codeOf(code)]),
    ...(facts.length === 0 ? [] : [factsOf(facts)]),
    ...(link === undefined ? [] : [buttonOf(link, colours)]),
  ]
  return [
    '<!doctype html>',
    `<html lang="${language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">`,
    '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">',
    `<title>${escapeHtml(title)}</title><style>${darkStyle(colours)}\n</style></head>`,
    '<body class="page" style="margin:0;padding:0;background-color:#f6f6fb">',
    previewOf(paragraphs[0] ?? title),
    `<table ${table} class="page" style="background-color:#f6f6fb"><tr><td align="center" style="padding:32px 12px">`,
    '<table role="presentation" border="0" cellpadding="0" cellspacing="0" width="600" style="width:100%;max-width:600px;text-align:left">',
    `<tr><td style="padding:0 4px 16px">${markOf(mark)}<strong class="brand" style="${font};font-size:18px;line-height:24px;color:${colours.light}">${escapeHtml(brand)}</strong></td></tr>`,
    `<tr><td class="card" style="padding:32px 28px 16px;background-color:#ffffff;border:1px solid #dfe1ee;border-radius:12px">`,
    ...body,
    '</td></tr>',
    `<tr><td style="padding:16px 4px"><p ${quiet}>${escapeHtml(footer)}</p>${legalOf(legal)}</td></tr>`,
    '</table></td></tr></table></body></html>',
  ].join('\n')
}
