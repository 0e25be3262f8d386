/**
 * Shows the owner of a site the bar and the checklist of docs/owner-bar.md. Runs in the pages of a product, under its policy: without
 * markup, style attributes or requests. The router gives the constant `facts` (owner-bar.ts).
 */
const texts = {
  en: {
    region: (brand) => `${brand} bar: only you see it`,
    // The second part only where there is room.
    trial: (time) => [`${time} left`, ' of your trial'],
    payment: (time) => ['Payment overdue', `: your site stops in ${time}`],
    subscription: (time) => [`${time} left`, ' of your subscription'],
    pause: (time) => ['Subscription paused', `: your site stops in ${time}`],
    over: ['Trial ended', ': your site stops soon'],
    plan: (name) => [`Plan ${name}`, ''],
    act: { trial: 'Upgrade', payment: 'Pay', subscription: 'Choose a plan' },
    manage: 'Manage',
    close: 'Close until tomorrow',
    title: 'Get your site going',
    count: (done) => `${done} of 4 done`,
    hide: 'Hide this list',
    done: 'Done',
    write: ['Write something', 'What you write is on your site at once.', 'Write'],
    invite: ['Invite a visitor', 'Send somebody this address:', 'Copy address', 'The address is copied.'],
    domain: ['Connect your domain', 'Visitors reach your site at your own domain.', 'Connect'],
    copy: ['Make a copy', 'You can download it, or go back to it later.', 'Open copies'],
    pick: ['Choose a plan', 'Your site and its content stay as they are.', 'See plans'],
  },
  de: {
    region: (brand) => `${brand}-Leiste: nur für Sie sichtbar`,
    trial: (time) => [`Noch ${time}`, ' Testphase'],
    payment: (time) => ['Zahlung überfällig', `: Ihre Website läuft noch ${time}`],
    subscription: (time) => [`Noch ${time}`, ' Abonnement'],
    pause: (time) => ['Abonnement pausiert', `: Ihre Website läuft noch ${time}`],
    over: ['Testphase beendet', ': Ihre Website wird bald angehalten'],
    plan: (name) => [`Tarif ${name}`, ''],
    act: { trial: 'Tarif wählen', payment: 'Bezahlen', subscription: 'Tarif wählen' },
    manage: 'Verwalten',
    close: 'Bis morgen schließen',
    title: 'Erste Schritte mit Ihrer Website',
    count: (done) => `${done} von 4 erledigt`,
    hide: 'Liste ausblenden',
    done: 'Erledigt',
    write: ['Schreiben Sie etwas', 'Was Sie schreiben, steht sofort auf Ihrer Website.', 'Schreiben'],
    invite: [
      'Laden Sie jemanden ein',
      'Verschicken Sie diese Adresse:',
      'Adresse kopieren',
      'Die Adresse ist kopiert.',
    ],
    domain: ['Verbinden Sie Ihre Domain', 'Ihre Website ist unter Ihrer eigenen Domain erreichbar.', 'Verbinden'],
    copy: ['Machen Sie eine Kopie', 'Sie können sie herunterladen oder zu ihr zurückkehren.', 'Kopien öffnen'],
    pick: ['Wählen Sie einen Tarif', 'Ihre Website und alle Inhalte bleiben erhalten.', 'Tarife ansehen'],
  },
}
const language = navigator.languages.map((code) => code.slice(0, 2)).find((code) => code in texts) ?? 'en'
const t = texts[language]
const plansPage = `${facts.console}?part=plans`

