import { createRandomness } from '../../adapters/randomness.ts'
import { system } from '../../core/events/event-names.ts'
import type { AccountId } from '../../core/ids.ts'
import type { Archive } from '../../core/site/archive.ts'
import { endOperation, type SiteUnder } from '../../core/site/change-site.ts'
import type { ChangeContext, SiteChange } from '../../core/site/lifecycle.ts'
import type {
  ActiveSite,
  ArchivedSite,
  BuildingSite,
  FailedSite,
  KeptSite,
  PurgedSite,
  Site,
  SuspendedSite,
} from '../../core/site/site.ts'
import { trialPolicies } from '../../core/site/trial-policy.ts'
import { archiveSite, beginArchiving } from '../../lambdas/endings/archive-site.ts'
import { suspendSite } from '../../lambdas/endings/end-site.ts'
import { beginPurge, purgeSite } from '../../lambdas/endings/purge-site.ts'
import { finishBuild } from '../../lambdas/sites/build/build-changes.ts'
import { failBuild } from '../../lambdas/sites/build/build-failure.ts'
import { requestSite } from '../../lambdas/sites/build/request-build.ts'
import config from '../../sitewright.config.ts'
import type { ApiStage } from './api-stage.ts'

const randomness = createRandomness()
const { current: policy } = trialPolicies(config.trialPolicies)

/** Brings sites into being, and into any status, by the changes that the workflows make. */
export const givenSites = (stage: ApiStage) => {
  const context: ChangeContext = {
    actor: system,
    causationId: 'test',
    clocks: { domain: stage.now, wall: stage.now },
    randomness,
  }
  const commit = async <After extends Site>(change: SiteChange<After>): Promise<After> => {
    const result = await stage.store.sites.commit(change)
    if (!result.done) throw new Error(`a change that a test builds on was refused: ${result.obstacle}`)
    return change.after
  }
  const finish = async (site: KeptSite | PurgedSite): Promise<void> => {
    await commit(endOperation(site, 'done', context))
  }
  const read = async <Wanted extends Site>({ id }: Wanted): Promise<Wanted> =>
    (await stage.store.sites.get(id)) as Wanted

  const building = (accountId: AccountId | undefined, slug: string, held = {}): Promise<BuildingSite> => {
    const owned = { slug, hostname: `${slug}.localhost`, name: slug, since: stage.now(), ...held }
    const ownership = accountId && { accountId, ...owned }
    return commit(
      requestSite(
        {
          id: randomness.id('site'),
          cell: 'local',
          plan: 'trial',
          blueprint: { name: 'welcome', version: 1 },
          policyVersion: policy.version,
          entry: {},
          ...(ownership && { ownership, reserve: { hostname: ownership.hostname } }),
        },
        context,
      ),
    )
  }
  const ready = async (): Promise<Site> => {
    const site = await building(undefined, '')
    return commit<Site>(finishBuild({ ...site, endpoint: { host: '127.0.0.1', port: 4001 } }, policy, context))
  }
  const active = async (accountId: AccountId, slug: string, held = {}): Promise<ActiveSite> => {
    const site = { ...(await building(accountId, slug, held)), endpoint: { host: '127.0.0.1', port: 4001 } }
    return (await commit<Site>(finishBuild(site, policy, context))) as ActiveSite
  }
  const failed = async (accountId: AccountId, slug: string): Promise<FailedSite> =>
    commit(failBuild(await building(accountId, slug), { step: 'start', reason: 'It could not be started.' }, context))
  /** Suspended, with its stop still running. */
  const stopping = async (
    site: ActiveSite,
    because: SuspendedSite['suspendedBecause'] = 'trial-ended',
  ): Promise<SuspendedSite> => commit(suspendSite(site, { because }, context))
  const suspended = async (
    site: ActiveSite,
    because: SuspendedSite['suspendedBecause'] = 'trial-ended',
  ): Promise<SuspendedSite> => {
    const after = await stopping(site, because)
    await finish(after)
    return read(after)
  }
  const copied = (site: SuspendedSite, id: Archive['id']): Archive => ({
    id,
    at: stage.now(),
    kind: 'reclaim',
    bytes: 1234,
    files: 5,
    blueprint: site.blueprint,
  })
  /** Archived, and its disk still to be released. */
  const releasing = async (site: SuspendedSite): Promise<ArchivedSite> => {
    const begun = (await commit(beginArchiving(site, context))) as SuspendedSite & SiteUnder<'archive'>
    return commit(archiveSite(begun, copied(begun, begun.operation.archiveId), context))
  }
  const archived = async (site: SuspendedSite): Promise<ArchivedSite> => {
    const after = await releasing(site)
    await finish(after)
    return read(after)
  }
  const purged = async (site: ArchivedSite): Promise<PurgedSite> => {
    const begun = (await commit(beginPurge(site, context))) as ArchivedSite & SiteUnder<'purge'>
    const after = await commit(purgeSite(begun, context))
    await finish(after)
    return read(after)
  }
  return { context, commit, building, ready, active, failed, stopping, suspended, releasing, archived, purged }
}
export type GivenSites = ReturnType<typeof givenSites>
