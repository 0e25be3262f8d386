import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { emailHash } from '../../../core/email.ts'
import { idSchema } from '../../../core/ids.ts'
import { plusDays } from '../../../core/instant.ts'
import { accountOfToken } from '../../../lambdas/accounts/team/team.ts'
import { answerForms } from '../../../lambdas/http/openapi.ts'
import { welcome } from '../../support/provisioning.ts'
import { unlimited } from '../../support/signing-up.ts'
import { type ApiStage, openApiStage } from '../api-stage.ts'
import { type SignedIn, signIn } from '../sign-in.ts'

type Headers = Readonly<Record<string, string>>
interface Member {
  readonly id: string
  readonly email: string
  readonly role: string
}

const day = 86_400_000
let stage: ApiStage
let ada: SignedIn
/** What somebody else does while a mail is sent. */
let meanwhile: () => Promise<unknown> = async () => undefined

beforeAll(async () => {
  stage = await openApiStage(({ mailer }) => ({
    abuse: unlimited,
    mailer: {
      send: async (message) => {
        await mailer.send(message)
        await meanwhile()
      },
    },
  }))
  await stage.store.blueprints.publish(welcome(1))
  ada = await signIn(stage, 'ada@example.com')
})
afterAll(() => stage[Symbol.asyncDispose]())

const ask = async (headers: Headers, method: string, path: string, body?: object) =>
  stage.send({ method, path, headers, ...(body && { body }) })

const invite = (email: string, role: string, by: Headers = ada.headers) =>
  ask(by, 'POST', '/v1/team/invitations', { email, role })
const invitationsOf = async (headers: Headers) =>
  (await ask(headers, 'GET', '/v1/invitations')).json['invitations'] as { id: string; expiresAt: string }[]
const accept = (headers: Headers, id: string) => ask(headers, 'POST', `/v1/invitations/${id}/acceptance`)
const inAccount = ({ headers }: SignedIn, of: SignedIn = ada): Headers => ({
  ...headers,
  'sitewright-account': of.accountId,
})
const join = async (email: string, role: string): Promise<SignedIn> => {
  expect((await invite(email, role)).status).toBe(201)
  const person = await signIn(stage, email)
  const [invitation] = await invitationsOf(person.headers)
  expect((await accept(person.headers, invitation!.id)).status).toBe(200)
  return person
}
const memberOf = async (email: string) => {
  const { json } = await ask(ada.headers, 'GET', '/v1/team')
  return (json['members'] as Member[]).find((member) => member.email === email)!
}
const remove = async (email: string, by: Headers = ada.headers) =>
  ask(by, 'DELETE', `/v1/team/members/${(await memberOf(email)).id}`)
const createToken = async (by: Headers, body: object) => {
  const { status, json } = await ask(by, 'POST', '/v1/team/tokens', { name: 'CI', role: 'developer', ...body })
  const [newest] = (json['tokens'] ?? []) as { id: string }[]
  return {
    status,
    id: newest?.id ?? '',
    token: String(json['token']),
    headers: { authorization: `Bearer ${json['token']}` },
  }
}
const statusOf = async (headers: Headers, path = '/v1/sites') => (await ask(headers, 'GET', path)).status

