import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import type { SiteId } from '../../../core/ids.ts'
import { createRoutes } from '../../../local/gateway/api-gateway.ts'
import type { OwnedSite } from './owned-site.ts'
import type { World } from './world.ts'

interface Request {
  readonly method: string
  readonly path: string
  readonly body?: object
  readonly token?: string
  readonly key?: string
}

interface Answer {
  readonly status: number
  readonly body: Record<string, unknown>
  /** Whether earlier requests were lost or failed. */
  readonly repeated?: boolean
}

/** Tries of one who does not give up at once; one fault and one crash cost two. */
const tries = 6

const eventOf = ({ method, path, body, token, key }: Request, routeKey: string, pathParameters: object) => ({
  version: '2.0',
  routeKey,
  rawPath: path,
  rawQueryString: '',
  headers: {
    ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(key === undefined ? {} : { 'idempotency-key': key }),
  },
  pathParameters,
  requestContext: {
    http: { method, path, protocol: 'HTTP/1.1', sourceIp: '127.0.0.1', userAgent: 'visitor' },
    requestId: `req_${randomBytes(4).toString('hex')}`,
    routeKey,
    stage: '$default',
  },
  ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  isBase64Encoded: false,
})

/** Asks once. No answer is what a visitor gets from a host that is gone. */
const ask = async (world: World, request: Request): Promise<Answer | undefined> => {
  const { functions, line } = await world.host()
  const routing = createRoutes(functions)(request.method, request.path)
  if (!('match' in routing)) throw new Error(`there is no ${request.method} ${request.path}`)
  const { function: loaded, routeKey, pathParameters } = routing.match
  const answer = loaded.invoke(eventOf(request, routeKey, pathParameters))
  answer.catch(() => undefined)
  const result = (await Promise.race([answer, line.gone])) as { statusCode: number; body?: string } | undefined
  return result === undefined ? undefined : { status: result.statusCode, body: JSON.parse(result.body ?? '{}') }
}

/** Asks until there is an answer that is not the host's own failure. */
export const insist = async (world: World, request: Request): Promise<Answer> => {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const answer = await ask(world, request)
    if (answer !== undefined && answer.status < 500) return { ...answer, repeated: attempt > 1 }
    await pause(10)
  }
  throw new Error(`${request.method} ${request.path} was not answered`)
}

export const expectStatus = ({ status, body }: Answer, ...allowed: readonly number[]): Record<string, unknown> => {
  if (!allowed.includes(status))
    throw new Error(`${status} instead of ${allowed.join(' or ')}: ${JSON.stringify(body)}`)
  return body
}

/** Starts a sign-up as a browser does, under one key however often it has to ask. */
export const startSignup = async (world: World, email: string): Promise<string> => {
  const answer = await insist(world, {
    method: 'POST',
    path: '/v1/signups',
    body: { email },
    key: `signup-of-${email}`,
  })
  return String(expectStatus(answer, 201)['id'])
}

const codeOf = async (world: World, email: string): Promise<string> => {
  const { mailbox } = await world.host()
  const code = (await mailbox.list({ to: email })).find((message) => message.code !== undefined)?.code
  if (code === undefined) throw new Error(`no code was mailed to ${email}`)
  return code
}

const verify = async (world: World, id: string, email: string): Promise<Answer> =>
  insist(world, { method: 'POST', path: `/v1/signups/${id}/verification`, body: { code: await codeOf(world, email) } })

export interface SignedIn {
  readonly token: string
  readonly accountId: string
}

const signedIn = (body: Record<string, unknown>): SignedIn => {
  const { account, session } = body as { account: { id: string }; session: { token: string } }
  return { token: session.token, accountId: account.id }
}

/** A code is used once, so a visitor who lost the answer to it learns so and signs up again. */
export const verifySignup = async (world: World, id: string, email: string): Promise<SignedIn> => {
  const answer = await verify(world, id, email)
  if (answer.status !== 410) return signedIn(expectStatus(answer, 200))
  return signIn(world, email, 'again')
}

