import { type Entitlement, planName } from './entitlement.ts'
import type { Entry, EntryPage } from './entries.ts'
import { escapeHtml, sizeText, timeElement } from './html.ts'
import type { Viewer } from './viewer.ts'

const featureNames: Readonly<Record<string, string>> = {
  entries: 'Entries of visitors',
  scorm: 'SCORM courses',
  customDomain: 'Your own domains',
  export: 'Export from the site',
  environments: 'Environments',
  customCode: 'Custom code',
}

const aboutSite = (entitlement: Entitlement | undefined): string => {
  if (entitlement === undefined) {
    return `<p class="warning">This request carries no valid entitlement, so nothing is known of the plan.
      Open the site through its own address.</p>`
  }
  const { plan, features, limits, trialEndsAt } = entitlement
  const featureList = features.map((feature) => `<li>${escapeHtml(featureNames[feature] ?? feature)}</li>`).join('')
  return `<dl>
      <div><dt>Plan</dt><dd>${escapeHtml(planName(plan))}</dd></div>
      ${trialEndsAt === null ? '' : `<div><dt>Trial ends</dt><dd>${timeElement(trialEndsAt, 'day')}</dd></div>`}
      <div><dt>Storage</dt><dd>${sizeText(limits.storageMiB)}</dd></div>
      <div class="wide"><dt>Features</dt><dd>${featureList === '' ? 'none' : `<ul class="tags">${featureList}</ul>`}</dd></div>
    </dl>`
}

const entryItem = ({ text, at }: Entry): string => `<li><p>${escapeHtml(text)}</p>${timeElement(at, 'minute')}</li>`

const greeting = (owner: Viewer | undefined): string =>
  owner === undefined
    ? '<p>This site is running. Everybody who opens it can read what you write here.</p>'
    : `<p id="greeting">Welcome, ${escapeHtml(owner.name ?? owner.email)}. Your site is running. Everybody who knows its address can
        read it and write here. Only you can manage it. All entries stay.</p>`

/** The page at `/`. Escapes the text of visitors and owners. */
export const renderPage = ({
  entitlement,
  owner,
  page: { entries, cursor },
  coursesSection,
}: {
  readonly entitlement: Entitlement | undefined
  /** The owner, if they look at it. */
  readonly owner: Viewer | undefined
  readonly page: EntryPage
  /** HTML, or nothing. */
  readonly coursesSection: string
}): string => {
  const name = escapeHtml(entitlement?.name ?? 'Welcome')
  return `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <meta name="color-scheme" content="light dark">
  <title>${name}</title>
  <link rel="stylesheet" href="/page.css">
  <script type="module" src="/page.js"></script>
  ${coursesSection === '' ? '' : '<script type="module" src="/courses.js"></script>'}
</head>
<body>
  <main>
    ${entitlement === undefined ? '' : renderBanner(entitlement)}
    <header>
      <h1>${name}</h1>
      ${greeting(owner)}
    </header>
    <section aria-label="About this site">
    ${aboutSite(entitlement)}
    </section>
    <section aria-labelledby="entries-title">
      <h2 id="entries-title">Entries</h2>
      <form id="new-entry">
        <label for="text">New entry</label>
        <div class="row">
          <input id="text" name="text" required maxlength="4000" autocomplete="off" placeholder="Write something to keep">
          <button disabled>Save</button>
        </div>
        <p id="message" role="status"></p>
      </form>
      <p id="no-entries"${entries.length === 0 ? '' : ' hidden'}>Nothing is written yet.</p>
      <ol id="entries">${entries.map(entryItem).join('\n')}</ol>
      ${cursor === undefined ? '' : '<p class="quiet">Older entries are at <a href="/api/entries">/api/entries</a>.</p>'}
    </section>
    ${coursesSection}
  </main>
</body>
</html>
`
}

const toConsole = (consoleUrl: string | null, what: string): string =>
  consoleUrl === null
    ? `Its owner can ${what} in the console.`
    : `<a href="${escapeHtml(consoleUrl)}">Is this your site? You can ${what} in the console</a>`

const banner = (what: string, until: string, way: string): string =>
  `<aside id="banner" aria-label="To the owner of this site">
      <p><strong>${what}</strong> It runs until ${timeElement(until, 'minute')} UTC; after that it is suspended, and its data is kept.</p>
      <p>${way}</p>
    </aside>`

/** The notice above the page while a payment is overdue or the subscription ends: HTML, or nothing. */
const renderBanner = ({ paymentDueBy, endsAt, consoleUrl }: Entitlement): string => {
  if (paymentDueBy !== null) {
    return banner('A payment for this site is overdue.', paymentDueBy, toConsole(consoleUrl, 'pay'))
  }
  if (endsAt === null) return ''
  return banner('The subscription of this site will not be renewed.', endsAt, toConsole(consoleUrl, 'choose a plan'))
}