describe('an invitation', () => {
  it('of an account that is being deleted is offered to nobody', async () => {
    const [wilma, walter] = [await signIn(stage, 'wilma@example.com'), await signIn(stage, 'walter@example.org')]
    expect((await invite('walter@example.org', 'developer', wilma.headers)).status).toBe(201)
    expect(await invitationsOf(walter.headers)).toHaveLength(1)
    expect((await ask(wilma.headers, 'DELETE', '/v1/account', { confirm: 'wilma@example.com' })).status).toBe(202)
    expect(await invitationsOf(walter.headers)).toEqual([])
  })

  it.each([
    ['was removed', () => remove('rita@example.com')],
    [
      'became a developer',
      async () => {
        const { id } = await memberOf('rita@example.com')
        return ask(ada.headers, 'PATCH', `/v1/team/members/${id}`, { role: 'developer' })
      },
    ],
  ] as const)(
    'of an owner who %s since lets nobody in, themselves included, until an owner mails it',
    async (_, end) => {
      const rita = await join('rita@example.com', 'owner')
      expect((await invite('rita+2@example.org', 'owner', inAccount(rita))).status).toBe(201)
      const other = await signIn(stage, 'rita+2@example.org')
      const [invitation] = await invitationsOf(other.headers)
      expect([200, 204]).toContain((await end()).status)
      expect(await invitationsOf(other.headers)).toEqual([])
      const { status, json } = await accept(other.headers, invitation!.id)
      expect([status, json['detail']]).toEqual([404, expect.stringContaining('Ask one of its owners for another')])
      expect(await statusOf(inAccount(other))).toBe(404)
      expect((await ask(ada.headers, 'POST', `/v1/team/invitations/${invitation!.id}/mail`)).status).toBe(200)
      expect((await accept(other.headers, invitation!.id)).status).toBe(200)
      for (const email of ['rita@example.com', 'rita+2@example.org']) if (await memberOf(email)) await remove(email)
    },
  )

  it('is mailed, and makes a member of whoever signs in with its address', async () => {
    const { status, json } = await invite('bob@example.com', 'developer')
    expect(status).toBe(201)
    const forms = await answerForms()
    expect(forms['inviteMember']?.[201]?.schema?.parse(json)).toEqual(json)
    const mail = stage.mails.findLast(({ to }) => to === 'bob@example.com')!
    expect(mail.text).toContain('ada@example.com invites you as a developer')
    const bob = await signIn(stage, 'bob@example.com')
    const [invitation] = await invitationsOf(bob.headers)
    expect(mail.links[0]).toBe(`http://localhost:4000/#/invitations/${invitation!.id}`)
    expect(await statusOf(inAccount(bob))).toBe(404)
    expect((await accept(bob.headers, invitation!.id)).json).toMatchObject({ id: ada.accountId, role: 'developer' })
    expect(await statusOf(inAccount(bob))).toBe(200)
    expect(await invitationsOf(bob.headers)).toEqual([])
    expect(await memberOf('bob@example.com')).toMatchObject({ role: 'developer', holder: false, you: false })
    const { items } = await stage.store.auditLog.page({ order: 'newest first', limit: 1 })
    expect(items).toMatchObject([{ action: 'acceptInvitation', targets: expect.arrayContaining([ada.accountId]) }])
  })

  it('shows and gives nothing to somebody else who opens it', async () => {
    await invite('carol@example.com', 'owner')
    const [carol, eve] = [await signIn(stage, 'carol@example.com'), await signIn(stage, 'eve@example.com')]
    const id = (await invitationsOf(carol.headers))[0]!.id
    const refused = await accept(eve.headers, id)
    expect(refused.status).toBe(404)
    expect(JSON.stringify(refused)).not.toMatch(/carol|ada@/)
    expect(await invitationsOf(eve.headers)).toEqual([])
    expect(await statusOf(inAccount(eve))).toBe(404)
    expect((await accept(carol.headers, id)).status).toBe(200)
  })

  it('ends after seven days, begins again when it is mailed again, and can be revoked', async () => {
    await invite('dan@example.com', 'viewer')
    const open = async () => {
      const { json } = await ask(ada.headers, 'GET', '/v1/team')
      return (json['invitations'] as { id: string; email: string }[]).find(({ email }) => email === 'dan@example.com')
    }
    const { id } = (await open())!
    for (const email of ['dan@example.com', 'ADA@example.com']) expect((await invite(email, 'owner')).status).toBe(409)
    stage.turnClock(6 * day)
    const mails = stage.mails.length
    expect((await ask(ada.headers, 'POST', `/v1/team/invitations/${id}/mail`)).status).toBe(200)
    expect(stage.mails.length).toBe(mails + 1)
    stage.turnClock(2 * day)
    const dan = await signIn(stage, 'dan@example.com')
    expect(await invitationsOf(dan.headers)).toHaveLength(1)
    stage.turnClock(6 * day)
    expect(await invitationsOf(dan.headers)).toEqual([])
    expect((await accept(dan.headers, id)).status).toBe(404)
    ada = await signIn(stage, 'ada@example.com')
    await invite('dan@example.com', 'viewer')
    const { id: second } = (await open())!
    expect((await ask(ada.headers, 'DELETE', `/v1/team/invitations/${second}`)).status).toBe(204)
    const again = await signIn(stage, 'dan@example.com')
    expect((await accept(again.headers, second)).status).toBe(404)
  })

  it('does not come back by a mail that was on its way when it was revoked', async () => {
    await invite('erin@example.com', 'developer')
    const { json } = await ask(ada.headers, 'GET', '/v1/team')
    const { id } = (json['invitations'] as { id: string; email: string }[]).find(({ email }) =>
      email.startsWith('erin'),
    )!
    meanwhile = () => ask(ada.headers, 'DELETE', `/v1/team/invitations/${id}`)
    const { status } = await ask(ada.headers, 'POST', `/v1/team/invitations/${id}/mail`)
    meanwhile = async () => undefined
    expect(status).toBe(404)
    expect(await invitationsOf((await signIn(stage, 'erin@example.com')).headers)).toEqual([])
  })

  it('is limited to twenty mails of an account in a day, and is one of fifty at most', async () => {
    const spammer = await signIn(stage, 'spam@example.com')
    let victims = 0
    const inviteSome = async (max: number, last: number) => {
      for (let number = 0; number < max; number += 1) {
        expect((await invite(`victim${victims++}@example.com`, 'viewer', spammer.headers)).status).toBe(201)
      }
      expect((await invite('another@example.com', 'viewer', spammer.headers)).status).toBe(last)
      stage.turnClock(day)
    }
    await inviteSome(20, 429)
    await inviteSome(20, 429)
    await inviteSome(10, 409)
  })

  it('lets nobody into an account that is being deleted', async () => {
    const holder = await signIn(stage, 'tess@example.com')
    expect((await invite('uma@example.com', 'owner', holder.headers)).status).toBe(201)
    const uma = await signIn(stage, 'uma@example.com')
    const [invitation] = await invitationsOf(uma.headers)
    await ask(holder.headers, 'DELETE', '/v1/account', { confirm: 'tess@example.com' })
    expect((await accept(uma.headers, invitation!.id)).status).toBe(404)
    expect(await statusOf(inAccount(uma, holder))).toBe(404)
  })
})

