import { expect } from 'vitest'
import type { OperatorRole } from '../../../core/events/actor.ts'
import { call } from '../call.ts'
import { type Row, row, type Scene, unknownId } from './row.ts'

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
    row(`${method} ${what} of another account's site`, [404, 'not-found'], ({ newcomer, siteId }) => ({
      method,
      path: `/v1/sites/${siteId}${what}`,
      headers: newcomer.bearer,
      ...(method === 'DELETE' && what === '' ? { body: { confirm: 'taken.localhost' } } : {}),
    })),
    row(`${method} ${what} of a site by nobody`, [401, 'unauthenticated'], ({ siteId }) => ({
      method,
      path: `/v1/sites/${siteId}${what}`,
    })),
  ]),
  row('a deletion without a body', [400, 'invalid-request', 'confirm'], ofSite('DELETE', '')),
  row('a deletion without a confirmation', [400, 'invalid-request', 'confirm'], ofSite('DELETE', '', {})),
  ...['', 'taken', 'taken.localhost.', 'newcomer.localhost', 'https://taken.localhost', 'yes'].map((confirm) =>
    row(
      `a deletion that '${confirm}' is to confirm`,
      [422, 'confirmation-wrong', 'confirm'],
      ofSite('DELETE', '', { confirm }),
    ),
  ),
  row(
    'a deletion with a flag that we do not know',
    [400, 'invalid-request', 'force'],
    ofSite('DELETE', '', { confirm: 'taken.localhost', force: true }),
  ),
  row('keeping a site that nobody has deleted', [409, 'transition-not-allowed'], ofSite('DELETE', '/deletion')),
  row('an archive that does not exist', [404, 'not-found'], ofSite('GET', `/archives/arc_${unknownId}/download`), {
    corrected: [ofSite('GET', '/archives'), 200],
  }),
  row(
    'a cursor of archives that is none',
    [400, 'invalid-request', 'cursor'],
    ofSite('GET', '/archives?cursor=bm9uZQ'),
  ),
  row('a second extension', [409, 'extension-used'], async (scene) => {
    expect((await call(scene.host, ofSite('POST', '/extend')(scene))).status).toBe(200)
    return ofSite('POST', '/extend')(scene)
  }),
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
  row(
    'an operator’s page by nobody',
    [401, 'unauthenticated'],
    { path: '/v1/operator/sites' },
    {
      headers: { 'www-authenticate': 'Bearer' },
      corrected: [asOperator('sales', 'GET', () => '/v1/operator/sites'), 200],
    },
  ),
  row('an operator’s page by an owner', [401, 'unauthenticated'], ({ owner }) => ({
    path: '/v1/operator/sites',
    headers: owner.bearer,
  })),
  row('an operator’s page by an owner’s cookie', [401, 'unauthenticated'], ({ owner }) => ({
    path: '/v1/operator/sites',
    headers: { cookie: owner.cookie },
  })),
  row('an operator’s token whose signature is another’s', [401, 'unauthenticated'], async (scene) => {
    const [header, payload] = (await tokenFor(scene, 'support')).split('.')
    const signature = (await tokenFor(scene, 'admin')).split('.')[2]
    return { path: '/v1/operator/sites', headers: { authorization: `Bearer ${header}.${payload}.${signature}` } }
  }),
  row(
    'an operator’s token for an owner’s page',
    [401, 'unauthenticated'],
    asOperator('admin', 'GET', () => '/v1/sites'),
  ),
  row(
    'a role that may not suspend',
    [403, 'forbidden'],
    asOperator('sales', 'POST', operatorPath('/suspend'), { reason: 'a test' }),
  ),
  row(
    'a role that may not change a plan',
    [403, 'forbidden'],
    asOperator('support', 'POST', operatorPath('/plan'), { plan: 'starter', reason: 'a test' }),
  ),
  row(
    'a role that may not purge, and a body that is wrong',
    [403, 'forbidden'],
    asOperator('support', 'POST', operatorPath('/purge'), {}),
  ),
  row(
    'a purge of what is active',
    [409, 'transition-not-allowed'],
    asOperator('admin', 'POST', operatorPath('/purge'), { reason: 'a test' }),
  ),
  row(
    'a restore of what is active',
    [409, 'transition-not-allowed'],
    asOperator('support', 'POST', operatorPath('/restore'), { reason: 'a test' }),
  ),
  row(
    'a site of an operator that does not exist',
    [404, 'not-found'],
    asOperator('support', 'POST', () => `/v1/operator/sites/site_${unknownId}/hold`, { reason: 'a test' }),
  ),
  ...['suspend', 'resume', 'restore', 'hold', 'unhold', 'purge'].map((what) =>
    row(
      `a reason for '${what}' that is none`,
      [400, 'invalid-request', 'reason'],
      asOperator('admin', 'POST', operatorPath(`/${what}`), { reason: ' ' }),
    ),
  ),
  ...['-P7D', 'P-7D', 'P0D', 'P366D', 'P1M', 'P1Y', 'PT30S', 'P99999D', '7', 'week', 7, null].map((by) =>
    row(`an extension by ${JSON.stringify(by)}`, [400, 'invalid-request', 'by'], extension(by)),
  ),
  row(
    'a plan that does not exist',
    [400, 'invalid-request', 'plan'],
    asOperator('sales', 'POST', operatorPath('/plan'), { plan: 'gold', reason: 'a test' }),
  ),
  ...(
    [
      ['status=gone', 'status'],
      ['owner=ada', 'owner'],
      ['dueBefore=tomorrow', 'dueBefore'],
      ['limit=0', 'limit'],
      ['cursor=bm9uZQ', 'cursor'],
    ] as const
  ).map(([query, field]) =>
    row(
      `a search for ${query}`,
      [400, 'invalid-request', field],
      asOperator('support', 'GET', () => `/v1/operator/sites?${query}`),
    ),
  ),
  ...[{}, { email: 'ada' }, { email: 'ada@example.com', role: 'root' }, []].map((body) =>
    row(`an operator of this machine that is ${JSON.stringify(body)}`, [400, 'invalid-request'], {
      method: 'POST',
      path: '/_local/operators',
      body,
    }),
  ),
]
