import { call } from '../call.ts'
import { type Row, row } from './row.ts'

/** What else is refused: test/lambdas/access-table.test.ts asks every operation as everybody. */
export const operators: readonly Row[] = [
  row('an operator’s page by an owner’s cookie', [401, 'unauthenticated'], ({ owner }) => ({
    path: '/v1/operator/sites',
    headers: { cookie: owner.cookie },
  })),
  row('a role that may not purge, and a body that is wrong', [403, 'forbidden'], async ({ host, siteId }) => {
    const body = { email: 'support@staff.example', role: 'support' }
    const { json } = await call<{ token: string }>(host, { method: 'POST', path: '/_local/operators', body })
    const headers = { authorization: `Bearer ${json.token}` }
    return { method: 'POST', path: `/v1/operator/sites/${siteId}/purge`, headers, body: {} }
  }),
]