describe('the account that an invited colleague gets', () => {
  const eventsOf = async ({ accountId }: SignedIn) => {
    const types: string[] = []
    const id = idSchema('acct').parse(accountId)
    for await (const { type } of stage.store.eventHistory.list({ type: 'account', id })) types.push(type)
    return types
  }

  it('counts as a sign-up once it asks for a site of its own, and not for one of the team', async () => {
    const nina = await join('nina@example.com', 'owner')
    expect(await eventsOf(nina)).toEqual(['AccountInvited'])
    await ask(inAccount(nina), 'POST', '/v1/sites', { slug: 'team-site' })
    // Nor by signing in again.
    const again = await signIn(stage, 'nina@example.com')
    expect(await eventsOf(nina)).toEqual(['AccountInvited'])
    stage.turnClock(day)
    await ask(again.headers, 'POST', '/v1/sites', { slug: 'ninas-own' })
    expect(await eventsOf(nina)).toEqual(['AccountInvited', 'AccountOpened'])
    const account = await stage.store.accounts.get(idSchema('acct').parse(nina.accountId))
    expect(account).toMatchObject({ createdAt: stage.now(), version: 2 })
    expect(account).not.toHaveProperty('invited')
    await ask(again.headers, 'POST', '/v1/sites', { slug: 'ninas-other' })
    expect(await eventsOf(nina)).toHaveLength(2)
  })

  it('counts as a sign-up as well once a colleague asks for a site in it', async () => {
    const holder = await join('pam@example.com', 'viewer')
    expect((await invite('quin@example.com', 'developer', holder.headers)).status).toBe(201)
    const quin = await signIn(stage, 'quin@example.com')
    const [invitation] = await invitationsOf(quin.headers)
    await accept(quin.headers, invitation!.id)
    const { status } = await ask(inAccount(quin, holder), 'POST', '/v1/sites', { slug: 'pams-own' })
    expect(status).toBeLessThan(300)
    expect(await eventsOf(holder)).toEqual(['AccountInvited', 'AccountOpened'])
    expect(await eventsOf(quin)).toEqual(['AccountInvited'])
  })

  it('is one as every other with an invitation that was revoked before', async () => {
    await invite('olga@example.com', 'viewer')
    const { json } = await ask(ada.headers, 'GET', '/v1/team')
    const open = (json['invitations'] as { id: string; email: string }[]).find(({ email }) => email.startsWith('olga'))
    await ask(ada.headers, 'DELETE', `/v1/team/invitations/${open!.id}`)
    expect(await eventsOf(await signIn(stage, 'olga@example.com'))).toEqual(['AccountOpened'])
  })
})

