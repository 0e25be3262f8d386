import type { ChangeContext, SiteChange } from '../../core/site/lifecycle.ts'
import type { Relocation } from '../../core/site/relocation.ts'
import type { LiveSite } from '../../core/site/site.ts'
import type { TargetPorts } from './target.ts'
export const beginRelocation = async (
  _p: TargetPorts,
  _s: LiveSite,
  _r: Relocation,
  _c: ChangeContext,
): Promise<SiteChange | undefined> => undefined
export const beginSwitchBack = (_s: LiveSite, _r: string, _c: ChangeContext): SiteChange => {
  throw new Error('x')
}
