import { expect } from 'vitest'
import { call } from '../call.ts'
import { anyone, asOwner, get, json, type Row, signup, unknownId } from './row.ts'

export const sites: readonly Row[] = [
  {
    name: "another account's site",
    request: ({ newcomer, siteId }) => get(`/v1/sites/${siteId}`, newcomer.bearer),
    status: 404,
    type: 'not-found',
    corrected: [({ owner, siteId }) => get(`/v1/sites/${siteId}`, owner.bearer), 200],
  },
  {
    name: 'a site that does not exist',
    request: asOwner(`/v1/sites/site_${unknownId}`),
    status: 404,
    type: 'not-found',
  },
  { name: 'a site id that is none', request: asOwner('/v1/sites/1'), status: 404, type: 'not-found' },
  {
    name: 'a site id in capitals',
    request: ({ owner, siteId }) => get(`/v1/sites/${siteId.toUpperCase()}`, owner.bearer),
    status: 404,
    type: 'not-found',
  },
  { name: 'a site id with a path in it', request: asOwner('/v1/sites/..%2F..%2Fetc'), status: 404, type: 'not-found' },
  {
    name: 'a site id of a hundred letters and more',
    request: asOwner(`/v1/sites/${'a'.repeat(101)}`),
    status: 400,
    type: 'invalid-request',
    field: 'id',
  },
  ...['0', '101', '-1', '1.5', 'ten', '', '1&limit=2'].map(
    (limit): Row => ({
      name: `a page of ${limit === '' ? 'nothing' : limit}`,
      request: asOwner(`/v1/sites?limit=${limit}`),
      status: 400,
      type: 'invalid-request',
      field: 'limit',
      corrected: [asOwner('/v1/sites?limit=1'), 200],
    }),
  ),
  {
    name: 'a parameter that is misspelt',
    request: asOwner('/v1/sites?limits=1'),
    status: 400,
    type: 'invalid-request',
    field: 'limits',
    corrected: [asOwner('/v1/sites?limit=1'), 200],
  },
  ...['garbage', 'e30', 'W10', 'bnVsbA', 'eyJwayI6IngifQ', 'eyJwayI6MX0'].map(
    (cursor): Row => ({
      name: `the cursor ${cursor}`,
      request: asOwner(`/v1/sites?cursor=${cursor}`),
      status: 400,
      type: 'invalid-request',
      field: 'cursor',
    }),
  ),
]

export const keys: readonly Row[] = [
  ...['', 'two words', 'k'.repeat(256), 'caf\u00e9'].map(
    (key): Row => ({
      name: `the Idempotency-Key '${key.slice(0, 12)}'`,
      request: signup({ email: anyone() }, { ...json, 'idempotency-key': key }),
      status: 400,
      type: 'invalid-request',
      field: 'idempotency-key',
      corrected: [signup({ email: anyone() }, { ...json, 'idempotency-key': 'one-word' }), 201],
    }),
  ),
  {
    name: 'an Idempotency-Key that came with another sign-up',
    request: async ({ host }) => {
      const headers = { ...json, 'idempotency-key': 'reused' }
      expect((await call(host, signup({ email: 'reused@example.com', name: 'Ada' }, headers))).status).toBe(201)
      return signup({ email: 'reused@example.com', name: 'Eve' }, headers)
    },
    status: 422,
    type: 'idempotency-key-reused',
    corrected: [signup({ email: 'reused@example.com', name: 'Ada' }, { ...json, 'idempotency-key': 'reused' }), 201],
  },
  {
    name: 'an Idempotency-Key that came with another site',
    request: ({ owner }) => ({
      method: 'POST',
      path: '/v1/sites',
      body: { slug: 'second' },
      headers: { ...owner.bearer, 'idempotency-key': 'first' },
    }),
    status: 422,
    type: 'idempotency-key-reused',
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
]
