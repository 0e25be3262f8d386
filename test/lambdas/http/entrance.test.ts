import { afterAll, describe, expect, it } from 'vitest'
import { tokenHash } from '../../../core/digest.ts'
import type { SiteId } from '../../../core/ids.ts'
import { entrancePath } from '../../../lambdas/operators/entrance/entrance.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

const stage = await openApiStage()
const given = givenSites(stage)
const ada = await signIn(stage, 'ada@example.com')
const bob = await signIn(stage, 'bob@example.com')
afterAll(() => stage[Symbol.asyncDispose]())

const ask = (who: { readonly headers: Record<string, string> }, id: string) =>
  stage.send({ method: 'POST', path: `/v1/sites/${id}/entrance`, headers: who.headers })

const use = (url: unknown, siteId: SiteId) => {
  const token = String(url).split(entrancePath)[1] ?? ''
  return stage.store.entrances.use({ siteId, tokenHash: tokenHash(token) }, stage.now())
}

describe('an entrance', () => {
  it("is a URL on the site's host that lets its owner in once, within a minute", async () => {
    const site = await given.active(ada.accountId, 'engines')
    const answer = await ask(ada, site.id)
    expect(answer.status).toBe(201)
    expect(answer.json).toEqual({
      url: expect.stringMatching(/^http:\/\/engines\.localhost:\d+\/\.well-known\/sitewright\/entrance\/[\w-]{43}$/),
      expiresAt: new Date(Date.parse(stage.now()) + 60_000).toISOString(),
    })
    expect(answer.headers['cache-control']).toBe('no-store')
    const { personId } = (await stage.store.accounts.findByEmailHash(
      (await stage.store.accounts.getOwner(ada.accountId))?.emailHash ?? '',
    )) ?? { personId: '' }
    expect(await use(answer.json['url'], site.id)).toEqual({ role: 'owner', personId, email: 'ada@example.com' })
    expect(await use(answer.json['url'], site.id)).toBeUndefined()
  })

  it('knows the name that the owner gave', async () => {
    const email = 'grace@example.com'
    const name = 'Grace Hopper'
    const grace = await signIn(stage, email, { name })
    const site = await given.active(grace.accountId, 'compilers')
    const answer = await ask(grace, site.id)
    expect(await use(answer.json['url'], site.id)).toMatchObject({ role: 'owner', name })
  })

  it.each([
    ['owner', 'owner'],
    ['developer', 'member'],
    ['viewer', 'member'],
  ])('lets a colleague with the role %s in as %s for an hour: a removal ends no cookie', async (role, as) => {
    const email = `${role}@example.com`
    const site = await given.active(ada.accountId, `of-${role}`)
    const post = (path: string, headers: Record<string, string>, body?: object) =>
      stage.send({ method: 'POST', path, headers, ...(body && { body }) })
    await post('/v1/team/invitations', ada.headers, { email, role })
    const { headers } = await signIn(stage, email)
    const { json } = await stage.send({ method: 'GET', path: '/v1/invitations', headers })
    const [{ id }] = json['invitations'] as [{ id: string }]
    await post(`/v1/invitations/${id}/acceptance`, headers)
    const answer = await ask({ headers: { ...headers, 'sitewright-account': ada.accountId } }, site.id)
    const until = new Date(Date.parse(stage.now()) + 3_600_000).toISOString()
    expect(await use(answer.json['url'], site.id)).toMatchObject({ role: as, email, until })
  })

  it('is another one each time, and its token is stored and logged nowhere', async () => {
    const site = await given.active(bob.accountId, 'twice')
    const [one, two] = [await ask(bob, site.id), await ask(bob, site.id)]
    expect(one.json['url']).not.toBe(two.json['url'])
    for (const { json } of [one, two]) {
      const token = String(json['url']).split(entrancePath)[1] ?? ''
      expect(stage.logLines.join('\n')).not.toContain(token)
      expect(await use(json['url'], site.id)).toBeDefined()
    }
  })

  it('is refused for a site that cannot be reached', async () => {
    const site = await given.suspended(await given.active(bob.accountId, 'asleep'))
    const answer = await ask(bob, site.id)
    expect([answer.status, answer.json['detail']]).toEqual([409, 'The site cannot be opened while it is suspended.'])
  })

  it("into another's site, or one that does not exist, is not found", async () => {
    const site = await given.active(bob.accountId, 'bobs')
    expect((await ask(ada, site.id)).status).toBe(404)
    expect((await ask(ada, 'site_01jq3v5k8m0000000000000000')).status).toBe(404)
    expect((await ask(ada, 'nonsense')).status).toBe(404)
    expect((await ask({ headers: {} }, site.id)).status).toBe(401)
  })
})