const sheetOf = (css) => {
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  return sheet
}
/** A product may set them: `--sitewright-card`. */
const colours = {
  accent: facts.accent,
  'on-accent': facts.onAccent,
  card: { light: '#fff', dark: '#1b1e2b' },
  ink: { light: '#161827', dark: '#eceefa' },
  quiet: { light: '#565b73', dark: '#a6acc6' },
  line: { light: '#dfe1ee', dark: '#343a52' },
  soft: { light: '#f1f1f9', dark: '#272c40' },
}
const tokens = Object.entries(colours).map(
  ([name, { light, dark }]) => `--sw-${name}:var(--sitewright-${name},light-dark(${light},${dark}))`,
)
const common = sheetOf(`
:host{${tokens.join(';')}}
aside,section{color:var(--sw-ink);font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
*,::before{box-sizing:border-box}
*{margin:0;font:inherit;letter-spacing:normal;text-align:start;text-transform:none}
a,button{display:inline-flex;align-items:center;justify-content:center;min-height:32px;padding:0 12px;border:1px solid transparent;border-radius:8px;background:var(--sw-soft);color:var(--sw-ink);font-weight:600;text-decoration:none;white-space:nowrap;cursor:pointer}
a:hover,button:hover{text-decoration:underline}
:focus-visible{outline:2px solid var(--sw-accent);outline-offset:2px}
.main{background:var(--sw-accent);color:var(--sw-on-accent)}
.close{min-width:32px;padding:0;background:none;color:var(--sw-quiet);font-size:18px;font-weight:400;text-decoration:none}
@media print{:host{display:none!important}}`)
const barSheet = sheetOf(`
:host{all:initial!important;position:fixed!important;z-index:2147483647!important;inset:auto 0 0!important;display:block!important;color-scheme:light dark!important}
aside{display:flex;flex-wrap:wrap;align-items:center;justify-content:center;gap:6px;padding:6px 12px max(6px,env(safe-area-inset-bottom));border-top:1px solid var(--sw-line);background:var(--sw-card);box-shadow:0 -1px 3px rgb(15 17 40/8%)}
p{display:flex;flex-wrap:wrap;align-items:center;gap:0 10px;margin-inline-end:10px}
b{max-width:16em;overflow:hidden;font-weight:700;text-overflow:ellipsis;white-space:nowrap}
p span{color:var(--sw-quiet)}
p span::before{content:"";display:inline-block;width:8px;height:8px;margin-inline-end:7px;border-radius:50%;background:light-dark(#1f7a46,#7fdba2)}
p .soon::before{background:light-dark(#b86a00,#ffc27a)}
p .now::before{background:light-dark(#b4231c,#ffaaa2)}
p .soon,p .now{color:var(--sw-ink);font-weight:600}
i{font-style:normal}
@media (max-width:560px){b,i{display:none}aside{gap:4px;padding-inline:6px;font-size:13px}p{margin:0}a{padding:0 9px}.close{min-width:26px}}
@media print{:host{display:none!important}}`)
const listSheet = sheetOf(`
:host{display:block;color-scheme:inherit;container-type:inline-size}
section{padding:20px;border:1px solid var(--sw-line);border-radius:16px;background:var(--sw-card)}
header{display:grid;grid-template-columns:1fr auto;align-items:center;gap:0 8px}
header p{grid-row:2}
h2{font-size:17px;font-weight:700;line-height:1.3}
header p{color:var(--sw-quiet)}
.steps{display:grid;grid-template-columns:repeat(4,1fr);gap:6px;margin:8px 0}
.steps i{height:5px;border-radius:3px;background:var(--sw-line)}
.steps i.done{background:var(--sw-accent)}
ol{padding:0;list-style:none}
li{display:grid;grid-template-columns:22px 1fr auto;gap:2px 12px;align-items:center;padding:11px 0}
li+li{border-top:1px solid var(--sw-line)}
li::before{content:"";width:22px;height:22px;border:2px solid var(--sw-line);border-radius:50%}
li.done::before{content:"✓"/"";border-color:var(--sw-accent);background:var(--sw-accent);color:var(--sw-on-accent);font:700 13px/18px system-ui,sans-serif;text-align:center}
h3{font-weight:600}
li.done h3{color:var(--sw-quiet);text-decoration:line-through}
small{display:block;color:var(--sw-quiet);font-size:13px;overflow-wrap:anywhere}
small u{color:var(--sw-ink);text-decoration:none;user-select:all}
.hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
@container (max-width:440px){li a,li button{grid-column:2;justify-self:start;margin-top:6px}}`)

const element = (name, properties, ...children) => {
  const made = Object.assign(document.createElement(name), properties)
  made.append(...children)
  return made
}

/** Where the browser stores nothing, what was closed and copied is forgotten with the page. */
const openStorage = () => {
  try {
    return localStorage
  } catch {
    return {}
  }
}
const kept = openStorage()

/** What the bar says and offers, and how urgent it is. */
const news = () => {
  const { end } = facts
  if (end === null) return { words: t.plan(facts.plan), tone: '' }
  const hour = 3_600_000
  const left = Date.parse(end.at) - Date.parse(facts.now)
  // Rounded as in the console.
  const unit = left >= 48 * hour ? 'day' : 'hour'
  const amount = Math.max(1, Math.round(left / (unit === 'day' ? 24 * hour : hour)))
  const time = new Intl.NumberFormat(language, { style: 'unit', unit, unitDisplay: 'long' }).format(amount)
  const words = end.because === 'trial' && left <= 0 ? t.over : t[end.because](time)
  const tone = left <= 24 * hour ? 'now' : left <= 72 * hour || end.because !== 'trial' ? 'soon' : ''
  return { words, tone, act: t.act[end.because] }
}

const showBar = () => {
  const today = new Date().toDateString()
  if (kept['sitewright-bar'] === today) return
  const host = document.createElement('sitewright-bar')
  host.lang = language
  const root = host.attachShadow({ mode: 'open' })
  root.adoptedStyleSheets = [common, barSheet]
  const { words, tone, act } = news()
  const close = element('button', { type: 'button', className: 'close', title: t.close, ariaLabel: t.close }, '×')
  // The end of the page can be scrolled above the bar, and the focus never goes behind it.
  const room = new CSSStyleSheet()
  close.addEventListener('click', () => {
    host.remove()
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((sheet) => sheet !== room)
    kept['sitewright-bar'] = today
  })
  const said = element(
    'p',
    {},
    element('b', {}, facts.brand),
    element('span', { className: tone }, words[0], element('i', {}, words[1])),
  )
  const bar = element(
    'aside',
    { ariaLabel: t.region(facts.brand) },
    said,
    element('a', { href: facts.console }, t.manage),
  )
  if (act !== undefined) bar.append(element('a', { href: plansPage, className: 'main' }, act))
  bar.append(close)
  root.append(bar)
  document.body.append(host)
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, room]
  new ResizeObserver(() => {
    const height = `${bar.offsetHeight}px`
    room.replaceSync(
      `@media screen{html{scroll-padding-bottom:${height}}html::after{content:"";display:block;height:${height}}}`,
    )
  }).observe(bar)
}

