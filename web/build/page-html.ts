import { type Accent, onAccent } from '../../core/accent.ts'
import type { LandingSettings, Language, PageSettings } from '../settings.ts'

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
  /** For search engines and previews. */
  readonly description: string
  readonly landing: Pick<LandingSettings, 'socialPicture' | 'touchIcon'>
  /** What it shows before any script; may be empty. */
  readonly html: string
  /** The path of a style with the colours of the offer. */
  readonly colours?: string | undefined
}

/** The HTML of a page: what is shown before any script, and what its script needs. */
export const pageHtml = (
  { folder, language, title, description, html, colours, landing }: Page,
  settings: PageSettings,
  assets: Assets,
): string => {
  const asset = (entry: string): string => {
    const path = assets.get(entry)
    if (path === undefined) throw new Error(`the pages have no ${entry}`)
    return path
  }
  const { touchIcon: icon, socialPicture } = landing
  const touchIcon = icon === undefined ? '' : `\n<link rel="apple-touch-icon" href="${icon}">`
  const preview = [
    `<meta name="description" content="${escaped(description)}">`,
    `<meta property="og:type" content="website">`,
    `<meta property="og:title" content="${escaped(title)}">`,
    `<meta property="og:description" content="${escaped(description)}">`,
    ...(socialPicture === undefined ? [] : [`<meta property="og:image" content="${escaped(socialPicture)}">`]),
  ].join('\n')
  return `<!doctype html>
<html lang="${language}" data-base="${escaped(settings.base)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="same-origin">
<title>${escaped(title)}</title>
${folder === 'sign-up' ? preview : '<meta name="robots" content="noindex">'}
<link rel="icon" href="${settings.logo ?? asset('ui/icon.svg')}" type="image/svg+xml">${touchIcon}
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

/** The tokens that follow from the accents of an offer (web/ui/tokens.css). */
export const coloursCss = ({ light, dark }: Accent): string => `:root{
--accent:light-dark(${light},${dark});
--accent-strong:light-dark(color-mix(in oklab,${light},#000 15%),color-mix(in oklab,${dark},#fff 30%));
--accent-soft:light-dark(color-mix(in srgb,${light} 11%,#fff),color-mix(in srgb,${dark} 18%,#161926));
--on-accent:light-dark(${onAccent.light},${onAccent.dark})}
`
