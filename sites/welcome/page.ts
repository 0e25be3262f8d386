import { type Entitlement, planName } from './entitlement.ts'
import type { Entries, Entry, EntryPage } from './entries.ts'
import { escapeHtml, sizeText, timeElement } from './html.ts'
import type { Texts } from './texts.ts'
import type { Viewer } from './viewer.ts'

const aboutSite = (entitlement: Entitlement | undefined, { t, find }: Texts): string => {
  if (entitlement === undefined) return `<p class="warning">${t('unknown')}</p>`
  const { plan, features, limits, trialEndsAt } = entitlement
  const names = features.map((feature) => `<li>${escapeHtml(find(`feature.${feature}`) ?? feature)}</li>`).join('')
  const end = trialEndsAt === null ? '' : timeElement(trialEndsAt, t('locale'))
  return `<dl>
      <div><dt>${t('plan')}</dt><dd>${escapeHtml(planName(plan))}</dd></div>
      ${end === '' ? '' : `<div><dt>${t('trialEnds')}</dt><dd>${end}</dd></div>`}
      <div><dt>${t('storage')}</dt><dd>${sizeText(limits.storageMiB)}</dd></div>
      <div><dt>${t('features')}</dt><dd>${names === '' ? t('none') : `<ul class="tags">${names}</ul>`}</dd></div>
    </dl>`
}

/** What the page is made of. */
interface Shown {
  readonly entitlement: Entitlement | undefined
  /** The owner, if they look at it. */
  readonly owner: Viewer | undefined
  readonly page: EntryPage
  readonly writers: ReturnType<Entries['writers']>
  readonly hasSamples: boolean
  /** HTML, or nothing. */
  readonly coursesSection: string
  readonly texts: Texts
}

/** What the owner can do with an entry: nobody changes the words of visitors. */
const actsOf = (isOwners: boolean, { t }: Texts): string =>
  `<span class="acts">${isOwners ? `<button type="button" class="edit">${t('edit')}</button>` : ''}<button type="button" class="delete">${t('remove')}</button></span>`

const entryItem = ({ id, text, at, isOwners }: Entry, { owner, texts }: Shown, name: string): string =>
  `<li data-entry="${id}"><p>${escapeHtml(text)}</p>
        <footer>${isOwners ? `<b>${name}</b>` : ''}${timeElement(at, texts.t('locale'))}${owner === undefined ? '' : actsOf(isOwners === true, texts)}</footer></li>`

const sampleItems = (name: string, { t }: Texts): string =>
  (['sample1', 'sample2', 'sample3'] as const)
    .map((sample, index) => {
      const writer = index % 2 === 0 ? `<b>${name}</b>` : ''
      return `<li><p>${t(sample)}</p><footer>${writer}<span class="tag">${t('sample')}</span></footer></li>`
    })
    .join('\n')

/** It comes first, where owners and visitors find it on a phone too. */
const entryForm = ({ t }: Texts): string =>
  `<form id="new-entry" class="card" novalidate>
      <label for="text">${t('newEntry')}</label>
      <textarea id="text" name="text" required maxlength="4000" rows="2" placeholder="${t('hint')}" aria-describedby="message"></textarea>
      <div class="row">
        <p class="quiet">${t('open')}</p>
        <button disabled>${t('save')}</button>
      </div>
      <p id="message" role="status"></p>
    </form>`

const entriesSection = (shown: Shown, name: string): string => {
  const { texts, owner, page } = shown
  // Visitors would take samples for what somebody wrote.
  const hasSamples = shown.hasSamples && owner !== undefined
  const { t } = texts
  const { entries, cursor } = page
  const items = entries.map((entry) => entryItem(entry, shown, name)).join('\n')
  return `<section aria-labelledby="entries-title">
      <h2 id="entries-title">${t('entries')}</h2>
      <p id="no-entries" class="card quiet"${entries.length > 0 || hasSamples ? ' hidden' : ''}>${t('nothing')}</p>
      <ol id="entries" class="cards" data-name="${name}" data-delete="${owner === undefined ? '' : t('remove')}" data-edit="${t('edit')}" data-save="${t('save')}">${items}</ol>
      ${cursor === undefined ? '' : `<p><button type="button" id="older" class="plain" data-cursor="${cursor}">${t('older')}</button></p>`}
      ${hasSamples ? `<p id="about-samples" class="row quiet">${t('aboutSamples')} <button type="button" class="plain">${t('removeSamples')}</button></p>` : ''}
      ${hasSamples ? `<ol id="samples" class="cards">${sampleItems(name, texts)}</ol>` : ''}
    </section>`
}

