import { afterAll, describe, expect, it } from 'vitest'
import { tokenHash } from '../../../core/digest.ts'
import type { OperatorRole } from '../../../core/events/actor.ts'
import { plusMilliseconds } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { Site } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { entrancePath } from '../../../lambdas/operators/entrance/entrance.ts'
import { siteMail } from '../../../lambdas/sites/mail-owner.ts'
import config from '../../../sitewright.config.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

const stage = await openApiStage(() => ({ abuse: unlimited }))
const given = givenSites(stage)
const ada = await signIn(stage, 'ada@example.com')
const site = await given.active(ada.accountId, 'engines')
afterAll(() => stage[Symbol.asyncDispose]())

const enter = async ({ id }: Pick<Site, 'id'>, body: object, role: OperatorRole = 'support') =>
  stage.send({
    method: 'POST',
    path: `/v1/operator/sites/${id}/entrance`,
    headers: await stage.operator('sue@example.com', role),
    body,
  })
const choose = (supportEntry: string) =>
  stage.send({ method: 'PATCH', path: '/v1/account', headers: ada.headers, body: { supportEntry } })
const reason = 'The owner asked why uploads fail.'
const minutes = (count: number): string => plusMilliseconds(stage.now(), count * 60_000)

describe('an entry of support', () => {
  it('is a URL that works once, as the operator, for 15 minutes', async () => {
    const { status, json } = await enter(site, { reason })
    expect(status).toBe(201)
    expect(json).toEqual({
      url: expect.stringContaining(`http://engines.localhost:4000${entrancePath}`),
      expiresAt: minutes(1),
      until: minutes(15),
    })
    const use = () =>
      stage.store.entrances.use(
        { siteId: site.id, tokenHash: tokenHash(String(json['url']).split(entrancePath)[1] ?? '') },
        stage.now(),
      )
    expect(await use()).toEqual({ role: 'support', operatorId: expect.stringMatching(/^op_/), until: minutes(15) })
    expect(await use()).toBeUndefined()
  })

  it('is in the history of the site and in the audit log, and its owner gets a mail', async () => {
    await enter(site, { reason, minutes: 60 }, 'admin')
    const [event] = (await stage.store.siteLists.pageOfEvents(site.id, { limit: 1 })).items
    expect(event).toMatchObject({
      type: 'SiteSupportEntered',
      actor: { kind: 'operator', role: 'admin' },
      data: { reason, until: minutes(60) },
    })
    const [entry] = (await stage.store.auditLog.page({ order: 'newest first', limit: 1 })).items
    expect(entry).toMatchObject({ action: 'operatorEnterSite', targets: [site.id], reason })
    const mail = siteMail({
      event: event!,
      site,
      now: event!.at,
      to: 'ada@example.com',
      policies: trialPolicies(config.trialPolicies),
      plans: planCatalogue(config.plans),
      brand: config.brand,
      contact: config.contact,
      consoleUrl: 'http://localhost:4000',
      siteUrl: (hostname) => `http://${hostname}:4000`,
    })
    expect(mail?.subject).toBe('Our support team views your site engines')
    expect(mail?.text).toContain(reason)
  })

  it.each([{}, { reason, minutes: 0 }, { reason, minutes: 61 }, { reason: '' }])('is refused with %j', async (body) => {
    expect((await enter(site, body)).status).toBe(400)
  })

  it('is refused to sales, and while the site is suspended', async () => {
    expect((await enter(site, { reason }, 'sales')).status).toBe(403)
    const suspended = await given.suspended(await given.active(ada.accountId, 'closed'))
    expect((await enter(suspended, { reason })).status).toBe(409)
  })

  it('is refused while the owner refuses it, and leaves no trace in the site', async () => {
    expect((await choose('maybe')).status).toBe(400)
    const before = await stage.store.sites.get(site.id)
    expect((await choose('refused')).json).toMatchObject({ supportEntry: 'refused' })
    const { status, json } = await enter(site, { reason })
    expect([status, json['type']]).toEqual([409, 'urn:sitewright:problem:support-entry-refused'])
    expect(await stage.store.sites.get(site.id)).toEqual(before)
    expect((await choose('allowed')).json).toMatchObject({ supportEntry: 'allowed' })
    expect((await enter(site, { reason })).status).toBe(201)
    const { version } = (await stage.store.accounts.get(ada.accountId))!
    await choose('allowed')
    expect((await stage.store.accounts.get(ada.accountId))?.version).toBe(version)
  })
})
