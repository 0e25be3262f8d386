import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { onAccent, usualAccent } from '../core/accent.ts'
import type { Progress, ProgressStep } from '../core/site/site-facts.ts'
import { escapeHtml } from '../core/text.ts'
import type { Brand, Offers } from '../lambdas/offers/offers.ts'
import { allowedMethods } from './accept-request.ts'
import { languageOf, sayOn } from './page-texts.ts'

/** An answer of the router itself, in place of a site. */
export interface Page {
  /** The offer of the site, whose brand the page shows. */
  readonly offer?: string | undefined
  readonly status: number
  /** The last part of the problem's type, such as `site-building`. */
  readonly problem: string
  /** English, as is all of a page; browsers may get it in German (page-german.json). */
  readonly title: string
  readonly detail: string
  /** What `{value}` stands for in the title and the detail. */
  readonly value?: string
  readonly retryAfterSeconds?: number
  /** Where visitors are sent instead: an origin, or a whole URL. */
  readonly location?: string
  /** The progress of a site's build. If set, the page follows it and opens the site. */
  readonly progress?: Progress
  /** The progress of a site's wake, by the time it takes. If set, the page follows it and opens the site. */
  readonly waking?: { readonly elapsedSeconds: number; readonly expectedSeconds?: number }
  /** Whether the page opens the site once it is there, without a progress to show. */
  readonly isFollowed?: boolean
  /** What the link to the console says, if not that owners go there. */
  readonly linkText?: string
  /** A button that posts nothing to a path of this site. */
  readonly button?: { readonly action: string; readonly label: string }
}

const styleOf = ({ colours: { light, dark } = usualAccent }: Brand): string => `
:root{color-scheme:light dark;accent-color:light-dark(${light},${dark})}
html{color:light-dark(#161827,#eceefa);background:light-dark(#f6f6fc,#0c0e16)}
a{color:light-dark(${light},${dark})}
body{font:1rem/1.5 system-ui,sans-serif;max-width:34rem;margin:0 auto;padding:clamp(2rem,14vh,9rem) 1.25rem 2rem}
header{display:flex;align-items:center;gap:.6rem;margin-bottom:1rem;font-weight:700}
b,button{background:light-dark(${light},${dark});color:light-dark(${onAccent.light},${onAccent.dark})}
header img{border-radius:.4rem}
b{width:1.9rem;border-radius:.5rem;line-height:1.9rem;text-align:center}
main{padding:clamp(1.5rem,5vw,2.5rem);border:1px solid light-dark(#dfe1ee,#2c3147);border-radius:1rem;background:light-dark(#fff,#171a26)}
h1{margin:0;font-size:1.5rem;line-height:1.25;overflow-wrap:anywhere}
p{margin:.75rem 0 0}
progress{width:100%;height:.75rem;margin-top:1.5rem}
ol{list-style:none;padding:0}
button{margin-top:1.5rem;padding:.65rem 1.25rem;border:0;border-radius:.6rem;font:600 1rem system-ui,sans-serif;cursor:pointer}
li.pending,footer{color:light-dark(#565b73,#a6acc6)}
footer{margin:1.25rem .25rem 0;font-size:.875rem}
`

/** Routers answer here, on every site, whether it is ready: as they would answer any other path, but never with what the site says. */
export const readyPath = '/.well-known/sitewright/ready'

/**
 * Brings the progress up to date, and loads the page again only when it would be another one. A page that reloaded every time would take the
 * focus and the selection, and a screen reader would begin again. It outlasts a network that is away.
 */
