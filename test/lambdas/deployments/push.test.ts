import { expect, it } from 'vitest'
import { idSchema } from '../../../core/ids.ts'
import type { ActiveSite, BuildingSite, Site } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { finishBuild } from '../../../lambdas/sites/build/build-changes.ts'
import config from '../../../sitewright.config.ts'
import { noSoftware, playedAccess } from '../../support/no-software.ts'
import { welcome } from '../../support/provisioning.ts'
import { unlimited } from '../../support/signing-up.ts'
import { openApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

it('opens a push to a site that could be deployed, and to no suspended or archived one', async () => {
  const ownSoftware = { ...noSoftware, pushAccess: async () => playedAccess }
  await using stage = await openApiStage(() => ({ abuse: unlimited, ownSoftware }))
  await stage.store.blueprints.publish(welcome(1))
  const { accountId, headers } = await signIn(stage, 'ada@example.com')
  const allowed = await stage.send({
    method: 'PUT',
    path: `/v1/operator/accounts/${accountId}/allowance`,
    headers: await stage.operator('grace@example.com', 'admin'),
    body: { plan: 'enterprise', sites: 1, reason: 'Contract 4711' },
  })
  expect(allowed.status, allowed.text).toBe(200)
  const body = { slug: 'ours', name: 'Ours', software: 'own' }
  const created = await stage.send({ method: 'POST', path: '/v1/sites', headers, body })
  expect(created.status, created.text).toBe(202)
  const id = idSchema('site').parse(created.json['id'])
  const push = async (by: Readonly<Record<string, string>> = headers, query = {}) => {
    const path = `/v1/sites/${id}/deployments/push`
    const { status, json } = await stage.send({ method: 'POST', path, headers: by, query })
    return [status, json['type'] ?? json['repository']]
  }
  expect(await push()).toEqual([200, 'own/site'])

  // Whom a deployment to production would refuse uploads nothing for it.
  const token = async (body: object) => {
    const { json } = await stage.send({
      ...{ method: 'POST', path: '/v1/team/tokens', headers },
      body: { name: 'CI', role: 'developer', ...body },
    })
    return { authorization: `Bearer ${json['token']}` }
  }
  const limited = await token({})
  expect(await push(limited)).toEqual([403, 'urn:sitewright:problem:forbidden'])
  expect(await push(limited, { environment: 'qa' })).toEqual([200, 'own/site'])
  expect(await push(await token({ production: true }))).toEqual([200, 'own/site'])

  const sites = givenSites(stage)
  const { current: policy } = trialPolicies(config.trialPolicies)
  const building = { ...((await stage.store.sites.get(id)) as BuildingSite), endpoint: { host: '127.0.0.1', port: 1 } }
  const active = (await sites.commit<Site>(finishBuild(building, policy, sites.context))) as ActiveSite
  expect(await push()).toEqual([200, 'own/site'])
  const suspended = await sites.suspended(active)
  expect(await push()).toEqual([409, 'urn:sitewright:problem:transition-not-allowed'])
  await sites.archived(suspended)
  expect(await push()).toEqual([409, 'urn:sitewright:problem:transition-not-allowed'])
})
