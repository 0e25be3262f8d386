import { SitewrightError } from '../../errors.ts'
import { isOwnersToRevoke } from '../../site/end/deletion.ts'
import type { KeptSite } from '../../site/site.ts'

const refuse = (message: string): never => {
  throw new SitewrightError('TransitionNotAllowed', message)
}

/**
 * That its owner may have the site: no money is taken for one that we took away, or are about to.
 * @throws {SitewrightError} `TransitionNotAllowed`.
 */
export const requireLeftToOwner = (site: KeptSite): void => {
  if (site.status === 'active') return
  if (site.suspendedBecause === 'operator') {
    refuse('We have suspended this site ourselves. Write to us about it.')
  }
  if (site.deletion !== undefined && !isOwnersToRevoke(site.deletion)) {
    refuse('We are removing this site ourselves. Write to us about it.')
  }
}
