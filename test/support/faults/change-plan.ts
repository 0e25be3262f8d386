import { isSameSize } from '../../../core/plan/plan.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import { changeSite } from '../../../core/site/change-site.ts'
import { isKept } from '../../../core/site/site.ts'
import { changePlan } from '../../../lambdas/endings/act-on-site.ts'
import config from '../../../sitewright.config.ts'
import { fixedContext } from '../fixed-ports.ts'
import { keptSite, type OwnedSite } from './owned-site.ts'
import type { World } from './world.ts'

const plans = planCatalogue(config.plans)

/** Gives a site another plan, as a payer or an operator would. */
export const giveSitePlan = async (world: World, { id }: OwnedSite, plan: string): Promise<void> => {
  const { store } = await world.host()
  const { randomness } = fixedContext()
  await changeSite(store.sites, id, (site) => {
    if (!isKept(site) || site.plan === plan) return undefined
    const clocks = { domain: world.clock.domain, wall: world.clock.now }
    return changePlan(
      site,
      { plan, reason: 'Paid.' },
      { actor: { kind: 'system' }, causationId: 'a-payment', clocks, randomness },
    )
  })
}

/** Whether a launch has the size of a plan. */
export const hasSizeOf =
  (plan: string) =>
  ({ size }: Launch): boolean =>
    isSameSize(plans.find(plan).size, size)

/** A site that runs, with another size than that of its plan. */
export const wrongSizes = async (world: World, { id }: OwnedSite, plan: string): Promise<readonly string[]> => {
  const site = await keptSite(world, id)
  if (site.plan !== plan) return [`${id} has the plan ${site.plan}`]
  return isSameSize(plans.find(plan).size, site.size) ? [] : [`${id} has the size ${JSON.stringify(site.size)}`]
}