const followingScript = `
const said = (page) => page.querySelector('h1 + p')?.textContent
// A browser may translate the page later.
const before = said(document)
const look = async () => {
  try {
    const answer = await fetch('${readyPath}', { headers: { accept: 'text/html' }, redirect: 'manual' })
    const next = new DOMParser().parseFromString(await answer.text(), 'text/html')
    if (next.querySelector('progress') === null || said(next) !== before) return location.reload()
    for (const part of ['progress', '#now', 'ol']) {
      const [old, now] = [document.querySelector(part), next.querySelector(part)]
      if (old === null || now === null || old.outerHTML === now.outerHTML) continue
      if (part !== 'progress') old.replaceChildren(...now.childNodes)
      else if (now.hasAttribute('value')) old.value = now.value
    }
  } catch {}
  setTimeout(look, 2000)
}
setTimeout(look, 2000)
`

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`

const isFollowing = ({ progress, waking, isFollowed = false }: Page): boolean =>
  progress !== undefined || waking !== undefined || isFollowed

/**
 * Nothing but the style and the script above and the mark of the offer: nothing else from elsewhere, and no form but the button's. A page with a
 * button is in no frame: another page could have it pushed. Others stand in for a site that may be embedded, whose frame would stay empty.
 */
const pagePolicy = (page: Page, brand: Brand): string =>
  [
    "default-src 'none'",
    `style-src ${hashOf(styleOf(brand))}`,
    ...(isFollowing(page) ? [`script-src ${hashOf(followingScript)}`, "connect-src 'self'"] : []),
    ...(brand.mark === undefined ? [] : [`img-src ${new URL(brand.mark).origin}`]),
    "base-uri 'none'",
    ...(page.button === undefined ? ["form-action 'none'"] : ["form-action 'self'", "frame-ancestors 'none'"]),
  ].join('; ')

const stepText: Readonly<Record<ProgressStep['name'], string>> = {
  storage: 'Preparing storage for its data',
  start: 'Starting it',
  ready: 'Waiting until it answers',
  open: 'Opening it at its address',
}

const stepMark: Readonly<Record<ProgressStep['status'], string>> = {
  pending: '○',
  running: '◔',
  done: '●',
  failed: '✕',
}

/** Says an English text, with its value, in the language of a page. */
type Say = (text: string, value?: string) => string

/** @param title in HTML: names the bar for who does not see it. */
const progressHtml = ({ percent, steps }: Progress, title: string, say: Say): string => {
  const running = steps.find(({ status }) => status === 'running')
  return `<progress aria-label="${title}" max="100" value="${percent}"></progress>
<p id="now" role="status">${percent} %${running === undefined ? '' : ` · ${say(stepText[running.name])}`}</p>
<ol>
${steps.map(({ name, status }) => `<li class="${status}">${stepMark[status]} ${say(stepText[name])}</li>`).join('\n')}
</ol>`
}

/** A bar without an end in sight. */
const waitingBar = (title: string): string => `<progress aria-label="${title}"></progress>`

/** The bar stays below its end until the site answers. A screen reader says no second by itself. */
const wakingHtml = (
  { elapsedSeconds, expectedSeconds }: NonNullable<Page['waking']>,
  title: string,
  say: Say,
): string => {
  const bar = `<progress aria-label="${title}"`
  const elapsed = `${elapsedSeconds}`
  if (expectedSeconds === undefined) return `${bar}></progress>\n<p id="now">${say('{value} s so far', elapsed)}</p>`
  const percent = Math.min(95, Math.round((100 * elapsedSeconds) / expectedSeconds))
  return `${bar} max="100" value="${percent}"></progress>
