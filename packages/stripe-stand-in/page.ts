const entities = new Map(Object.entries({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }))

/** Text as it may stand in an HTML element or a quoted attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities.get(sign) ?? sign)

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; --ink: light-dark(#161827, #eceefa);
    --quiet: light-dark(#565b73, #a6acc6); --line: light-dark(#dfe1ee, #2c3147); --edge: light-dark(#858aa5, #6b7294);
    --side: light-dark(#f1f1f9, #0d0f18); --card: light-dark(#fff, #161926); --accent: light-dark(#4338ca, #a5b0ff) }
  * { box-sizing: border-box }
  body { margin: 0; color: var(--ink); background: var(--side) }
  main { display: grid; min-height: 100vh }
  main > * { padding: 2rem max(1.25rem, calc(50vw - 15rem)) }
  main > :last-child { background: var(--card) }
  @media (min-width: 56rem) {
    main { grid-template-columns: 1fr 1fr }
    main > * { padding: 4rem max(2rem, calc(50vw - 32rem)) 2rem 4.5rem }
    main > :first-child { padding: 4rem 4.5rem 2rem max(2rem, calc(50vw - 32rem)) }
    main > :last-child { box-shadow: -1rem 0 2rem -1.5rem #0003 }
  }
  h1 { font-size: 1.125rem; margin: 0; color: var(--quiet); font-weight: 600 }
  h2 { font-size: 1rem; margin: 1.5rem 0 .5rem }
  a { color: var(--accent) }
  form { margin: 1rem 0 }
  label { display: block; margin: .75rem 0; font-size: .875rem; font-weight: 600 }
  fieldset { border: 0; padding: 0; margin: 0; display: grid; grid-template-columns: 1fr 1fr; gap: 0 .75rem }
  fieldset > :first-of-type { grid-column: 1 / -1 }
  input { display: block; width: 100%; margin-top: .25rem; font: inherit; padding: .6rem .75rem; color: inherit;
    background: none; border: 1px solid var(--edge); border-radius: .5rem }
  input[readonly] { border-color: var(--line); color: var(--quiet) }
  button { width: 100%; min-height: 2.875rem; font: inherit; font-weight: 600; padding: .5rem 1rem; cursor: pointer;
    border: 0; border-radius: .5rem; color: light-dark(#fff, #12143a); background: var(--accent) }
  :focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
  table { border-collapse: collapse; width: 100%; margin: 1.5rem 0 }
  td { border-top: 1px solid var(--line); padding: .75rem .5rem .75rem 0; vertical-align: top }
  td:last-child { text-align: end; white-space: nowrap; padding-inline-end: 0 }
  tr.total td { font-weight: 600 }
  small, .about { display: block; color: var(--quiet); font-size: .875rem; font-weight: 400 }
  .about { margin-top: 2rem }
  .brand { display: flex; align-items: center; gap: .75rem; margin: 0 0 2rem; font-weight: 600 }
  .mark { display: grid; place-items: center; width: 2rem; height: 2rem; border-radius: .5rem; color: light-dark(#fff, #12143a);
    background: var(--accent) }
  .test { padding: .1rem .5rem; border-radius: .3rem; font-size: .75rem; color: light-dark(#8a4b00, #ffc27a);
    background: light-dark(#fff3e0, #35260f) }
  .amount { font-size: 2.25rem; line-height: 1.2; font-weight: 700; margin: .25rem 0 }
  .problem { border-left: .25rem solid light-dark(#b4231c, #ffaaa2); padding-left: .75rem }
  code { white-space: nowrap }
`

/** A page runs and loads nothing. Its form may redirect to the customer's site. */
export const pagePolicy = (...redirects: readonly string[]): string => {
  const origins = redirects.flatMap((url) => (URL.canParse(url) ? [new URL(url).origin] : []))
  return `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action ${["'self'", ...origins].join(' ')}`
}

const testCards = [
  ['4242 4242 4242 4242', 'pays'],
  ['4000 0000 0000 0002', 'is declined'],
  ['4000 0000 0000 0341', 'can be kept and fails later'],
  ['4000 0027 6000 3184', 'has to be confirmed'],
  ['DE08 3704 0044 0532 0130 03', 'is an account that pays after three minutes'],
  ['DE78 3704 0044 0532 0130 04', 'is an account that declines then'],
] as const

/** A page of the stand-in. `summary` says what it is about, and `content` what to do; both are HTML. */
export const page = (title: string, summary: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>${escapeHtml(title)} · stand-in for Stripe</title>
  <style>${style}</style>
</head>
<body>
  <main>
  <div>
  ${summary}
  </div>
  <div>
  ${content}
  <div class="about">
  <p>This page stands in for Stripe on this machine. No money moves, and it takes only test cards:</p>
  <ul>${testCards.map(([number, effect]) => `<li><code>${number}</code> ${effect}</li>`).join('')}</ul>
  </div>
  </div>
  </main>
</body>
</html>
`

/** Says what a page bills for, and that no money moves. */
export const brand = (name: string): string =>
  `<p class="brand"><span class="mark" aria-hidden="true">${escapeHtml(name.slice(0, 1))}</span>${escapeHtml(name)} <span class="test">Test mode</span></p>`

/** The decimals of amounts: https://docs.stripe.com/currencies */
const digitsOf = (currency: string): number => {
  if (/^(bif|clp|djf|gnf|jpy|kmf|krw|mga|pyg|rwf|vnd|vuv|xaf|xof|xpf)$/.test(currency)) return 0
  return /^(bhd|jod|kwd|omr|tnd)$/.test(currency) ? 3 : 2
}

/** An amount of minor units, as people read it. */
export const money = (amount: number, currency: string): string => {
  const digits = digitsOf(currency)
  const shown = { style: 'currency', currency, minimumFractionDigits: digits, maximumFractionDigits: digits } as const
  return escapeHtml(new Intl.NumberFormat('en', shown).format(amount / 10 ** digits))
}

/** A day of an instant in seconds since 1970. */
export const day = (seconds: number): string =>
  new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone: 'UTC' }).format(seconds * 1000)

export const problem = (message: string | undefined): string =>
  message === undefined ? '' : `<p class="problem" role="alert">${escapeHtml(message)}</p>`

/** Only the number counts. The others are there as on every page for cards. */
export const cardFields = `<fieldset>
    <label>Card number <input name="card" inputmode="numeric" autocomplete="off" required value="4242 4242 4242 4242"></label>
    <label>Expiry <input inputmode="numeric" autocomplete="off" value="12 / 34"></label>
    <label>Security code <input inputmode="numeric" autocomplete="off" value="123"></label>
  </fieldset>`
