import { get, type Row } from './row.ts'

export const paths: readonly Row[] = [
  { name: 'an unknown path', request: get('/v1/nothing'), status: 404, type: 'not-found' },
  { name: 'a path outside of the API', request: get('/etc/passwd'), status: 404, type: 'not-found' },
  { name: 'a path that climbs', request: get('/../../etc/passwd'), status: 404, type: 'not-found' },
  {
    name: 'a path that begins with two slashes',
    request: get('//v1/plans'),
    status: 404,
    type: 'not-found',
    corrected: [get('/v1/plans'), 200],
  },
  {
    name: 'the wrong method',
    request: { method: 'DELETE', path: '/v1/plans' },
    status: 405,
    type: 'method-not-allowed',
    headers: { allow: 'GET' },
  },
  {
    name: 'a method that only another path has',
    request: { method: 'PUT', path: '/v1/sites', body: {} },
    status: 405,
    type: 'method-not-allowed',
    headers: { allow: 'POST, GET' },
  },
  {
    name: 'a percent sign that leads nowhere',
    request: get('/v1/hostnames/%ZZ'),
    status: 400,
    type: 'invalid-request',
    corrected: [get('/v1/hostnames/%7A%7A%7A'), 200],
  },
  { name: 'half a character', request: get('/v1/hostnames/%E0%A4'), status: 400, type: 'invalid-request' },
  {
    name: 'a whole address as the path',
    request: ({ host }) => get(`${host.url}/v1/plans`),
    status: 400,
    type: 'invalid-request',
    corrected: [get('/v1/plans'), 200],
  },
  { name: 'an asterisk as the path', request: { method: 'OPTIONS', path: '*' }, status: 400, type: 'invalid-request' },
  { name: 'a name that nobody has', request: { path: '/', at: 'nobody.localhost' }, status: 404, type: 'site-unknown' },
  {
    name: "the API under a site's name",
    request: { path: '/v1/plans', at: 'nobody.localhost' },
    status: 404,
    type: 'site-unknown',
  },
  {
    name: 'a name of somewhere else',
    request: { path: '/v1/plans', at: 'sitewright.example' },
    status: 404,
    type: 'site-unknown',
  },
]

const mailbox = '/_local/mail'
export const strangers: readonly Row[] = [
  ...['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip', 'via'].map(
    (header): Row => ({
      name: `the mailbox through something that says ${header}`,
      request: get(mailbox, { [header]: '127.0.0.1' }),
      status: 404,
      type: 'not-found',
    }),
  ),
  ...['https://evil.example', 'null', 'http://localhost', 'http://localhost:1', 'http://taken.localhost'].map(
    (origin): Row => ({
      name: `the mailbox for a page of ${origin}`,
      request: get(mailbox, { origin }),
      status: 404,
      type: 'not-found',
      corrected: [({ host }) => get(mailbox, { origin: host.url }), 200],
    }),
  ),
  ...['cross-site', 'same-site'].map(
    (site): Row => ({
      name: `the mailbox from a page that is ${site}`,
      request: get(mailbox, { 'sec-fetch-site': site }),
      status: 404,
      type: 'not-found',
      corrected: [get(mailbox, { 'sec-fetch-site': 'none' }), 200],
    }),
  ),
  {
    name: "the mailbox under a site's name",
    request: { path: mailbox, at: 'nobody.localhost' },
    status: 404,
    type: 'site-unknown',
  },
  {
    name: "the mailbox under a stranger's name",
    request: { path: mailbox, at: 'rebound.example' },
    status: 404,
    type: 'site-unknown',
  },
]