describe('a member', () => {
  it('is refused at the next request once removed, with the tokens that they created', async () => {
    const frank = await join('frank@example.com', 'developer')
    const { headers } = await createToken(inAccount(frank), {})
    const ofHolder = await createToken(ada.headers, {})
    expect([await statusOf(inAccount(frank)), await statusOf(headers)]).toEqual([200, 200])
    expect((await remove('frank@example.com')).status).toBe(204)
    expect([await statusOf(inAccount(frank)), await statusOf(headers)]).toEqual([404, 401])
    expect(await statusOf(ofHolder.headers)).toBe(200)
    // Their own account is untouched, and a new membership brings no token back.
    expect(await statusOf(frank.headers)).toBe(200)
    await join('frank@example.com', 'developer')
    expect(await statusOf(headers)).toBe(401)
  })

  it('has a new role from the next request on, and so have the tokens', async () => {
    const grace = await join('grace@example.com', 'developer')
    const { headers } = await createToken(inAccount(grace), { production: true })
    const create = (by: Headers) => ask(by, 'POST', '/v1/sites', { slug: 'not_allowed' })
    expect([(await create(inAccount(grace))).status, (await create(headers)).status]).not.toContain(403)
    const { id } = await memberOf('grace@example.com')
    expect((await ask(ada.headers, 'PATCH', `/v1/team/members/${id}`, { role: 'viewer' })).status).toBe(200)
    expect([(await create(inAccount(grace))).status, (await create(headers)).status]).toEqual([403, 403])
  })

  it('may leave, and remove nobody; the holder stays', async () => {
    const heidi = await join('heidi@example.com', 'viewer')
    await join('ivan@example.com', 'owner')
    expect((await remove('ivan@example.com', inAccount(heidi))).status).toBe(403)
    expect((await remove('heidi@example.com', inAccount(heidi))).status).toBe(204)
    const ivan = inAccount(await signIn(stage, 'ivan@example.com'))
    expect((await remove('ada@example.com', ivan)).status).toBe(409)
    const { id } = await memberOf('ada@example.com')
    expect((await ask(ivan, 'PATCH', `/v1/team/members/${id}`, { role: 'viewer' })).status).toBe(409)
    expect((await ask(ivan, 'DELETE', '/v1/account', { confirm: 'ada@example.com' })).status).toBe(403)
  })

  it('acts for one account at a time, and sees each apart', async () => {
    const judy = await join('judy@example.com', 'viewer')
    const { json } = await ask(judy.headers, 'GET', '/v1/accounts')
    expect(json['accounts']).toEqual([
      { id: judy.accountId, name: 'judy@example.com', role: 'owner', own: true },
      { id: ada.accountId, name: 'ada@example.com', role: 'viewer', own: false },
    ])
    const teams = [judy.headers, inAccount(judy)].map(async (headers) => (await ask(headers, 'GET', '/v1/team')).json)
    expect((await Promise.all(teams)).map(({ role }) => role)).toEqual(['owner', 'viewer'])
    const mine = (await ask(judy.headers, 'GET', '/v1/account/export')).json
    expect(mine['memberships']).toMatchObject([{ accountId: ada.accountId, role: 'viewer' }])
  })

  it('who is erased leaves no membership, invitation or token that works', async () => {
    const kim = await join('kim@example.com', 'developer')
    const { headers } = await createToken(inAccount(kim), {})
    const { personId } = (await stage.store.accounts.findByEmailHash(emailHash('kim@example.com')))!
    await stage.store.teamEraser.erasePerson({ personId, emailHash: emailHash('kim@example.com') })
    await stage.store.teamEraser.eraseAccount(kim.accountId)
    expect([await statusOf(inAccount(kim)), await statusOf(headers)]).toEqual([404, 401])
    expect(await stage.store.team.accountsOf(personId)).toEqual([])
  })
})

