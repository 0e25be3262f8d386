import { SitewrightError } from '../../core/errors.ts'
import type { ChangeContext, SiteChange } from '../../core/site/lifecycle.ts'
import type { Relocation } from '../../core/site/relocation.ts'
import type { ActiveSite, LiveSite } from '../../core/site/site.ts'
import { beginSwap } from '../releases/swap/begin-swap.ts'
import { runsCommand } from '../sites/build/build-from-archive.ts'
import { blueprintAfter, type TargetPorts } from './target.ts'

/**
 * Begins the switch of an accepted relocation. It always starts on a verified copy, so that there is a way back. The command of the version
 * runs where it did in the rehearsal.
 */
export const beginRelocation = async (
  ports: Pick<TargetPorts, 'blueprints'>,
  site: LiveSite,
  { target }: Relocation,
  context: ChangeContext,
): Promise<SiteChange<ActiveSite>> => {
  const blueprint = await blueprintAfter(ports, site, target)
  const runs = blueprint !== undefined && runsCommand(blueprint, site.blueprint)
  return beginSwap(site, { target, copies: true, runs, relocates: true }, context)
}

/**
 * Begins to go back to what the site was before its relocation, or forward again, with the data from then. The data of now becomes an archive.
 * @throws {SitewrightError} `TransitionNotAllowed` unless the site was switched; `OperationInProgress`.
 */
export const beginSwitchBack = (site: LiveSite, reason: string, context: ChangeContext): SiteChange<ActiveSite> => {
  const switched = site.relocation?.switched
  if (switched === undefined) {
    throw new SitewrightError('TransitionNotAllowed', 'This site was not relocated, or its relocation is confirmed.')
  }
  const { back: target, archiveId: restores } = switched
  return beginSwap(site, { target, copies: true, runs: false, relocates: true, restores, reason }, context)
}
