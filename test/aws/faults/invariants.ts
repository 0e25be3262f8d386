import type { SiteId } from '../../../core/ids.ts'
import type { AwsWorld } from '../support/aws-world.ts'
import { remainsOf } from '../support/remains.ts'

/** What of a site is not as it should be: one of each while it runs, none of anything once it is gone. */
export const brokenInvariants = async (
  world: AwsWorld,
  siteId: SiteId,
  expected: 'ready' | 'failed' | 'purged',
): Promise<readonly string[]> => {
  const site = await world.sites.get(siteId)
  const problems: string[] = []
  if (site?.status !== expected) problems.push(`the site is ${site?.status ?? 'unknown'} and not ${expected}`)
  for (const [what, count] of Object.entries(await remainsOf(world, siteId))) {
    // The data of a site that is torn down goes with another sweep, which empties it first.
    const wanted = expected === 'ready' || (expected === 'purged' && what === 'access points') ? 1 : 0
    if (count !== wanted) problems.push(`${count} ${what} instead of ${wanted}`)
  }
  const task = world.aws.fargate.tasksOf(siteId).find(({ desiredStatus }) => desiredStatus === 'RUNNING')
  if (site?.status === 'ready' && site.endpoint?.host !== task?.host) {
    problems.push(`the site is recorded at ${site.endpoint?.host} and runs at ${task?.host}`)
  }
  return problems
}