/** The steps of the checklist; the product says of the first two whether they are done. */
const stepsOf = ({ done = '', write }) => {
  const said = done.split(/\s+/)
  const { console: page, hasDomain, allowsDomain } = facts
  return [
    { id: 'write', texts: t.write, isDone: said.includes('write'), href: write },
    { id: 'invite', texts: t.invite, isDone: said.includes('invite') || kept['sitewright-invited'] !== undefined },
    // Without a plan for it, something that is free.
    allowsDomain
      ? { id: 'domain', texts: t.domain, isDone: hasDomain, href: `${page}?part=domains` }
      : { id: 'copy', texts: t.copy, isDone: kept['sitewright-copies'] !== undefined, href: `${page}?part=copies` },
    { id: 'plan', texts: t.pick, isDone: !facts.isTrial, href: plansPage },
  ]
}

let isCopied = false

const copyAddress = async () => {
  // Without TLS there is no clipboard: a press on the address selects it.
  const copying = navigator.clipboard?.writeText(facts.address)
  isCopied = (await copying?.then(() => true).catch(() => false)) === true
  if (isCopied) kept['sitewright-invited'] = 'yes'
  updateChecklist()
}

const itemOf = ({ id, texts: [title, hint, act, thanks], isDone, href }) => {
  const head = element('h3', {}, title)
  if (isDone) head.prepend(element('span', { className: 'hidden' }, `${t.done}: `))
  const about = element('small', {}, isDone ? thanks : hint)
  if (id === 'invite' && !isDone) about.append(' ', element('u', {}, facts.address))
  const isSaid = !isDone || (id === 'invite' && isCopied)
  const item = element('li', { className: isDone ? 'done' : '' }, element('div', {}, head, ...(isSaid ? [about] : [])))
  if (isDone || act === undefined) return item
  if (href !== undefined) {
    const link = element('a', { href, id }, act)
    if (id === 'copy') link.addEventListener('click', () => (kept['sitewright-copies'] = 'opened'))
    item.append(link)
  }
  if (id === 'invite') {
    const copy = element('button', { type: 'button', id }, act)
    copy.addEventListener('click', copyAddress)
    item.append(copy)
  }
  return item
}

const startChecklist = (place) => {
  const root = place.attachShadow({ mode: 'open' })
  root.adoptedStyleSheets = [common, listSheet]
  const close = element('button', { type: 'button', className: 'close', title: t.hide, ariaLabel: t.hide }, '×')
  close.addEventListener('click', () => {
    root.replaceChildren()
    kept['sitewright-checklist'] = 'closed'
  })
  const head = element(
    'header',
    {},
    element('h2', { id: 'title', tabIndex: -1 }, t.title),
    element('p', { role: 'status' }),
    close,
  )
  const steps = element('div', { className: 'steps', ariaHidden: 'true' })
  const section = element('section', { lang: language }, head, steps, element('ol', {}))
  section.setAttribute('aria-labelledby', 'title')
  root.append(section)
  return root
}

let shownSteps = ''

const updateChecklist = () => {
  const place = document.querySelector('[data-sitewright="checklist"]')
  if (place === null || kept['sitewright-checklist'] === 'closed') return
  const steps = stepsOf(place.dataset)
  const isNew = place.shadowRoot === null
  const before = shownSteps
  shownSteps = JSON.stringify(steps)
  // Most changes of a page are of no concern.
  if (!isNew && shownSteps === before) return
  const root = isNew ? startChecklist(place) : place.shadowRoot
  const done = steps.filter(({ isDone }) => isDone).length
  const marks = steps.map((_, index) => element('i', { className: index < done ? 'done' : '' }))
  const focused = root.activeElement?.id
  root.querySelector('header p')?.replaceChildren(t.count(done))
  root.querySelector('.steps')?.replaceChildren(...marks)
  root.querySelector('ol')?.replaceChildren(...steps.map(itemOf))
  // The pressed button may no longer exist.
  if (focused) (root.getElementById(focused) ?? root.getElementById('title'))?.focus()
}

// In a frame, the page around has one of its own.
if (window === window.top) {
  showBar()
  updateChecklist()
  // A product may show its place later, and reports its steps there.
  const attributeFilter = ['data-done', 'data-write', 'data-sitewright']
  new MutationObserver(updateChecklist).observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter,
  })
}
