import type { Language, PageSettings } from '../settings.ts'

/** The path of each entry's output, by the entry's path in `web/`. */
export type Assets = ReadonlyMap<string, string>

const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')

/** JSON for an element: no `<` can end it. */
const jsonData = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c')

const bone = '<span class="bone"></span>'

/** What a page shows until its script has run: the place of what follows. */
export const skeletonHtml = `<div class="frame first-look" aria-hidden="true"><div class="frame-header">${bone}</div><div class="skeleton">${bone}${bone}</div></div>`

export interface Page {
  /** The folder in `web/` of its script and style, such as `sign-up`. */
  readonly folder: string
  readonly language: Language
  readonly title: string
  /** What it shows before any script; may be empty. */
  readonly html: string
  /** The path of a style with the colours of the offer. */
  readonly colours?: string | undefined
}

/** The HTML of a page: what is shown before any script, and what its script needs. */
export const pageHtml = (
  { folder, language, title, html, colours }: Page,
  settings: PageSettings,
  assets: Assets,
): string => {
  const asset = (entry: string): string => {
    const path = assets.get(entry)
    if (path === undefined) throw new Error(`the pages have no ${entry}`)
    return path
  }
  return `<!doctype html>
<html lang="${language}" data-base="${escaped(settings.base)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="same-origin">
<title>${escaped(title)}</title>
<link rel="icon" href="${asset('ui/icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${asset(`${folder}/${folder}.css`)}">
${colours === undefined ? '' : `<link rel="stylesheet" href="${colours}">\n`}<script src="${asset('ui/early.ts')}"></script>
<script type="module" src="${asset(`${folder}/${folder}.tsx`)}"></script>
<link rel="modulepreload" id="texts" href="${asset(`texts/${folder}-${language}`)}">
</head>
<body>
<div id="page">${html}</div>
<script type="application/json" id="settings">${jsonData(settings)}</script>
</body>
</html>
`
}
