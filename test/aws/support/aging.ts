import type { SiteId } from '../../../core/ids.ts'
import { type Instant, plusDays, toInstant } from '../../../core/instant.ts'
import type { SiteIn, SiteStatus } from '../../../core/site/site.ts'
import { suspendSite } from '../../../lambdas/endings/end-site.ts'
import { warnOwner } from '../../../lambdas/trials/act-on-deadlines.ts'
import config from '../../../sitewright.config.ts'
import type { AwsWorld } from './aws-world.ts'

const [policy] = config.trialPolicies
if (policy === undefined) throw new Error('there is no trial policy')
const { graceDays, retentionDays, warningDaysBefore } = policy

const daysAgo = (days: number): Instant => plusDays(toInstant(new Date()), -days)

/** @throws where the site is anything else. */
export const siteIn = async <Status extends SiteStatus>(
  { sites }: Pick<AwsWorld, 'sites'>,
  id: SiteId,
  status: Status,
): Promise<SiteIn<Status>> => {
  const site = await sites.get(id)
  if (site?.status !== status) throw new Error(`${id} is not ${status}: ${JSON.stringify(site)}`)
  return site as SiteIn<Status>
}

/** A site in use as it would be had its trial ended so long ago that it is to be archived. What runs has not been stopped. */
export const suspendLongAgo = async (
  world: AwsWorld,
  id: SiteId,
  status: 'active' | 'asleep' = 'active',
): Promise<void> => {
  const then = daysAgo(graceDays + 1)
  const { clocks, ...context } = world.context()
  const suspended = { ...context, clocks: { ...clocks, domain: () => then } }
  const change = suspendSite(await siteIn(world, id, status), { because: 'trial-ended' }, suspended)
  await world.commit({ ...change, after: { ...change.after, trialEndsAt: then } })
}

/** An archived site as it would be had it been archived, and its owner warned, so long ago that it is to be purged. */
export const archiveLongAgo = async (world: AwsWorld, id: SiteId): Promise<void> => {
  const change = warnOwner(await siteIn(world, id, 'archived'), Math.min(...warningDaysBefore), world.context())
  const archivedAt = daysAgo(retentionDays + 1)
  const trialEndsAt = plusDays(archivedAt, -graceDays)
  await world.commit({ ...change, after: { ...change.after, archivedAt, trialEndsAt } })
}

/** What the clock wakes, and what follows from it. */
export const wake = async (
  world: AwsWorld,
  name: 'heal-work' | 'act-on-deadlines' | 'reconcile-sites',
): Promise<void> => {
  await world.invoke(name, { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} })
  await world.settled()
}
