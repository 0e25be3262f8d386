import { expect } from 'vitest'
import type { OperatorRole } from '../../../core/events/actor.ts'
import { call } from '../call.ts'
import { type Row, type Scene, unknownId } from './row.ts'

/** The owner's site is `taken.localhost`, and active. */
const ofSite =
  (method: string, what: string, body?: object) =>
  ({ owner, siteId }: Scene) => ({
    method,
    path: `/v1/sites/${siteId}${what}`,
    headers: owner.bearer,
    ...(body && { body }),
  })

const notTheirs = [
  ['POST', '/extend'],
  ['POST', '/resume'],
  ['POST', '/archives'],
  ['GET', '/archives'],
  ['GET', `/archives/arc_${unknownId}/download`],
  ['DELETE', '/deletion'],
  ['DELETE', ''],
] as const

export const acts: readonly Row[] = [
  ...notTheirs.flatMap(([method, what]): Row[] => [
    {
      name: `${method} ${what} of another account's site`,
      request: ({ newcomer, siteId }) => ({
        method,
        path: `/v1/sites/${siteId}${what}`,
        headers: newcomer.bearer,
        ...(method === 'DELETE' && what === '' ? { body: { confirm: 'taken.localhost' } } : {}),
      }),
      status: 404,
      type: 'not-found',
    },
    {
      name: `${method} ${what} of a site by nobody`,
      request: ({ siteId }) => ({ method, path: `/v1/sites/${siteId}${what}` }),
      status: 401,
      type: 'unauthenticated',
    },
  ]),
  {
    name: 'a deletion without a body',
    request: ofSite('DELETE', ''),
    status: 400,
    type: 'invalid-request',
    field: 'confirm',
  },
  {
    name: 'a deletion without a confirmation',
    request: ofSite('DELETE', '', {}),
    status: 400,
    type: 'invalid-request',
    field: 'confirm',
  },
  ...['', 'taken', 'taken.localhost.', 'newcomer.localhost', 'https://taken.localhost', 'yes'].map(
    (confirm): Row => ({
      name: `a deletion that '${confirm}' is to confirm`,
      request: ofSite('DELETE', '', { confirm }),
      status: 422,
      type: 'confirmation-wrong',
      field: 'confirm',
    }),
  ),
  {
    name: 'a deletion with a flag that we do not know',
    request: ofSite('DELETE', '', { confirm: 'taken.localhost', force: true }),
    status: 400,
    type: 'invalid-request',
    field: 'force',
  },
  {
    name: 'keeping a site that nobody has deleted',
    request: ofSite('DELETE', '/deletion'),
    status: 409,
    type: 'transition-not-allowed',
  },
  {
    name: 'an archive that does not exist',
    request: ofSite('GET', `/archives/arc_${unknownId}/download`),
    status: 404,
    type: 'not-found',
    corrected: [ofSite('GET', '/archives'), 200],
  },
  {
    name: 'a cursor of archives that is none',
    request: ofSite('GET', '/archives?cursor=bm9uZQ'),
    status: 400,
    type: 'invalid-request',
    field: 'cursor',
  },
  {
    name: 'a second extension',
    request: async (scene) => {
      expect((await call(scene.host, ofSite('POST', '/extend')(scene))).status).toBe(200)
      return ofSite('POST', '/extend')(scene)
    },
    status: 409,
    type: 'extension-used',
  },
]

const tokenFor = async ({ host }: Scene, role: OperatorRole): Promise<string> => {
  const body = { email: `${role}@staff.example`, role }
  const { json } = await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })
  return json.token
}

const asOperator =
  (role: OperatorRole, method: string, path: (scene: Scene) => string, body?: object) => async (scene: Scene) => ({
    method,
    path: path(scene),
    headers: { authorization: `Bearer ${await tokenFor(scene, role)}` },
    ...(body && { body }),
  })

const operatorPath = (what: string) => (scene: Scene) => `/v1/operator/sites/${scene.siteId}${what}`

const extension = (by: unknown) => asOperator('support', 'POST', operatorPath('/extend'), { by, reason: 'a test' })

