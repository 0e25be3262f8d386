import type { Call } from '../call.ts'
import { asOwner, get, type Row, row, unknownId } from './row.ts'

const verification = (id: string): Call => ({
  method: 'POST',
  path: `/v1/signups/${id}/verification`,
  body: { code: '123456' },
})

export const codes: readonly Row[] = [
  row('a sign-up that does not exist', [404, 'not-found'], verification(`sgn_${unknownId}`)),
  row('a sign-up id that is none', [400, 'invalid-request', 'id'], verification('sgn_1')),
]

export const sessions: readonly Row[] = [
  row('no session', [401, 'unauthenticated'], get('/v1/sites'), {
    headers: { 'www-authenticate': 'Bearer' },
    corrected: [asOwner('/v1/sites'), 200],
  }),
  row('no session and a body that is wrong', [401, 'unauthenticated'], { method: 'POST', path: '/v1/sites', body: {} }),
  row('a forged token', [401, 'unauthenticated'], get('/v1/sites', { authorization: `Bearer ${'A'.repeat(43)}` })),
  row('a token with a letter more', [401, 'unauthenticated'], ({ owner }) =>
    get('/v1/sites', { authorization: `Bearer ${owner.token}A` }),
  ),
  row('another scheme', [401, 'unauthenticated'], ({ owner }) =>
    get('/v1/sites', { authorization: `Basic ${owner.token}` }),
  ),
  row(
    'a bad token beside a good cookie',
    [401, 'unauthenticated'],
    ({ owner }) => get('/v1/sites', { authorization: 'Bearer x', cookie: owner.cookie }),
    { corrected: [({ owner }) => get('/v1/sites', { cookie: owner.cookie }), 200] },
  ),
  row(
    'a forged cookie',
    [401, 'unauthenticated'],
    get('/v1/sites', { cookie: `sitewright_session=${'A'.repeat(43)}` }),
  ),
  row('an empty cookie', [401, 'unauthenticated'], get('/v1/sites', { cookie: 'sitewright_session=' })),
  ...['https://evil.example', 'null', 'http://taken.localhost:4000', 'http://localhost'].map((origin) =>
    row(`a cookie that ${origin} brings along`, [403, 'forbidden'], ({ newcomer }) => ({
      method: 'POST',
      path: '/v1/sites',
      body: { slug: 'www' },
      headers: { cookie: newcomer.cookie, origin },
    })),
  ),
  row("the console's own page, which gets as far as the name", [422, 'hostname-not-allowed'], ({ newcomer, host }) => ({
    method: 'POST',
    path: '/v1/sites',
    body: { slug: 'www' },
    headers: { cookie: newcomer.cookie, origin: host.url },
  })),
]