<p id="now">${say('{value} s of about {expected} s, by the latest starts', elapsed).replace('{expected}', `${expectedSeconds}`)}</p>`
}

const buttonHtml = ({ action, label }: NonNullable<Page['button']>, say: Say): string =>
  `<form method="post" action="${escapeHtml(action)}"><button>${escapeHtml(say(label))}</button></form>`

const contactHtml = ({ contact }: Brand): string =>
  contact === undefined ? '' : ` · <a href="mailto:${escapeHtml(contact)}">${escapeHtml(contact)}</a>`

/** The name and the mark of the offer; its first letter where it has none. */
const brandHtml = ({ brand = '', mark }: Brand): string => {
  const [first] = new Intl.Segmenter().segment(brand)
  if (first === undefined) return ''
  const picture =
    mark === undefined
      ? `<b aria-hidden="true">${escapeHtml(first.segment.toUpperCase())}</b>`
      : `<img src="${escapeHtml(mark)}" alt="" width="30" height="30">`
  return `<header>${picture}${escapeHtml(brand)}</header>\n`
}

/** The page as HTML for a browser. @param accepted the field `Accept-Language`. */
const pageHtml = (page: Page, brand: Brand, consoleUrl: string, accepted: string | undefined): string => {
  const { title, detail, value, progress, waking, button, linkText = 'Is this your site? Go to the console' } = page
  const language = languageOf([title, detail, linkText, ...(button === undefined ? [] : [button.label])], accepted)
  const say: Say = (text, its) => sayOn(language, text, its)
  const shownTitle = escapeHtml(say(title, value))
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${isFollowing(page) ? '<noscript><meta http-equiv="refresh" content="5"></noscript>\n' : ''}<title>${shownTitle}</title>
<style>${styleOf(brand)}</style>
</head>
<body>
${brandHtml(brand)}<main>
<h1>${shownTitle}</h1>
<p>${escapeHtml(say(detail, value))}</p>
${progress === undefined ? '' : progressHtml(progress, shownTitle, say)}${waking === undefined ? '' : wakingHtml(waking, shownTitle, say)}${page.isFollowed ? waitingBar(shownTitle) : ''}${button === undefined ? '' : buttonHtml(button, say)}
</main>
<footer><a href="${escapeHtml(brand.consoleUrl ?? consoleUrl)}" target="_top">${escapeHtml(say(linkText))}</a>${contactHtml(brand)}</footer>
${isFollowing(page) ? `<script>${followingScript}</script>\n` : ''}</body>
</html>
`
}

/** The page as an RFC 9457 problem for a program. */
export const pageProblem = ({ status, problem, title, detail, value, progress, waking }: Page): string =>
  JSON.stringify({
    type: `urn:sitewright:problem:${problem}`,
    title: sayOn('en', title, value),
    status,
    detail: sayOn('en', detail, value),
    ...(progress && { progress }),
    ...(waking && { waking }),
  })

/** Sends visitors on to what they asked for. */
export const pageAt = (page: Page, path: string): Page =>
  page.location === undefined || !path.startsWith('/') ? page : { ...page, location: `${page.location}${path}` }

export const wantsHtml = ({ headers }: Pick<IncomingMessage, 'headers'>): boolean =>
  headers.accept?.toLowerCase().includes('text/html') ?? false

export interface PageTerms {
  /** Where an owner is sent, unless the offer has an address of its own. */
  readonly consoleUrl: string
  readonly offers: Pick<Offers, 'find'>
  /** What an offer without a name of its own is called. */
  readonly brand?: string | undefined
}

/**
 * A page in the form that a request accepts: HTML where it names `text/html`, a problem otherwise. The headers are names and values in turn;
 * the body is not to be sent to a HEAD request.
 */
export const pageAnswer = (
  given: Page,
  request: Pick<IncomingMessage, 'headers' | 'method'>,
  { consoleUrl, offers, brand: usual }: PageTerms,
) => {
  const isHtml = wantsHtml(request)
  // A reload would send again what was posted.
  const { progress: _, ...still } = given
  const page: Page = isHtml && request.method === 'POST' ? still : given
  const own = offers.find(page.offer).brand
  const brand = { ...own, ...(usual !== undefined && own.brand === undefined ? { brand: usual } : {}) }
  const body = Buffer.from(
    isHtml ? pageHtml(page, brand, consoleUrl, request.headers['accept-language']) : pageProblem(page),
  )
  const headers = Object.entries({
    'Content-Type': isHtml ? 'text/html; charset=utf-8' : 'application/problem+json',
    'Content-Length': String(body.length),
    'Cache-Control': 'no-store',
    Vary: 'Accept, Accept-Language',
    'Content-Security-Policy': pagePolicy(page, brand),
    'X-Content-Type-Options': 'nosniff',
    // With `no-referrer` a browser would not name the origin of a pushed button.
    'Referrer-Policy': page.button === undefined ? 'no-referrer' : 'same-origin',
    'X-Robots-Tag': 'noindex',
  }).flat()
  if (page.retryAfterSeconds !== undefined) headers.push('Retry-After', String(page.retryAfterSeconds))
  if (page.status === 405) headers.push('Allow', allowedMethods)
  if (page.location !== undefined) headers.push('Location', page.location)
  // Nobody knows when the rest of the body would come.
  if (page.status === 408) headers.push('Connection', 'close')
  return { status: page.status, headers, body }
}
