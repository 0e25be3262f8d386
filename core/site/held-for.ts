import { isPaused } from './is-paused.ts'
import type { Site } from './site.ts'

/** Why a site that answers nowhere is back in a moment by itself, so that its visitors can be held; undefined where it is not. */
export const heldFor = (site: Site | undefined): 'copy' | 'resize' | undefined => {
  if (site?.status !== 'active' || site.endpoint !== undefined) return undefined
  if (site.operation?.kind === 'copy') return isPaused(site) ? 'copy' : undefined
  // Paused or not: a platform that replaces tasks by itself may end the old one before the new one answers.
  return site.operation?.kind === 'resize' ? 'resize' : undefined
}
