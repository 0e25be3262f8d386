import { expect } from 'vitest'
import type { Call } from '../call.ts'
import { codeOf, startSignup, verify, wrongCode } from '../visitor.ts'
import { asOwner, get, type Row, type Scene, unknownId } from './row.ts'

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
  {
    name: 'a wrong code',
    request: async (scene) => {
      const { id, code } = await freshSignup(scene, 'wrong')
      return verification(id, wrongCode(code))
    },
    status: 422,
    type: 'code-wrong',
    field: 'code',
  },
  {
    name: 'the right code after five wrong ones',
    request: async (scene) => {
      const { id, code } = await freshSignup(scene, 'exhausted')
      for (let tries = 0; tries < 5; tries += 1) await verify(scene.host, id, wrongCode(code))
      return verification(id, code)
    },
    status: 410,
    type: 'code-exhausted',
  },
  {
    name: 'a code that was used before',
    request: async (scene) => {
      const { id, code } = await freshSignup(scene, 'used')
      expect((await verify(scene.host, id, code)).status).toBe(200)
      return verification(id, code)
    },
    status: 410,
    type: 'code-expired',
  },
  {
    name: "another sign-up's code",
    request: async (scene) => {
      const one = await freshSignup(scene, 'one')
      const other = await freshSignup(scene, 'other')
      // Once in a million they are the same.
      return verification(one.id, other.code === one.code ? wrongCode(one.code) : other.code)
    },
    status: 422,
    type: 'code-wrong',
  },
  {
    name: 'a code that is a number',
    request: verification(`sgn_${unknownId}`, 123456),
    status: 400,
    type: 'invalid-request',
    field: 'code',
  },
  {
    name: 'an empty code',
    request: verification(`sgn_${unknownId}`, ' '),
    status: 400,
    type: 'invalid-request',
    field: 'code',
  },
  {
    name: 'a sign-up that does not exist',
    request: verification(`sgn_${unknownId}`, '123456'),
    status: 404,
    type: 'not-found',
  },
  {
    name: 'a sign-up id that is none',
    request: verification('sgn_1', '123456'),
    status: 400,
    type: 'invalid-request',
    field: 'id',
  },
  {
    name: "a site's id as a sign-up's",
    request: verification(`site_${unknownId}`, '123456'),
    status: 400,
    type: 'invalid-request',
    field: 'id',
  },
]

export const sessions: readonly Row[] = [
  {
    name: 'no session',
    request: get('/v1/sites'),
    status: 401,
    type: 'unauthenticated',
    headers: { 'www-authenticate': 'Bearer' },
    corrected: [asOwner('/v1/sites'), 200],
  },
  {
    name: 'no session and a body that is wrong',
    request: { method: 'POST', path: '/v1/sites', body: {} },
    status: 401,
    type: 'unauthenticated',
  },
  {
    name: 'a forged token',
    request: get('/v1/sites', { authorization: `Bearer ${'A'.repeat(43)}` }),
    status: 401,
    type: 'unauthenticated',
  },
  {
    name: 'a token with a letter more',
    request: ({ owner }) => get('/v1/sites', { authorization: `Bearer ${owner.token}A` }),
    status: 401,
    type: 'unauthenticated',
  },
  {
    name: 'another scheme',
    request: ({ owner }) => get('/v1/sites', { authorization: `Basic ${owner.token}` }),
    status: 401,
    type: 'unauthenticated',
  },
  {
    name: 'a bad token beside a good cookie',
    request: ({ owner }) => get('/v1/sites', { authorization: 'Bearer x', cookie: owner.cookie }),
    status: 401,
    type: 'unauthenticated',
    corrected: [({ owner }) => get('/v1/sites', { cookie: owner.cookie }), 200],
  },
  {
    name: 'a forged cookie',
    request: get('/v1/sites', { cookie: `sitewright_session=${'A'.repeat(43)}` }),
    status: 401,
    type: 'unauthenticated',
  },
  {
    name: 'an empty cookie',
    request: get('/v1/sites', { cookie: 'sitewright_session=' }),
    status: 401,
    type: 'unauthenticated',
  },
  ...['https://evil.example', 'null', 'http://taken.localhost:4000', 'http://localhost'].map(
    (origin): Row => ({
      name: `a cookie that ${origin} brings along`,
      request: ({ newcomer }) => ({
        method: 'POST',
        path: '/v1/sites',
        body: { slug: 'www' },
        headers: { cookie: newcomer.cookie, origin },
      }),
      status: 403,
      type: 'forbidden',
    }),
  ),
  {
    name: "the console's own page, which gets as far as the name",
    request: ({ newcomer, host }) => ({
      method: 'POST',
      path: '/v1/sites',
      body: { slug: 'www' },
      headers: { cookie: newcomer.cookie, origin: host.url },
    }),
    status: 422,
    type: 'hostname-not-allowed',
  },
]