export const operators: readonly Row[] = [
  {
    name: 'an operator’s page by nobody',
    request: { path: '/v1/operator/sites' },
    status: 401,
    type: 'unauthenticated',
    headers: { 'www-authenticate': 'Bearer' },
    corrected: [asOperator('sales', 'GET', () => '/v1/operator/sites'), 200],
  },
  {
    name: 'an operator’s page by an owner',
    request: ({ owner }) => ({ path: '/v1/operator/sites', headers: owner.bearer }),
    status: 401,
    type: 'unauthenticated',
  },
  {
    name: 'an operator’s page by an owner’s cookie',
    request: ({ owner }) => ({ path: '/v1/operator/sites', headers: { cookie: owner.cookie } }),
    status: 401,
    type: 'unauthenticated',
  },
  {
    name: 'an operator’s token whose signature is another’s',
    request: async (scene) => {
      const [header, payload] = (await tokenFor(scene, 'support')).split('.')
      const signature = (await tokenFor(scene, 'admin')).split('.')[2]
      return { path: '/v1/operator/sites', headers: { authorization: `Bearer ${header}.${payload}.${signature}` } }
    },
    status: 401,
    type: 'unauthenticated',
  },
  {
    name: 'an operator’s token for an owner’s page',
    request: asOperator('admin', 'GET', () => '/v1/sites'),
    status: 401,
    type: 'unauthenticated',
  },
  {
    name: 'a role that may not suspend',
    request: asOperator('sales', 'POST', operatorPath('/suspend'), { reason: 'a test' }),
    status: 403,
    type: 'forbidden',
  },
  {
    name: 'a role that may not change a plan',
    request: asOperator('support', 'POST', operatorPath('/plan'), { plan: 'starter', reason: 'a test' }),
    status: 403,
    type: 'forbidden',
  },
  {
    name: 'a role that may not purge, and a body that is wrong',
    request: asOperator('support', 'POST', operatorPath('/purge'), {}),
    status: 403,
    type: 'forbidden',
  },
  {
    name: 'a purge of what is active',
    request: asOperator('admin', 'POST', operatorPath('/purge'), { reason: 'a test' }),
    status: 409,
    type: 'transition-not-allowed',
  },
  {
    name: 'a restore of what is active',
    request: asOperator('support', 'POST', operatorPath('/restore'), { reason: 'a test' }),
    status: 409,
    type: 'transition-not-allowed',
  },
  {
    name: 'a site of an operator that does not exist',
    request: asOperator('support', 'POST', () => `/v1/operator/sites/site_${unknownId}/hold`, { reason: 'a test' }),
    status: 404,
    type: 'not-found',
  },
  ...['suspend', 'resume', 'restore', 'hold', 'unhold', 'purge'].map(
    (what): Row => ({
      name: `a reason for '${what}' that is none`,
      request: asOperator('admin', 'POST', operatorPath(`/${what}`), { reason: ' ' }),
      status: 400,
      type: 'invalid-request',
      field: 'reason',
    }),
  ),
  ...['-P7D', 'P-7D', 'P0D', 'P366D', 'P1M', 'P1Y', 'PT30S', 'P99999D', '7', 'week', 7, null].map(
    (by): Row => ({
      name: `an extension by ${JSON.stringify(by)}`,
      request: extension(by),
      status: 400,
      type: 'invalid-request',
      field: 'by',
    }),
  ),
  {
    name: 'a plan that does not exist',
    request: asOperator('sales', 'POST', operatorPath('/plan'), { plan: 'gold', reason: 'a test' }),
    status: 400,
    type: 'invalid-request',
    field: 'plan',
  },
  ...(
    [
      ['status=gone', 'status'],
      ['owner=ada', 'owner'],
      ['dueBefore=tomorrow', 'dueBefore'],
      ['limit=0', 'limit'],
      ['cursor=bm9uZQ', 'cursor'],
    ] as const
  ).map(
    ([query, field]): Row => ({
      name: `a search for ${query}`,
      request: asOperator('support', 'GET', () => `/v1/operator/sites?${query}`),
      status: 400,
      type: 'invalid-request',
      field,
    }),
  ),
  ...[{}, { email: 'ada' }, { email: 'ada@example.com', role: 'root' }, []].map(
    (body): Row => ({
      name: `an operator of this machine that is ${JSON.stringify(body)}`,
      request: { method: 'POST', path: '/_local/operators', body },
      status: 400,
      type: 'invalid-request',
    }),
  ),
]
