import { get, type Row, row } from './row.ts'

export const paths: readonly Row[] = [
  row('a path outside of the API', [404, 'not-found'], get('/etc/passwd')),
  row('a path that climbs', [404, 'not-found'], get('/../../etc/passwd')),
  row('a path that begins with two slashes', [404, 'not-found'], get('//v1/plans'), {
    corrected: [get('/v1/plans'), 200],
  }),
  row(
    'a method that only another path has',
    [405, 'method-not-allowed'],
    { method: 'PUT', path: '/v1/sites', body: {} },
    { headers: { allow: 'POST, GET' } },
  ),
  row('a percent sign that leads nowhere', [400, 'invalid-request'], get('/v1/hostnames/%ZZ'), {
    corrected: [get('/v1/hostnames/%7A%7A%7A'), 200],
  }),
  row('half a character', [400, 'invalid-request'], get('/v1/hostnames/%E0%A4')),
  row('a whole address as the path', [400, 'invalid-request'], ({ host }) => get(`${host.url}/v1/plans`), {
    corrected: [get('/v1/plans'), 200],
  }),
  row('an asterisk as the path', [400, 'invalid-request'], { method: 'OPTIONS', path: '*' }),
  row('a name that nobody has', [404, 'site-unknown'], { path: '/', at: 'nobody.localhost' }),
  row("the API under a site's name", [404, 'site-unknown'], { path: '/v1/plans', at: 'nobody.localhost' }),
  row('a name of somewhere else', [404, 'site-unknown'], { path: '/v1/plans', at: 'sitewright.example' }),
]

const mailbox = '/_local/mail'
export const strangers: readonly Row[] = [
  ...['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'].map((header) =>
    row(
      `the mailbox through something that says ${header}`,
      [404, 'not-found'],
      get(mailbox, { [header]: '127.0.0.1' }),
    ),
  ),
  ...['https://evil.example', 'null', 'http://localhost', 'http://localhost:1', 'http://taken.localhost'].map(
    (origin) =>
      row(`the mailbox for a page of ${origin}`, [404, 'not-found'], get(mailbox, { origin }), {
        corrected: [({ host }) => get(mailbox, { origin: host.url }), 200],
      }),
  ),
  ...['cross-site', 'same-site'].map((site) =>
    row(`the mailbox from a page that is ${site}`, [404, 'not-found'], get(mailbox, { 'sec-fetch-site': site }), {
      corrected: [get(mailbox, { 'sec-fetch-site': 'none' }), 200],
    }),
  ),
  row("the mailbox under a site's name", [404, 'site-unknown'], { path: mailbox, at: 'nobody.localhost' }),
  row("the mailbox under a stranger's name", [404, 'site-unknown'], { path: mailbox, at: 'rebound.example' }),
]
