import { setTimeout as pause } from 'node:timers/promises'
import type { SiteId } from '../../../core/ids.ts'
import { endOfTime, plusDays, toInstant } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { assignVersion } from '../../../lambdas/releases/swap/begin-swap.ts'
import { claimSite, trialReservation } from '../../../lambdas/sites/claim/pooled-site.ts'
import { sleepSettings } from '../../../lambdas/sleep/idle.ts'
import config from '../../../sitewright.config.ts'
import { owner } from '../../adapters/dynamodb/made-changes.ts'
import { siteIn } from '../support/aging.ts'
import type { AwsWorld } from '../support/aws-world.ts'
import type { SweptWorld } from './aws-world.ts'
import { keepData } from './kept-site.ts'

const yesterday = () => plusDays(toInstant(new Date()), -1)

/** Gives a site of the pool to an owner who does not use it. Its check for use is scheduled, as its event does it. */
export const claimUnused = async (world: AwsWorld, siteId: SiteId): Promise<void> => {
  const ownership = { ...owner(), since: toInstant(new Date()) }
  const { current } = trialPolicies(config.trialPolicies)
  const site = await siteIn(world, siteId, 'ready')
  await world.commit(
    claimSite(site, { ownership, policy: current, reserve: trialReservation(ownership) }, world.context()),
  )
  await keepData(world, siteId)
  await world.idleChecks.schedule({ siteId, at: yesterday() })
  await world.idleChecks.noteSweep({
    sweptAt: toInstant(new Date()),
    trustedSince: yesterday(),
    settings: sleepSettings(planCatalogue(config.plans), config.sleep.dormantAfterDays),
  })
}

/** Sweeps for idle sites when all checks that are scheduled are due. A lost check is not made again. */
export const fallAsleep = async ({ idleChecks, invoke }: AwsWorld): Promise<void> => {
  for await (const check of idleChecks.due(endOfTime)) await idleChecks.replace(check, yesterday())
  await invoke('sleep-idle-sites', { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} })
}

/** Has a site sleep that has slept for longer than sites do that are not dormant. */
export const sleepLongAgo = async (world: AwsWorld, siteId: SiteId): Promise<void> => {
  await fallAsleep(world)
  await world.settled()
  const site = await siteIn(world, siteId, 'asleep')
  const change = assignVersion(site, { to: 1, migrates: false, runs: false }, world.context())
  const asleepSince = plusDays(toInstant(new Date()), -config.sleep.dormantAfterDays - 1)
  await world.commit({ ...change, after: { ...change.after, asleepSince } })
}

/** Asks for a site as a router does for its visitor. */
export const visit = (world: AwsWorld, siteId: SiteId): Promise<unknown> =>
  world.invoke('wake-site-on-request', { siteId, isDeliberate: false })

/** Visitors come to the sites that sleep: if a dormancy did not begin, none came during it. */
export const visitSleepers = async (world: AwsWorld): Promise<void> => {
  for await (const { id } of world.sites.listByStatus('asleep')) await visit(world, id)
}

const wakeMeanwhile = async (world: SweptWorld, siteId: SiteId): Promise<void> => {
  await visit(world, siteId)
  for (let attempt = 0; attempt < 40 && (await world.sites.get(siteId))?.status !== 'active'; attempt += 1)
    await pause(50)
}

/** A visitor's wake ends, if it can, between a sleep's last check of the record and its change of the service. */
export const visitBeforeStop = (world: SweptWorld, siteId: SiteId): void =>
  world.before('ecs.UpdateService', () => wakeMeanwhile(world, siteId))

/** A visitor comes when the service wants no task any more, and its task takes half a second to end. */
export const visitDuringStop = (world: SweptWorld, siteId: SiteId): void =>
  world.before('ecs.UpdateService', async () => {
    const release = world.aws.fargate.holdEnds()
    setTimeout(release, 500)
    world.before('ecs.ListTasks', () => visit(world, siteId))
  })

/** A visitor comes between the last check of the record and a call that removes a part of what is kept of a site. */
export const visitBefore =
  (operation: string) =>
  (world: SweptWorld, siteId: SiteId): void =>
    world.before(operation, () => visit(world, siteId))

/** The wake of a visitor ends, if it can, before the service is deleted. */
export const wakeBeforeDelete = (world: SweptWorld, siteId: SiteId): void =>
  world.before('ecs.DeleteService', () => wakeMeanwhile(world, siteId))
