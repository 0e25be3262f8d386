import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import * as z from 'zod'
import { largestBodyOf } from '../../../lambdas/_runtime/operation.ts'
import { operations as everyOperation } from '../../../lambdas/manifest.ts'
import config from '../../../sitewright.config.ts'
import { type ApiStage, openApiStage } from '../api-stage.ts'
import type { HttpRequest } from '../http-request.ts'

const operations = everyOperation.filter(({ audience }) => audience === 'public')

/** Stripe's events are larger. Their signature, a single pass over the bytes, is checked before they are parsed. */
const signed = ['receiveStripeEvent']
/** The provider decides what it sends. Node and API Gateway bound a URL. */
const open = ['operatorFinishSignIn.query']

type Json = Readonly<Record<string, unknown>>
const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A pattern that ends: no star, plus or open range. */
const isBoundedPattern = (pattern: unknown): boolean =>
  typeof pattern === 'string' && !/(?<!\\)[*+]|\{\d+,\}/.test(pattern.replace(/\[[^\]]*\]/g, 'x'))

/** The path of everything in a JSON schema that may be of any size. */
const unbounded = (schema: unknown, path: string, named: Json): string[] => {
  if (!isObject(schema)) return [path]
  const { $ref } = schema
  if (typeof $ref === 'string') return unbounded(named[$ref.replace('#/$defs/', '')], path, named)
  const { type, anyOf, allOf, properties = {}, additionalProperties = false, items } = schema
  const inner = [anyOf, allOf].flatMap((all) => (Array.isArray(all) ? all : []))
  if (inner.length > 0) return inner.flatMap((one) => unbounded(one, path, named))
  if ('enum' in schema || 'const' in schema) return []
  switch (type) {
    case 'number':
    case 'integer':
    case 'boolean':
    case 'null':
      return []
    case 'string':
      return 'maxLength' in schema || isBoundedPattern(schema['pattern']) ? [] : [path]
    case 'array':
      return 'maxItems' in schema ? unbounded(items, `${path}[]`, named) : [path]
    case 'object': {
      const known = Object.entries(properties as Json).flatMap(([name, one]) =>
        unbounded(one, `${path}.${name}`, named),
      )
      if (additionalProperties === false) return known
      return [...known, ...('maxProperties' in schema ? unbounded(additionalProperties, `${path}.*`, named) : [path])]
    }
    default:
      return [path]
  }
}

describe('what a stranger may send', () => {
  it.each(operations.filter(({ id }) => !signed.includes(id)))('to $id is at most 16 KiB', (operation) => {
    expect(largestBodyOf(operation)).toBeLessThanOrEqual(16 * 1024)
  })

  it.each(operations)('to $id is bounded in every part', ({ id, ...operation }) => {
    const found = (['params', 'query', 'headers', 'body'] as const).flatMap((part) => {
      const schema = z.toJSONSchema(operation[part], {
        io: 'input',
        unrepresentable: 'any',
        // A strict or stripping object takes no other fields; a loose one says so.
        override: ({ jsonSchema, zodSchema }) => {
          if (zodSchema._zod.def.type === 'object') jsonSchema.additionalProperties ??= false
        },
      })
      return unbounded(schema, `${id}.${part}`, schema.$defs ?? {})
    })
    // Path parameters without a limit of their own are in a URL.
    expect(found.filter((path) => !open.includes(path) && !path.includes('.params.'))).toEqual([])
  })
})

const filled = (length: number): string => 'ä'.repeat(length / 2)
const proof = {
  challenge: {
    parameters: {
      algorithm: 'PBKDF2/SHA-256',
      cost: 1_000_000_000,
      data: { expiresAt: '2026-01-31T09:40:00.000Z', difficulty: 1024 },
      keyLength: 1_000_000_000,
      ...{
        keyPrefix: 'ab'.repeat(128),
        keySignature: 'ab'.repeat(128),
        nonce: 'ab'.repeat(128),
        salt: 'ab'.repeat(128),
      },
    },
    signature: 'ab'.repeat(128),
  },
  solution: { counter: 0xffff_ffff, derivedKey: 'ab'.repeat(128) },
}
const stripeEvent = JSON.stringify({ id: 'evt_1', data: filled(1_000_000) })
const signup = 'sgn_01k0c2h4x5n6p7q8r9s0t1v2w3'
const form = { 'content-type': 'application/x-www-form-urlencoded', origin: 'http://localhost:4000' }

