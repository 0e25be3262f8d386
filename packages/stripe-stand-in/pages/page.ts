const entities = new Map(Object.entries({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }))

/** Text as it may stand in an HTML element or a quoted attribute. */
export const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities.get(sign) ?? sign)

const style = `
  :root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif }
  body { max-width: 30rem; margin: 2rem auto; padding: 0 1rem }
  form { margin: 1rem 0 }
  label { display: block; margin: .5rem 0 }
  input[name=card] { display: block; width: 100%; box-sizing: border-box; font: inherit; padding: .4rem }
  button { font: inherit; padding: .4rem .8rem }
  table { border-collapse: collapse; width: 100% }
  td { border-top: 1px solid #8886; padding: .3rem .5rem .3rem 0 }
  .amount { font-size: 1.6rem; font-weight: 600; margin: 0 }
  .problem { border-left: .25rem solid #c33; padding-left: .75rem }
  .about { opacity: .75; font-size: .9rem }
`

/** The page runs nothing and loads nothing. A form may lead on to where the customer came from. */
export const pagePolicy = (...leadsTo: readonly (string | null)[]): string => {
  const origins = leadsTo.flatMap((url) => (url !== null && URL.canParse(url) ? [new URL(url).origin] : []))
  return `default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action ${["'self'", ...origins].join(' ')}`
}

/** A page of the stand-in; `content` is HTML. */
export const page = (title: string, content: string): string => `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width">
  <title>${escapeHtml(title)} · stand-in for Stripe</title>
  <style>${style}</style>
</head>
<body>
  <h1>${escapeHtml(title)}</h1>
  ${content}
  <p class="about">This page stands in for Stripe on this machine. No money moves, and only test cards are taken:
  4242 4242 4242 4242 pays, 4000 0000 0000 0002 is declined, 4000 0000 0000 0341 can be kept and fails later.</p>
</body>
</html>
`

/** An amount of minor units, as people read it. */
export const money = (amount: number, currency: string): string =>
  new Intl.NumberFormat('en', { style: 'currency', currency }).format(amount / 100)

/** A day of an instant in seconds since 1970. */
export const day = (seconds: number): string => new Date(seconds * 1000).toISOString().slice(0, 10)

export const problem = (message: string | undefined): string =>
  message === undefined ? '' : `<p class="problem" role="alert">${escapeHtml(message)}</p>`

export const cardField =
  '<label>Card number <input name="card" inputmode="numeric" autocomplete="off" required value="4242 4242 4242 4242"></label>'
