import { actContext, changeOwnSite, findOwnSite, type OwnerAct, requireKept } from '../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import type { KeptSite, Site } from '../../core/site/site.ts'
import { type ChooseSleepPorts, chooseOwnSleep } from '../sleep/choose-sleep.ts'

/** Gives a site another name. Its address, which links and its product know, stays. */
export const renameSite = (site: KeptSite, name: string, context: ChangeContext): SiteChange => {
  const after = { ...site, version: site.version + 1, ownership: { ...site.ownership, name } }
  return siteChange({ transition: 'rename', before: site, after }, context)
}

export interface Settings {
  readonly name?: string | undefined
  readonly sleepAfterMinutes?: number | null | undefined
}

/**
 * Changes what its owner decides about a site. Repeating changes nothing. What may be refused comes first.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed` without data, or for the sleep of a trial, `VersionConflict`.
 */
export const changeOwnSettings = async (
  ports: ChooseSleepPorts,
  act: OwnerAct,
  { name, sleepAfterMinutes }: Settings,
): Promise<Site> => {
  const slept = sleepAfterMinutes === undefined ? undefined : await chooseOwnSleep(ports, act, sleepAfterMinutes)
  if (name === undefined) return slept ?? findOwnSite(ports, act)
  return changeOwnSite(ports, act, (found) => {
    const site = requireKept(found)
    return site.ownership.name === name ? undefined : renameSite(site, name, actContext(ports, act))
  })
}