/** As large as it is valid. A new operation needs an entry. */
const requests = (of: string): Readonly<Record<string, HttpRequest>> => ({
  startSignup: {
    method: 'POST',
    path: '/v1/signups',
    headers: { 'idempotency-key': `${of}-${'k'.repeat(200)}` },
    body: {
      email: `${'a'.repeat(64)}@${'b'.repeat(60)}.${of}.example`,
      name: 'n'.repeat(100),
      company: 'c'.repeat(100),
      timeZone: 'America/Argentina/ComodRivadavia',
      language: filled(400),
      marketingConsent: filled(400),
      attribution: {
        referrer: `https://example.com/${filled(4000)}`,
        landingPage: `/${filled(4000)}`,
        term: filled(3000),
      },
      answers: Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`question-${index}`, 'x'.repeat(40)])),
      proof,
    },
  },
  submitSignupForm: {
    method: 'POST',
    path: '/v1/signups/form',
    headers: form,
    body: `email=${of}%40example.com&${Array.from({ length: 600 }, (_, index) => `answer.${index}=x`).join('&')}`,
  },
  verifySignup: {
    method: 'POST',
    path: `/v1/signups/${signup}/verification`,
    body: { code: 'x'.repeat(20), marketingConsent: filled(16_000) },
  },
  reopenByLink: {
    method: 'POST',
    path: '/v1/accounts/acct_01k0c2h4x5n6p7q8r9s0t1v2w3/reopening',
    body: { code: 'x'.repeat(100) },
  },
  countVisit: { method: 'POST', path: '/v1/visits', body: { source: filled(8000), campaign: filled(7500) } },
  approveSummary: { method: 'POST', path: '/v1/site-summaries/approvals', body: { token: 'x'.repeat(200) } },
  openSummary: { method: 'POST', path: '/v1/site-summaries', body: { token: 'x'.repeat(200) } },
  checkHostname: { path: `/v1/hostnames/${'sup-port'.repeat(5)}` },
  listPlans: { path: '/v1/plans' },
  checkHealth: { path: '/v1/health' },
  findSession: { path: '/v1/session/person', headers: { cookie: `sitewright_session=${filled(4000)}` } },
  findSecurityContact: { path: '/.well-known/security.txt' },
  describeApi: { path: '/v1/openapi.json' },
  describeSiteFile: { path: '/v1/schemas/sitewright.json' },
  operatorFindSession: {
    path: '/v1/operator/session/present',
    headers: { cookie: `sitewright_operator=${filled(4000)}` },
  },
  operatorGetSignInMethod: { path: '/v1/operator/sign-in/methods' },
  operatorBeginSignIn: { path: '/v1/operator/sign-in', query: { returnTo: '/operator/'.padEnd(500, 'x') } },
  operatorFinishSignIn: { path: '/v1/operator/sign-in/callback', query: { state: 'x'.repeat(8000) } },
  operatorRequestCode: {
    method: 'POST',
    path: '/v1/operator/sign-in',
    body: { email: `${'a'.repeat(64)}@${'b'.repeat(60)}.example` },
  },
  operatorVerifyCode: {
    method: 'POST',
    path: '/v1/operator/sign-in/ops_01k0c2h4x5n6p7q8r9s0t1v2w3/verification',
    body: { code: 'x'.repeat(20), totp: '1'.repeat(20) },
  },
  receiveStripeEvent: {
    method: 'POST',
    path: '/v1/webhooks/stripe',
    headers: { 'stripe-signature': `t=1,${'v1=00,'.repeat(600)}` },
    body: stripeEvent,
  },
})

/** Some are disturbed by what else the machine does: most of them, if it is busy. */
const maxRounds = 600

const timeOnce = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}

const parsed = JSON.stringify(Array.from({ length: 36_000 }, (_, index) => ({ id: index, name: 'x'.repeat(60) })))

/** About 10 ms on the machine of the benchmarks. */
const unit = (): string =>
  createHash('sha256')
    .update(JSON.stringify(JSON.parse(parsed)))
    .digest('hex')

/**
 * The least processor time of some work and of the unit, in milliseconds: what both take where nothing else interferes. They alternate, so
 * that what else the machine does slows both. Ends with the first round after which the work is less.
 */
const leastTimes = async (work: (round: number) => unknown): Promise<{ work: number; unit: number }> => {
  const min = { work: Number.POSITIVE_INFINITY, unit: Number.POSITIVE_INFINITY }
  for (let round = 0; round < maxRounds; round += 1) {
    min.work = Math.min(min.work, await timeOnce(() => work(round)))
    min.unit = Math.min(min.unit, await timeOnce(unit))
    if (round >= 2 && min.work < min.unit) break
  }
  return min
}

describe('the processor time of a request without a session', () => {
  let stage: ApiStage
  beforeAll(async () => {
    stage = await openApiStage()
    for (let round = 0; round < 10; round += 1) unit()
  })
  afterAll(() => stage[Symbol.asyncDispose]())

  it('is measured for each operation', () => {
    expect(Object.keys(requests('a')).toSorted()).toEqual(operations.map(({ id }) => id).toSorted())
  })

  const requireLittle = async (to: ApiStage, id: string): Promise<void> => {
    // Each from a network of its own, so that no limit shortens the work.
    const send = (round: number) =>
      to.send({ sourceIp: `203.0.${round >> 8}.${round & 255}`, ...(requests(`round-${round}`)[id] ?? { path: '/' }) })
    // The first ones load code, compile it, and build what is kept.
    for (let round = 1000; round < 1025; round += 1) await send(round)
    const min = await leastTimes(send)
    expect(min.work).toBeLessThan(min.unit)
  }

  it.each(operations)('of $id is less than that of parsing, writing and hashing 3 MB of JSON', ({ id }) =>
    requireLittle(stage, id),
  )

  it('of a sign-up with a forged proof is too, with the challenge in its answer', async () => {
    const proofOfWork = { ...config.abuse.proofOfWork, when: 'always' } as const
    await using pressed = await openApiStage(() => ({ abuse: { ...config.abuse, proofOfWork } }))
    await requireLittle(pressed, 'startSignup')
  })
})
