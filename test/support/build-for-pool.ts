import type { SiteChange } from '../../core/site/lifecycle.ts'
import type { ActiveSite, BuildingSite, ReadySite } from '../../core/site/site.ts'
import { finishBuild, noteReady, noteStoragePrepared } from '../../lambdas/sites/build/build-changes.ts'
import { requestSite } from '../../lambdas/sites/build/request-build.ts'
import { claimFromPool } from '../../lambdas/sites/claim/pooled-site.ts'
import { type Provisioning, welcomeThatNeedsItsUrl } from './provisioning.ts'

const contextOf = ({ ports }: Provisioning) => ({
  actor: { kind: 'system' } as const,
  causationId: 'test',
  clocks: ports.clocks,
  randomness: ports.randomness,
})

const commit = async <Change extends SiteChange>({ ports }: Provisioning, change: Change): Promise<Change['after']> => {
  const result = await ports.sites.commit(change)
  if (!result.done) throw new Error(`not committed: ${result.obstacle}`)
  return change.after
}

const requestFor = (stage: Provisioning, version: number) => ({
  id: stage.ports.randomness.id('site'),
  cell: 'local',
  plan: 'trial',
  blueprint: { name: 'welcome', version },
  policyVersion: 1,
  entry: {},
})

/** A site of the pool whose workflow was never started: the process ended between the commit and the start. */
export const requestForPool = (stage: Provisioning, blueprintVersion = 1): Promise<BuildingSite> =>
  commit(stage, requestSite(requestFor(stage, blueprintVersion), contextOf(stage)))

/** A site of a new version that needs its URL, as requested for the pool. */
export const requestPreparedForPool = async (stage: Provisioning, version: number): Promise<BuildingSite> => {
  await stage.ports.blueprints.publish(welcomeThatNeedsItsUrl(version))
  return commit(stage, requestSite({ ...requestFor(stage, version), startsAtClaim: true }, contextOf(stage)))
}

/** A site that waits in the pool and was not started. */
export const prepareForPool = async (stage: Provisioning, version: number): Promise<ReadySite> => {
  const site = await requestPreparedForPool(stage, version)
  const stored = noteStoragePrepared(site, contextOf(stage))
  if (stored === undefined) throw new Error('it was noted before')
  const change = finishBuild(await commit(stage, stored), stage.ports.policies.current, contextOf(stage))
  if (change.after.status !== 'ready') throw new Error(`it is ${change.after.status}`)
  return commit(stage, { ...change, after: change.after })
}

/** A finished site in the pool. */
export const buildForPool = async (stage: Provisioning, blueprintVersion = 1): Promise<ReadySite> => {
  const site = await requestForPool(stage, blueprintVersion)
  const answering = noteReady(site, { host: '127.0.0.1', port: 41_000 }, contextOf(stage))
  if (answering === undefined) throw new Error('it was noted before')
  const change = finishBuild(await commit(stage, answering), stage.ports.policies.current, contextOf(stage))
  if (change.after.status !== 'ready') throw new Error(`it is ${change.after.status}`)
  return commit(stage, { ...change, after: change.after })
}

/** A site of the pool, claimed for an owner. */
export const claimForOwner = async (
  stage: Provisioning,
  slug = 'a',
  accountId = stage.accountId,
): Promise<ActiveSite> => {
  const { clocks, policies, sites } = stage.ports
  const site = await claimFromPool(
    { sites, cells: ['local'], policy: policies.current },
    {
      ownership: { accountId, slug, hostname: `${slug}.test`, name: slug, since: clocks.domain() },
      blueprint: 'welcome',
      context: contextOf(stage),
    },
  )
  if (typeof site === 'string' || site.status !== 'active') throw new Error('no site was claimed')
  return site
}
