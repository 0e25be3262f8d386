import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Operation } from '../../lambdas/_runtime/operation.ts'
import { functionEntries } from '../../lambdas/manifest.ts'
import { welcome } from '../support/provisioning.ts'
import { unlimited } from '../support/signing-up.ts'
import type { ApiAnswer, ApiStage } from './api-stage.ts'
import { openApiStage } from './api-stage.ts'
import type { HttpRequest } from './http-request.ts'

type Who = 'nobody' | 'owner' | 'other owner'
const everybody: readonly Who[] = ['nobody', 'owner', 'other owner']

interface Scene {
  readonly stage: ApiStage
  readonly signupId: string
  readonly siteId: string
  /** What only the owner may read. */
  readonly secrets: readonly string[]
}

interface Row {
  /** Asks for something of the owner, where there is such a thing. */
  readonly request: (scene: Scene) => Omit<HttpRequest, 'method'>
  /** The status that each gets. */
  readonly answers: Readonly<Record<Who, number>>
  /** The same for something that does not exist: an other owner must not see a difference. */
  readonly unknown?: Omit<HttpRequest, 'method'>
}

const same = (status: number): Row['answers'] => ({ nobody: status, owner: status, 'other owner': status })
const nobodysId = '01jq3v5k8m0000000000000000'

/** What each may do with each route, by operation. A route without its row fails this test. */
const table: Readonly<Record<string, Row>> = {
  startSignup: {
    request: () => ({ path: '/v1/signups', body: { email: 'owner@example.com' } }),
    answers: same(201),
  },
  verifySignup: {
    request: ({ signupId }) => ({ path: `/v1/signups/${signupId}/verification`, body: { code: '000000' } }),
    answers: same(410),
  },
  checkHostname: { request: () => ({ path: '/v1/hostnames/owners-site' }), answers: same(200) },
  listPlans: { request: () => ({ path: '/v1/plans' }), answers: same(200) },
  checkHealth: { request: () => ({ path: '/v1/health' }), answers: same(200) },
  describeApi: { request: () => ({ path: '/v1/openapi.json' }), answers: same(200) },
  getSession: {
    request: () => ({ path: '/v1/session' }),
    answers: { nobody: 401, owner: 200, 'other owner': 200 },
  },
  endSession: {
    request: () => ({ path: '/v1/session' }),
    answers: { nobody: 401, owner: 204, 'other owner': 204 },
  },
  createSite: {
    request: () => ({ path: '/v1/sites', body: { slug: 'owners-site' } }),
    answers: { nobody: 401, owner: 409, 'other owner': 409 },
  },
  listSites: {
    request: () => ({ path: '/v1/sites' }),
    answers: { nobody: 401, owner: 200, 'other owner': 200 },
  },
  getSite: {
    request: ({ siteId }) => ({ path: `/v1/sites/${siteId}` }),
    answers: { nobody: 401, owner: 200, 'other owner': 404 },
    unknown: { path: `/v1/sites/site_${nobodysId}` },
  },
}

const operations: readonly Operation[] = functionEntries.flatMap(([, entry]) =>
  entry.kind === 'http' ? entry.operations : [],
)

let scene: Scene

const addressOf: Readonly<Record<Exclude<Who, 'nobody'>, string>> = {
  owner: 'owner@example.com',
  'other owner': 'other@example.com',
}

const signIn = async (stage: ApiStage, email: string) => {
  const { id } = (await stage.send({ method: 'POST', path: '/v1/signups', body: { email } })).json
  const path = `/v1/signups/${id}/verification`
  const { json } = await stage.send({ method: 'POST', path, body: { code: stage.codeFor(email) } })
  const { account, session } = json as { account: { id: string }; session: { token: string } }
  return { signupId: String(id), accountId: account.id, token: session.token }
}

let tokens: Readonly<Record<Exclude<Who, 'nobody'>, string>>

beforeAll(async () => {
  const stage = await openApiStage(() => ({ abuse: unlimited }))
  await stage.store.blueprints.publish(welcome(1))
  const owner = await signIn(stage, addressOf.owner)
  const other = await signIn(stage, addressOf['other owner'])
  tokens = { owner: owner.token, 'other owner': other.token }
  const site = await stage.send({
    method: 'POST',
    path: '/v1/sites',
    headers: { authorization: `Bearer ${owner.token}` },
    body: { slug: 'owners-site', name: 'The secret plan' },
  })
  expect(site.status).toBe(202)
  scene = {
    stage,
    signupId: owner.signupId,
    siteId: String(site.json['id']),
    secrets: [owner.accountId, owner.token, 'The secret plan', 'owners-site.localhost:4000'],
  }
})
afterAll(async () => scene?.stage[Symbol.asyncDispose]())

const ask = async (who: Who, { id, method }: Operation, request: Omit<HttpRequest, 'method'>): Promise<ApiAnswer> => {
  // Signing out ends the session that asks for it.
  const token =
    who === 'nobody' ? '' : id === 'endSession' ? (await signIn(scene.stage, addressOf[who])).token : tokens[who]
  return scene.stage.send({
    ...request,
    method,
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
  })
}

const rowOf = ({ id }: Operation): Row => {
  const row = table[id]
  if (row === undefined) throw new Error(`${id} has no row in this table`)
  return row
}

/** An answer without what is different each time. */
const masked = (answer: ApiAnswer): string => JSON.stringify(answer).replaceAll(/sgn_[0-9a-z]{26}/g, '<id>')

describe('the table of access', () => {
  it('has a row for every route, and none for another', () => {
    expect(Object.keys(table).toSorted()).toEqual(operations.map(({ id }) => id).toSorted())
  })

  describe.each(operations)('$method $path', (operation) => {
    it.each(everybody)('answers %s as its row says, with nothing that is the owner’s alone', async (who) => {
      const row = rowOf(operation)
      const answer = await ask(who, operation, row.request(scene))
      expect(answer.status).toBe(row.answers[who])
      if (who === 'owner') return
      for (const secret of scene.secrets) expect(JSON.stringify(answer)).not.toContain(secret)
    })

    it('is for whom it says that it is', async () => {
      const row = rowOf(operation)
      if (operation.audience === 'owner') expect(row.answers.nobody).toBe(401)
      else {
        const answers = await Promise.all(everybody.map((who) => ask(who, operation, row.request(scene))))
        for (const answer of answers) expect(masked(answer)).toBe(masked(answers[0]!))
      }
    })

    it('shows no difference between what is another’s and what does not exist', async () => {
      const { unknown, request } = rowOf(operation)
      const namesOwners = operation.audience === 'owner' && operation.path.includes('{')
      expect(unknown !== undefined).toBe(namesOwners)
      if (unknown === undefined) return
      const [others, none] = [
        await ask('other owner', operation, request(scene)),
        await ask('other owner', operation, unknown),
      ]
      expect(others).toEqual(none)
      expect(others.status).toBe(404)
    })
  })
})
