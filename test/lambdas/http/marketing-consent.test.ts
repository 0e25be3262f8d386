import { unmarshall } from '@aws-sdk/util-dynamodb'
import { afterAll, describe, expect, it } from 'vitest'
import { eventSchema } from '../../../core/events/event.ts'
import { type AccountId, idSchema } from '../../../core/ids.ts'
import { linkCodeOf } from '../../../lambdas/signup/signup.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'

const stage = await openApiStage(() => ({ abuse: unlimited }))
afterAll(() => stage[Symbol.asyncDispose]())

/** Signs somebody up, or in: by the code that they type, or by the link of the mail. */
const signIn = async (email: string, said: object = {}, byLink?: object) => {
  const { json } = await stage.send({ method: 'POST', path: '/v1/signups', body: { email, ...said } })
  const path = `/v1/signups/${json['id']}/verification`
  const linkCode = linkCodeOf('a-pepper', idSchema('sgn').parse(json['id']))
  const body = byLink === undefined ? { code: stage.codeFor(email) } : { code: linkCode, ...byLink }
  const verified = await stage.send({ method: 'POST', path, body })
  const { account, session } = verified.json as { account: { id: string }; session: { token: string } }
  return { accountId: idSchema('acct').parse(account.id), authorization: `Bearer ${session.token}` }
}
const ticked = (marketingConsent: string) => ({
  marketingConsent,
  attribution: { campaign: 'spring', clickIds: { gclid: 'g1' } },
})
const choose = (authorization: string, text: unknown) =>
  stage.send({ method: 'PUT', path: '/v1/account/marketing-consent', headers: { authorization }, body: { text } })
const accountOf = async (id: AccountId) => (await stage.store.accounts.get(id))!
const events = async () =>
  (await stage.store.outbox.pending())
    .map(({ image }) => eventSchema.parse(unmarshall(image)['content']))
    .filter(({ type }) => type.startsWith('MarketingConsent'))

describe('the consent to marketing', () => {
  it('can be withdrawn, which removes the ids of clicks on ads, and given again', async () => {
    const { accountId, authorization } = await signIn('ada@example.com', ticked('sign-up-1'))
    expect((await choose(authorization, null)).json).toMatchObject({ id: accountId, marketingConsent: false })
    const withdrawn = await accountOf(accountId)
    expect(withdrawn).not.toHaveProperty('marketing')
    expect(withdrawn.attribution).toEqual({ campaign: 'spring' })
    await choose(authorization, null)
    expect(await accountOf(accountId)).toEqual(withdrawn)

    stage.turnClock(60_000)
    expect((await choose(authorization, 'account-1')).json).toMatchObject({ marketingConsent: true })
    expect((await accountOf(accountId)).marketing).toEqual({ at: stage.now(), text: 'account-1' })
    expect(await events()).toMatchObject([
      { type: 'MarketingConsentWithdrawn', aggregate: { id: accountId }, actor: { kind: 'owner' }, version: 2 },
      { type: 'MarketingConsentGiven', data: { text: 'account-1' }, version: 3 },
    ])
  })

  it.each([undefined, '', true, 'x'.repeat(41)])('is refused with the text %j', async (text) => {
    const { authorization } = await signIn('bob@example.com')
    expect((await choose(authorization, text)).status).toBe(400)
  })

  it('is stored when somebody who is known signs in with it, and stays when they do not repeat it', async () => {
    const { accountId } = await signIn('cid@example.com')
    await signIn('cid@example.com', ticked('sign-up-1'))
    const consenting = await accountOf(accountId)
    expect(consenting.marketing).toEqual({ at: stage.now(), text: 'sign-up-1' })
    await signIn('cid@example.com', ticked('sign-up-1'))
    await signIn('cid@example.com')
    expect(await accountOf(accountId)).toEqual(consenting)
  })

  it('of another person who ticked the box does not count for the person who follows the link', async () => {
    const { accountId } = await signIn('eva@example.com', ticked('sign-up-1'), {})
    const account = await accountOf(accountId)
    expect(account).not.toHaveProperty('marketing')
    expect(account.attribution).toEqual({ campaign: 'spring' })
    await signIn('eva@example.com', ticked('sign-up-1'), {})
    expect(await accountOf(accountId)).toEqual(account)
  })

  it('counts if the person who follows the link gives it there', async () => {
    const link = { marketingConsent: 'sign-up-2' }
    const { accountId } = await signIn('fay@example.com', ticked('sign-up-1'), link)
    expect(await accountOf(accountId)).toMatchObject({
      marketing: { at: stage.now(), text: 'sign-up-2' },
      attribution: { campaign: 'spring', clickIds: { gclid: 'g1' } },
    })
    const known = await signIn('gus@example.com')
    await signIn('gus@example.com', {}, link)
    expect((await accountOf(known.accountId)).marketing).toEqual({ at: stage.now(), text: 'sign-up-2' })
  })

  it('of a closed account can be withdrawn, and not given', async () => {
    const { accountId, authorization } = await signIn('dan@example.com', ticked('sign-up-1'))
    await givenSites(stage).active(accountId, 'dan-site')
    const body = { confirm: 'dan@example.com' }
    await stage.send({ method: 'DELETE', path: '/v1/account', headers: { authorization }, body })
    expect((await choose(authorization, null)).status).toBe(200)
    expect((await choose(authorization, 'account-1')).status).toBe(409)
    await signIn('dan@example.com', ticked('sign-up-1'))
    expect(await accountOf(accountId)).not.toHaveProperty('marketing')
  })
})

describe('the terms', () => {
  const profileOf = async (...signUp: Parameters<typeof signIn>) => {
    const { authorization } = await signIn(...signUp)
    const { json } = await stage.send({ method: 'GET', path: '/v1/account/export', headers: { authorization } })
    return (json as { person: { termsAcceptedAt: string | null } }).person
  }
  const accepted = { acceptedTerms: true }

  it('are accepted at the sign-up by the person who types the code, and on its page by the one who follows the link', async () => {
    expect(await profileOf('hal@example.com', accepted)).toMatchObject({ termsAcceptedAt: stage.now() })
    expect(await profileOf('ida@example.com', accepted, {})).toMatchObject({ termsAcceptedAt: null })
    expect(await profileOf('joe@example.com', {}, accepted)).toMatchObject({ termsAcceptedAt: stage.now() })
  })
})