/** The way to the console, for an owner who came without an entrance. */
const notOwner = ({ texts: { t }, owner, entitlement }: Shown): string => {
  if (owner !== undefined || entitlement === undefined) return ''
  const { consoleUrl } = entitlement
  const link = consoleUrl === null ? '$1' : `<a href="${escapeHtml(consoleUrl).replaceAll('$', '$$$$')}">$1</a>`
  return `<p id="not-owner">${t('notOwner').replace(/\[(.+)\]/, link)}</p>`
}

/** The steps of the checklist that are done (docs/owner-bar.md). */
const doneSteps = ({ writers: { owner, visitor } }: Shown): string =>
  [owner ? 'write' : '', visitor ? 'invite' : ''].join(' ').trim()

/** People are greeted by their names. An address is none. */
const greetingOf = ({ name }: Viewer, siteName: string, { t }: Texts): string =>
  name === undefined
    ? t('greetingSite').replace('{name}', () => siteName)
    : t('greeting').replace('{name}', () => escapeHtml(name))

const head = (title: string, { t }: Texts): string => `<!doctype html>
<html lang="${t('language')}">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${title}</title>
  <link rel="icon" href="/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="/page.css">`

const hero = (title: string, text: string): string => `<header class="hero">
    <img src="/icon.svg" alt="" width="64" height="64">
    <h1>${title}</h1>
    <p>${text}</p>
  </header>`

/** What a browser shows at an address that has nothing. */
export const renderNotFound = (entitlement: Entitlement | undefined, texts: Texts): string => {
  const { t } = texts
  const back = t('toStart').replace('{name}', () => escapeHtml(entitlement?.name ?? 'Welcome'))
  return `${head(t('notFound'), texts)}
</head>
<body>
  ${hero(t('notFound'), t('notFoundText'))}
  <main><p><a href="/">${back}</a></p></main>
</body>
</html>
`
}

/** The page at `/`. Escapes the text of visitors and owners. */
export const renderPage = (shown: Shown): string => {
  const { entitlement, owner, coursesSection, texts } = shown
  const { t } = texts
  const name = escapeHtml(entitlement?.name ?? 'Welcome')
  return `${head(name, texts)}
  <meta name="description" content="${t('lead')}">
  <script type="module" src="/page.js"></script>
  ${coursesSection === '' ? '' : '<script type="module" src="/courses.js"></script>'}
  ${owner === undefined ? '' : '<script src="/_sitewright/bar.js" defer></script>'}
</head>
<body>
  ${entitlement === undefined ? '' : renderBanner(entitlement, texts)}
  ${hero(name, t('lead'))}
  <main>
    ${entryForm(texts)}
    ${
      owner === undefined
        ? ''
        : `<div><p id="greeting" class="card"><b>${greetingOf(owner, name, texts)}</b> ${t('access')}</p>
    <div data-sitewright="checklist" data-done="${doneSteps(shown)}" data-write="#text"></div></div>`
    }
    ${entriesSection(shown, name)}
    ${coursesSection}
  </main>
  <footer class="about">
    ${owner === undefined && entitlement !== undefined ? '' : `<h2>${t('about')}</h2>\n${aboutSite(entitlement, texts)}`}
    ${notOwner(shown)}
  </footer>
</body>
</html>
`
}

/** The first character of the name on the site's colour. */
export const renderIcon = (name = '?'): string => {
  const [first] = new Intl.Segmenter().segment(name.trim())
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64"><rect width="64" height="64" rx="16" fill="#0b6b4f"/><text x="32" y="44" text-anchor="middle" font-family="system-ui,sans-serif" font-size="34" font-weight="700" fill="#fff">${escapeHtml(first?.segment.toUpperCase() ?? '?')}</text></svg>`
}

const banner = (what: 'pay' | 'choose', until: string, consoleUrl: string | null, { t }: Texts): string => {
  const time = timeElement(until, t('locale'))
  const way =
    consoleUrl === null ? t(`banner.${what}`) : `<a href="${escapeHtml(consoleUrl)}">${t(`banner.${what}-link`)}</a>`
  return `<aside id="banner" class="card" aria-label="${t('banner.label')}">
      <p><strong>${t(`banner.${what}-why`)}</strong> ${t('banner.until').replace('{at}', () => time)}</p>
      <p>${way}</p>
    </aside>`
}

/** The notice above the page while a payment is overdue or the subscription ends: HTML, or nothing. */
const renderBanner = ({ paymentDueBy, endsAt, consoleUrl }: Entitlement, texts: Texts): string => {
  if (paymentDueBy !== null) return banner('pay', paymentDueBy, consoleUrl, texts)
  return endsAt === null ? '' : banner('choose', endsAt, consoleUrl, texts)
}
