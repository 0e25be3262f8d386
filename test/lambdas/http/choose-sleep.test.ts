import { afterAll, describe, expect, it } from 'vitest'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { SiteId } from '../../../core/ids.ts'
import { changePlan } from '../../../lambdas/endings/act-on-site.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

const stage = await openApiStage()
const ada = await signIn(stage, 'ada@example.com')
const given = givenSites(stage)
const trial = (await given.active(ada.accountId, 'a-trial')).id
const site = await given.active(ada.accountId, 'a-customer')
const paid = site.id
const clocks = { domain: stage.now, wall: stage.now }
const context = { actor: { kind: 'system' }, causationId: 'test', clocks, randomness: createRandomness() } as const
await stage.store.sites.commit(changePlan(site, { plan: 'starter', reason: 'a test' }, context))
afterAll(() => stage[Symbol.asyncDispose]())

const choose = (id: SiteId, body: object) =>
  stage.send({ method: 'PATCH', path: `/v1/sites/${id}`, headers: ada.headers, body })

describe('the sleep of a site', () => {
  it('is the plan’s until the owner of a paid site chooses', async () => {
    const seen = async (id: SiteId) => {
      const { json } = await stage.send({ path: `/v1/sites/${id}`, headers: ada.headers })
      return (json as { sleepAfterMinutes: unknown }).sleepAfterMinutes
    }
    expect([await seen(trial), await seen(paid)]).toEqual([30, null])
    expect(await choose(paid, { sleepAfterMinutes: 60 })).toMatchObject({
      status: 200,
      json: { sleepAfterMinutes: 60 },
    })
    expect(await seen(paid)).toBe(60)
    expect(await choose(paid, { sleepAfterMinutes: null })).toMatchObject({ json: { sleepAfterMinutes: null } })
  })

  it('cannot be chosen for a trial', async () => {
    expect(await choose(trial, { sleepAfterMinutes: 60 })).toMatchObject({
      status: 409,
      json: { type: 'urn:sitewright:problem:transition-not-allowed' },
    })
  })

  it.each([0, 1.5, -1, 43_201, '60', undefined])('is a whole number of minutes, and not %s', async (minutes) => {
    expect((await choose(paid, { sleepAfterMinutes: minutes })).status).toBe(400)
  })
})
