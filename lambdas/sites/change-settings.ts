import type { SiteId } from '../../core/ids.ts'
import { changeOwnSite, findOwnSite, type OwnerAct, requireKept } from '../../core/site/change-site.ts'
import { refuseEnvironment } from '../../core/site/environment.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import type { KeptSite, Site } from '../../core/site/site.ts'
import { type AdmitPorts, countingSuccess } from '../rate-limits/admit-in-window.ts'
import { type ChooseSleepPorts, chooseOwnSleep } from '../sleep/choose-sleep.ts'

/** Gives a site another name. Its address, which links and its product know, stays. */
export const renameSite = (site: KeptSite, name: string, context: ChangeContext): SiteChange => {
  const after = { ...site, ownership: { ...site.ownership, name } }
  return siteChange({ transition: 'rename', before: site, after }, context)
}

/** Keeps the changes of a site to owners, or opens them to developers. */
export const protectSite = (site: KeptSite, ownersOnly: boolean, context: ChangeContext): SiteChange => {
  const { ownersOnly: _, ...others } = site
  const after = { ...others, ...(ownersOnly && { ownersOnly }) }
  return siteChange({ transition: 'chooseProtection', before: site, after, details: { ownersOnly } }, context)
}

const renamesPerDay = 20

/** Each one is an event that stays, a webhook, and writes to the index of words. */
const renamesOf = (siteId: SiteId) => ({
  key: `renames-${siteId}`,
  limit: renamesPerDay,
  milliseconds: 86_400_000,
  message: (wait: string) => `A site can be renamed ${renamesPerDay} times a day. Try again in ${wait}.`,
})

export interface Settings {
  readonly name?: string | undefined
  readonly sleepAfterMinutes?: number | null | undefined
}

/**
 * Changes what its owner decides about a site. Repeating changes nothing. What may be refused comes first.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed` without data, or for the sleep of a trial, `RateLimited`,
 *   `VersionConflict`.
 */
export const changeOwnSettings = async (
  ports: ChooseSleepPorts & AdmitPorts,
  act: OwnerAct,
  { name, sleepAfterMinutes }: Settings,
): Promise<Site> => {
  const slept = sleepAfterMinutes === undefined ? undefined : await chooseOwnSleep(ports, act, sleepAfterMinutes)
  if (name === undefined) return slept ?? findOwnSite(ports, act)
  const known = requireKept(await findOwnSite(ports, act))
  if (known.ownership.name === name) return known
  return countingSuccess(ports, renamesOf(known.id), () =>
    changeOwnSite(ports, act, (found, context) => {
      const site = requireKept(found)
      return site.ownership.name === name ? undefined : renameSite(site, name, context)
    }),
  )
}

/**
 * Decides whether anybody below an owner changes what a site runs and holds. Repeating changes nothing.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` without data, and for an environment; `VersionConflict`.
 */
export const chooseProtection = (
  ports: Pick<ChooseSleepPorts, 'sites' | 'clocks' | 'randomness'>,
  act: OwnerAct,
  ownersOnly: boolean,
): Promise<Site> =>
  changeOwnSite(ports, act, (found, context) => {
    const site = requireKept(found)
    refuseEnvironment(site, 'is open to developers')
    return (site.ownersOnly === true) === ownersOnly ? undefined : protectSite(site, ownersOnly, context)
  })