/** @param occasion another one is another sign-up. */
export const signIn = async (world: World, email: string, occasion = 'first'): Promise<SignedIn> => {
  const key = `signup-of-${email}-${occasion}`
  const started = await insist(world, { method: 'POST', path: '/v1/signups', body: { email }, key })
  return signedIn(expectStatus(await verify(world, String(expectStatus(started, 201)['id']), email), 200))
}

/** Asks for a site, under one key however often it has to. */
export const createSite = async (world: World, email: string, token: string, slug: string): Promise<SiteId> => {
  const answer = await insist(world, { method: 'POST', path: '/v1/sites', body: { slug }, token, key: `site-${slug}` })
  // By the time of a repeated request, the site may have failed.
  const id = String(expectStatus(answer, 201, 202, ...(answer.repeated ? [200] : []))['id']) as SiteId
  world.accepted.set(id, email)
  return id
}

/** Takes a site up again; asked once more, it is taken up already. */
export const resumeSite = async (world: World, { id, token }: OwnedSite): Promise<void> => {
  expectStatus(await insist(world, { method: 'POST', path: `/v1/sites/${id}/resume`, token }), 200, 202)
}

/** Asks for a copy; on a repeated request, one may be running already. */
export const copySite = async (world: World, { id, token }: OwnedSite): Promise<void> => {
  expectStatus(await insist(world, { method: 'POST', path: `/v1/sites/${id}/archives`, token }), 202, 409)
}

/** Restores a copy, under one key however often it has to be asked for. */
export const restoreCopy = async (world: World, { id, token }: OwnedSite, archiveId: string): Promise<void> => {
  const path = `/v1/sites/${id}/archives/${archiveId}/restore`
  const answer = await insist(world, { method: 'POST', path, token, key: `restore-${archiveId}` })
  expectStatus(answer, 202, ...(answer.repeated ? [200] : []))
}

/** Restores the copy from before an upgrade, as an operator of this name. */
export const restoreReleaseCopy = async (
  world: World,
  { id }: OwnedSite,
  archiveId: string,
  name: string,
): Promise<void> => {
  const token = `operator.${name}.signed`
  const path = `/v1/operator/sites/${id}/restore-release-copy`
  const body = { archiveId, reason: 'It lost pages.' }
  expectStatus(await insist(world, { method: 'POST', path, token, body }), 202)
}

/** Deletes the account with its address typed out. */
export const closeAccount = async (world: World, { token }: OwnedSite, email: string): Promise<void> => {
  const body = { confirm: email }
  expectStatus(await insist(world, { method: 'DELETE', path: '/v1/account', token, body }), 202)
}

/** Deletes a site with its hostname typed out. */
export const deleteSite = async (world: World, { id, token }: OwnedSite): Promise<void> => {
  const body = { confirm: 'shop.localhost' }
  expectStatus(await insist(world, { method: 'DELETE', path: `/v1/sites/${id}`, token, body }), 200)
}

/** Rehearses a site with a version of its blueprint, as sales does. */
export const rehearse = async (world: World, { id }: OwnedSite, version: number): Promise<void> => {
  const body = { target: { blueprint: { name: 'tiny', version } }, reason: 'They grow.' }
  const path = `/v1/operator/sites/${id}/rehearsal`
  expectStatus(await insist(world, { method: 'POST', path, token: 'operator.ada.signed', body }), 202)
}

/** Lets a site leave for another installation, as an administrator does. */
export const leaveSite = async (world: World, { id }: Pick<OwnedSite, 'id'>): Promise<void> => {
  const body = { to: 'shop.example.org', reason: 'Contract 4711' }
  const path = `/v1/operator/sites/${id}/leave`
  expectStatus(await insist(world, { method: 'POST', path, token: 'operator.ada.signed', body }), 202)
}

/** Imports a site whose archive is stored here; asked once more, it is imported already. */
export const importSite = async (world: World, site: { readonly siteId: SiteId }): Promise<void> => {
  const secrets = { generated: { SESSION_KEY: 'generated by another installation' }, set: {} }
  const body = { site, secrets, reason: 'Contract 4711' }
  const path = `/v1/operator/sites/${site.siteId}/import`
  expectStatus(await insist(world, { method: 'POST', path, token: 'operator.ada.signed', body }), 202)
}
