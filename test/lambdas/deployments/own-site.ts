import { idSchema, type SiteId } from '../../../core/ids.ts'
import type { ActiveSite, BuildingSite, Site } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { finishBuild } from '../../../lambdas/sites/build/build-changes.ts'
import config from '../../../sitewright.config.ts'
import { welcome } from '../../support/provisioning.ts'
import type { ApiStage } from '../api-stage.ts'
import { givenSites } from '../given-site.ts'
import { signIn } from '../sign-in.ts'

/** Gives an account one site for software of its own, which runs. */
export const giveOwnSite = async (stage: ApiStage) => {
  await stage.store.blueprints.publish(welcome(1))
  const { accountId, headers } = await signIn(stage, 'ada@example.com')
  const staff = await stage.operator('grace@example.com', 'admin')
  const allow = async (sites: number) => {
    const path = `/v1/operator/accounts/${accountId}/allowance`
    const body = { plan: 'enterprise', sites, reason: 'Contract 4711' }
    await stage.send({ method: 'PUT', path, headers: staff, body })
  }
  await allow(1)
  const body = { slug: 'ours', name: 'Ours', software: 'own' }
  const created = await stage.send({ method: 'POST', path: '/v1/sites', headers, body })
  const id: SiteId = idSchema('site').parse(created.json['id'])
  const sites = givenSites(stage)
  const { current: policy } = trialPolicies(config.trialPolicies)
  const building = { ...((await stage.store.sites.get(id)) as BuildingSite), endpoint: { host: '127.0.0.1', port: 1 } }
  const active = (await sites.commit<Site>(finishBuild(building, policy, sites.context))) as ActiveSite
  return { accountId, headers, staff, allow, id, sites, active }
}
