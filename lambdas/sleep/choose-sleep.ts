import { refuse } from '../../core/errors.ts'
import type { Plan, PlanCatalogue } from '../../core/plan/plan.ts'
import { type ActPorts, changeOwnSite, type OwnerAct, requireKept } from '../../core/site/change-site.ts'
import { environmentSleepMinutes, refuseEnvironment } from '../../core/site/environment.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { isRehearsal } from '../../core/site/rehearsal.ts'
import type { KeptSite, Site } from '../../core/site/site.ts'

/** @param minutes null for never. */
export const chooseSleep = (site: KeptSite, minutes: number | null, context: ChangeContext): SiteChange => {
  const after = { ...site, sleepAfterMinutes: minutes }
  return siteChange({ transition: 'chooseSleep', before: site, after }, context)
}

export type ChooseSleepPorts = Pick<ActPorts, 'sites' | 'clocks' | 'randomness'> & { readonly plans: PlanCatalogue }

/**
 * After how many minutes a site sleeps; undefined if never. The owner of a paid site decides, otherwise the plan. The use of a rehearsal is not
 * counted: it would fall asleep under its testers.
 */
export const sleepMinutesOf = (
  site: Pick<KeptSite, 'sleepAfterMinutes' | 'environmentOf' | 'rehearsalOf'>,
  { kind, sleepAfterMinutes }: Pick<Plan, 'kind' | 'sleepAfterMinutes'>,
): number | undefined => {
  const { sleepAfterMinutes: chosen, environmentOf } = site
  if (isRehearsal(site)) return undefined
  if (environmentOf !== undefined) return environmentSleepMinutes
  return kind === 'trial' || chosen === undefined ? sleepAfterMinutes : (chosen ?? undefined)
}

/**
 * Sets after how many minutes without visitors the owner's site sleeps; null for never. Repeating changes nothing.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed` for a trial.
 */
export const chooseOwnSleep = (
  ports: ChooseSleepPorts,
  act: OwnerAct,
  sleepAfterMinutes: number | null,
): Promise<Site> =>
  changeOwnSite(ports, act, (found, context) => {
    const site = requireKept(found)
    if (ports.plans.find(site.plan).kind === 'trial') {
      return refuse('A trial always sleeps. Choose a paid plan to change this.')
    }
    refuseEnvironment(site, 'always sleeps when nobody uses it')
    if (site.sleepAfterMinutes === sleepAfterMinutes) return undefined
    return chooseSleep(site, sleepAfterMinutes, context)
  })
