import { expect } from 'vitest'
import { call } from '../call.ts'
import { anyone, asOwner, get, json, type Row, row, signup } from './row.ts'

export const sites: readonly Row[] = [
  row('a site id that is none', [404, 'not-found'], asOwner('/v1/sites/1')),
  row('a site id in capitals', [404, 'not-found'], ({ owner, siteId }) =>
    get(`/v1/sites/${siteId.toUpperCase()}`, owner.bearer),
  ),
  row('a site id with a path in it', [404, 'not-found'], asOwner('/v1/sites/..%2F..%2Fetc')),
  row(
    'a site id of a hundred letters and more',
    [400, 'invalid-request', 'id'],
    asOwner(`/v1/sites/${'a'.repeat(101)}`),
  ),
  ...['0', '101', '-1', '1.5', 'ten', '', '1&limit=2'].map((limit) =>
    row(
      `a page of ${limit === '' ? 'nothing' : limit}`,
      [400, 'invalid-request', 'limit'],
      asOwner(`/v1/sites?limit=${limit}`),
      { corrected: [asOwner('/v1/sites?limit=1'), 200] },
    ),
  ),
]

export const keys: readonly Row[] = [
  ...['', 'two words', 'k'.repeat(256), 'caf\u00e9'].map((key) =>
    row(
      `the Idempotency-Key '${key.slice(0, 12)}'`,
      [400, 'invalid-request', 'idempotency-key'],
      signup({ email: anyone() }, { ...json, 'idempotency-key': key }),
      { corrected: [signup({ email: anyone() }, { ...json, 'idempotency-key': 'one-word' }), 201] },
    ),
  ),
  row(
    'an Idempotency-Key that came with another sign-up',
    [422, 'idempotency-key-reused'],
    async ({ host }) => {
      const headers = { ...json, 'idempotency-key': 'reused' }
      expect((await call(host, signup({ email: 'reused@example.com', name: 'Ada' }, headers))).status).toBe(201)
      return signup({ email: 'reused@example.com', name: 'Eve' }, headers)
    },
    {
      corrected: [signup({ email: 'reused@example.com', name: 'Ada' }, { ...json, 'idempotency-key': 'reused' }), 201],
    },
  ),
  row(
    'an Idempotency-Key that came with another site',
    [422, 'idempotency-key-reused'],
    ({ owner }) => ({
      method: 'POST',
      path: '/v1/sites',
      body: { slug: 'second' },
      headers: { ...owner.bearer, 'idempotency-key': 'first' },
    }),
    {
      corrected: [
        ({ owner }) => ({
          method: 'POST',
          path: '/v1/sites',
          body: { slug: 'taken' },
          headers: { ...owner.bearer, 'idempotency-key': 'first' },
        }),
        201,
      ],
    },
  ),
]
