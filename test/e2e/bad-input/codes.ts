import { expect } from 'vitest'
import type { Call } from '../call.ts'
import { codeOf, startSignup, verify, wrongCode } from '../visitor.ts'
import { asOwner, get, type Row, row, type Scene, unknownId } from './row.ts'

/** A sign-up of one's own, so that rows do not get in each other's way. */
const freshSignup = async ({ host }: Scene, name: string) => {
  const address = `${name}@codes.example`
  const { id } = (await startSignup(host, address)).json
  return { id, code: await codeOf(host, id, address) }
}
const verification = (id: string, code: unknown): Call => ({
  method: 'POST',
  path: `/v1/signups/${id}/verification`,
  body: { code },
})

export const codes: readonly Row[] = [
  row('a wrong code', [422, 'code-wrong', 'code'], async (scene) => {
    const { id, code } = await freshSignup(scene, 'wrong')
    return verification(id, wrongCode(code))
  }),
  row('the right code after five wrong ones', [410, 'code-exhausted'], async (scene) => {
    const { id, code } = await freshSignup(scene, 'exhausted')
    for (let tries = 0; tries < 5; tries += 1) await verify(scene.host, id, wrongCode(code))
    return verification(id, code)
  }),
  row('a code that was used before', [410, 'code-expired'], async (scene) => {
    const { id, code } = await freshSignup(scene, 'used')
    expect((await verify(scene.host, id, code)).status).toBe(200)
    return verification(id, code)
  }),
  row("another sign-up's code", [422, 'code-wrong'], async (scene) => {
    const one = await freshSignup(scene, 'one')
    const other = await freshSignup(scene, 'other')
    // Once in a million they are the same.
    return verification(one.id, other.code === one.code ? wrongCode(one.code) : other.code)
  }),
  row('a code that is a number', [400, 'invalid-request', 'code'], verification(`sgn_${unknownId}`, 123456)),
  row('an empty code', [400, 'invalid-request', 'code'], verification(`sgn_${unknownId}`, ' ')),
  row('a sign-up that does not exist', [404, 'not-found'], verification(`sgn_${unknownId}`, '123456')),
  row('a sign-up id that is none', [400, 'invalid-request', 'id'], verification('sgn_1', '123456')),
  row("a site's id as a sign-up's", [400, 'invalid-request', 'id'], verification(`site_${unknownId}`, '123456')),
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