describe('a token', () => {
  it('is stored as a hash, has a checksum, and is in no answer again and no log', async () => {
    const { token, id } = await createToken(ada.headers, {})
    expect(token).toMatch(/^swt_[0-9a-z]{73}$/)
    expect(accountOfToken(token)).toBe(ada.accountId)
    expect(accountOfToken(`${token.slice(0, -1)}!`)).toBeUndefined()
    expect(accountOfToken(token.replace(/.(?=.{8}$)/, (one) => (one === 'a' ? 'b' : 'a')))).toBeUndefined()
    await ask({ authorization: `Bearer ${token}` }, 'GET', '/v1/sites/nothing')
    const listed = (await ask(ada.headers, 'GET', '/v1/team/tokens')).json
    expect((await answerForms())['listTokens']?.[200]?.schema?.parse(listed)).toEqual(listed)
    const stored = (await stage.store.team.tokens(ada.accountId)).find((one) => one.id === id)
    for (const shown of [listed, stored, stage.logLines]) expect(JSON.stringify(shown)).not.toContain(token.slice(40))
    expect(stored?.usedAt).toBe(stage.now())
  })

  it('ends when it expires and when it is revoked, whatever the clock of its user says', async () => {
    const [short, long] = [await createToken(ada.headers, { days: 1 }), await createToken(ada.headers, {})]
    expect([await statusOf(short.headers), await statusOf(long.headers)]).toEqual([200, 200])
    stage.turnClock(day)
    expect([await statusOf(short.headers), await statusOf(long.headers)]).toEqual([401, 200])
    expect((await ask(ada.headers, 'DELETE', `/v1/team/tokens/${long.id}`)).status).toBe(204)
    expect(await statusOf(long.headers)).toBe(401)
  })

  it('is one of fifty at most', async () => {
    const vera = await signIn(stage, 'vera@example.com')
    for (let number = 0; number < 50; number += 1) expect((await createToken(vera.headers, {})).status).toBe(201)
    expect((await createToken(vera.headers, {})).status).toBe(409)
  })

  it('of one developer can be revoked by owners, and not by another developer', async () => {
    const [leo, mia] = [await join('leo@example.com', 'developer'), await join('mia@example.com', 'developer')]
    const { id, headers } = await createToken(inAccount(leo), {})
    for (const [member, you] of [
      [await signIn(stage, 'LEO@example.com'), true],
      [mia, false],
    ] as const) {
      const { tokens } = (await ask(inAccount(member), 'GET', '/v1/team/tokens')).json
      expect(tokens).toContainEqual(expect.objectContaining({ id, you, createdBy: 'leo@example.com' }))
    }
    expect((await ask(inAccount(mia), 'DELETE', `/v1/team/tokens/${id}`)).status).toBe(404)
    expect(await statusOf(headers)).toBe(200)
    expect((await ask(inAccount(leo), 'DELETE', `/v1/team/tokens/${id}`)).status).toBe(204)
    const { id: second } = await createToken(inAccount(leo), {})
    expect((await ask(ada.headers, 'DELETE', `/v1/team/tokens/${second}`)).status).toBe(204)
  })

  it('reaches its site alone, and what production holds only if it says so', async () => {
    const staff = await stage.operator('sales@example.com', 'sales')
    const request = { plan: 'enterprise', sites: 2, reason: 'a test' }
    const allow = (asked: object) => ask(staff, 'PUT', `/v1/operator/accounts/${ada.accountId}/allowance`, asked)
    expect((await allow({ ...request, plan: 'starter' })).status).toBe(400)
    expect((await allow(request)).status).toBe(200)
    const make = async (slug: string) => {
      const { json } = await ask(ada.headers, 'POST', '/v1/sites', { slug, software: 'own' })
      return idSchema('site').parse(json['id'])
    }
    const [one, other] = [await make('first-shop'), await make('other-shop')]
    const closed = await createToken(ada.headers, { siteId: one })
    const open = await createToken(ada.headers, { siteId: one, production: true })
    for (const { headers } of [closed, open]) {
      expect(await statusOf(headers, `/v1/sites/${one}`)).toBe(200)
      expect(await statusOf(headers, `/v1/sites/${other}`)).toBe(404)
      expect((await ask(headers, 'POST', `/v1/sites/${other}/deployments`, { file: {} })).status).toBe(404)
      const { json } = await ask(headers, 'GET', '/v1/sites')
      expect((json['sites'] as { id: string }[]).map(({ id }) => id)).toEqual([one])
      expect((await ask(headers, 'POST', '/v1/sites', { slug: 'third-shop', software: 'own' })).status).toBe(403)
    }
    const deploy = (headers: Headers) => ask(headers, 'POST', `/v1/sites/${one}/deployments`, { file: {} })
    expect((await deploy(closed.headers)).json['detail']).toContain('does not reach production')
    expect((await deploy(open.headers)).status).toBe(422)
    const clone = (headers: Headers, body: object) =>
      ask(headers, 'POST', `/v1/sites/${one}/environments`, { name: 'qa', ...body })
    for (const { status } of [await clone(open.headers, { fresh: true }), await clone(closed.headers, {})]) {
      expect(status).toBe(409)
    }
    const foreign = await signIn(stage, 'mallory@example.com')
    expect((await createToken(foreign.headers, { siteId: one })).status).toBe(404)
    const theirs = await createToken(foreign.headers, { production: true })
    expect(await statusOf({ ...theirs.headers, 'sitewright-account': ada.accountId }, `/v1/sites/${one}`)).toBe(404)
  })
})

it('a refusal to a member is counted for the account in which they act', async () => {
  const dana = await join('dana@example.com', 'developer')
  const own = await signIn(stage, 'dana@example.com')
  const missing = '/v1/sites/site_01jq3v5k8m0000000000000000'
  for (const headers of [inAccount(dana), inAccount(dana), own.headers]) {
    expect(await statusOf(headers, missing)).toBe(404)
  }
  const counted: unknown[] = []
  for await (const { accountId, who, count } of stage.store.refusals.ended(plusDays(stage.now(), 1))) {
    if (who.id === (await stage.store.accounts.getOwner(own.accountId))?.id) counted.push([accountId, count])
  }
  expect(counted.toSorted()).toEqual(
    [
      [ada.accountId, 2],
      [own.accountId, 1],
    ].toSorted(),
  )
  await remove('dana@example.com')
})
