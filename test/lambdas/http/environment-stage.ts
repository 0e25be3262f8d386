import { afterAll, beforeAll, beforeEach, expect } from 'vitest'
import type { Plan } from '../../../core/plan/plan.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { Archive } from '../../../core/site/archive.ts'
import { endOperation } from '../../../core/site/change-site.ts'
import { siteChange } from '../../../core/site/lifecycle.ts'
import type { ActiveSite, KeptSite, Site, SiteStatus } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { type AdvancePorts, advanceDeploymentsOf } from '../../../lambdas/deployments/advance-deployments.ts'
import type { OwnSoftware } from '../../../lambdas/deployments/deployment.ts'
import { moveOver, type SwappingSite } from '../../../lambdas/releases/swap/swap-changes.ts'
import { finishBuild } from '../../../lambdas/sites/build/build-changes.ts'
import type { DeadlinePorts } from '../../../lambdas/trials/act-on-deadlines.ts'
import config from '../../../sitewright.config.ts'
import { noSoftware } from '../../support/no-software.ts'
import { welcome } from '../../support/provisioning.ts'
import { unlimited } from '../../support/signing-up.ts'
import { type ApiAnswer, type ApiStage, openApiStage } from '../api-stage.ts'
import { type GivenSites, givenSites } from '../given-site.ts'
import { type SignedIn, signIn } from '../sign-in.ts'

export const { current: policy } = trialPolicies(config.trialPolicies)
export const endpoint = { host: '127.0.0.1', port: 4001 }
const quota = { count: 2, storageMiB: 512, maxDays: 30, outbound: false }
const { maxDays: _, ...endless } = quota
export const plans = planCatalogue(
  config.plans.flatMap<Plan>((plan) => {
    if (plan.id === 'growth') return { ...plan, environments: { ...quota, count: 1, maxDays: 14 } }
    if (plan.id !== 'enterprise') return plan
    return [
      { ...plan, environments: quota },
      { ...plan, id: 'unlimited', environments: endless, opens: ['outbound', 'root'] },
    ]
  }),
)

export interface View {
  readonly id: Site['id']
  readonly status: SiteStatus
  readonly environment: { readonly endsAt: string | null }
}

export let stage: ApiStage
export let given: GivenSites
/** Each test has an account and a production of its own. */
export let ada: SignedIn
export let production: ActiveSite
export let count = 0

let software: OwnSoftware = {
  ...noSoftware,
  pushAccess: async (siteId) => ({
    registry: 'r',
    repository: siteId,
    username: 'u',
    password: 'p',
    expiresAt: '',
    platform: 'linux/arm64',
  }),
}
export const ports = () =>
  ({
    ...stage.store,
    ...given.context,
    plans,
    policies: trialPolicies(config.trialPolicies),
    ownSoftware: software,
    clockIsTurned: () => true,
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
    workflows: { start: async () => undefined, status: async () => 'running' as const },
  }) as unknown as AdvancePorts & DeadlinePorts

export const read = async <Wanted extends Site = ActiveSite>(id: string): Promise<Wanted> =>
  (await stage.store.sites.get(id as Site['id'])) as Wanted

/** What the workflows of a build or of an upgrade do. */
export const run = async (id: string): Promise<ActiveSite> => {
  const site = await read<Site>(id)
  if (site.status === 'building') await given.commit<Site>(finishBuild({ ...site, endpoint }, policy, given.context))
  else if (site.status === 'active' && site.operation?.kind === 'upgrade') {
    const { name, version } = site.operation.target.blueprint ?? site.blueprint
    const blueprint = (await stage.store.blueprints.get(name, version)) ?? welcome(1)
    const { size } = plans.find(site.plan)
    const moved = moveOver(site as SwappingSite, { endpoint, launch: { blueprint, size } }, given.context)
    await given.commit(moved)
    await given.commit(endOperation(moved.after as KeptSite, 'done', given.context))
  }
  await advanceDeploymentsOf(ports(), site.id, 'an-event')
  return read(id)
}

export const send = (
  method: 'POST' | 'DELETE' | 'GET',
  path: string,
  body?: object,
  headers = ada.headers,
): Promise<ApiAnswer> => stage.send({ method, path, headers, ...(body && { body }) })
export const at = (path = '') => `/v1/sites/${production.id}/environments${path}`
export const create = (body: object) => send('POST', at(), body)
export const deployFile = async (id: string, file: object) => {
  const { status, text, json } = await send('POST', `/v1/sites/${id}/deployments`, { file })
  expect(status, text).toBe(202)
  await run(id)
  return (json as { deployment: { id: string; version: number } }).deployment
}
export const runs = async (site: Site) => stage.store.blueprints.get(site.blueprint.name, site.blueprint.version)

/** A verified copy of a site. */
export const copied = async (id: string, more: Partial<Archive> = {}): Promise<Archive> => {
  const site = await read(id)
  const { operation: _, ...idle } = site
  const archive: Archive = {
    ...{ id: given.context.randomness.id('arc'), at: stage.now(), kind: 'owner', bytes: 10, dataBytes: 100, files: 1 },
    blueprint: site.blueprint,
    ...more,
  }
  const after = { ...idle, version: site.version + 1, archives: [archive, ...site.archives] }
  const details = { archiveId: archive.id }
  await given.commit(siteChange({ transition: 'recordCopy', before: site, after, details }, given.context))
  return archive
}

/** Opens an API for the tests of a file: each has a site for software of its own. */
export const giveEnvironments = (more: Partial<OwnSoftware> = {}): void => {
  software = { ...software, ...more }
  beforeAll(async () => {
    stage = await openApiStage(() => ({
      abuse: unlimited,
      plans,
      ownSoftware: software,
      capacities: [
        { name: 'local', sites: 1_000_000, bytes: 10_000 },
        { name: 'large', sites: 1000, bytes: 20_000 },
      ],
    }))
    await stage.store.blueprints.publish(welcome(1))
    given = givenSites(stage)
  })
  beforeEach(async () => {
    count += 1
    ada = await signIn(stage, `ada-${count}@example.com`)
    await stage.send({
      method: 'PUT',
      path: `/v1/operator/accounts/${ada.accountId}/allowance`,
      headers: await stage.operator('grace@example.com', 'admin'),
      body: { plan: 'enterprise', sites: 1, reason: 'Contract 4711' },
    })
    const { json } = await send('POST', '/v1/sites', { slug: `shop-${count}`, name: 'Shop', software: 'own' })
    production = await run((json as unknown as View).id)
  })
  afterAll(async () => stage?.[Symbol.asyncDispose]())
}
