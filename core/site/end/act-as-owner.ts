import { SitewrightError } from '../../errors.ts'
import type { ActPorts, OwnerAct } from '../change-site.ts'
import { actContext, changeOwnSite, requireKept } from '../change-site.ts'
import { requireIdle } from '../operation-changes.ts'
import { extendByOwner } from '../run/extension.ts'
import type { KeptSite, Site } from '../site.ts'
import { startOperationSoon } from '../start-operation.ts'
import { isOwnersToRevoke, requestDeletion, revokeDeletion } from './deletion.ts'
import { suspendSite } from './suspension.ts'

/**
 * Uses the owner's extension. It does not resume the site.
 * @throws {SitewrightError} `NotFound`, `ExtensionUsed`, `TransitionNotAllowed`.
 */
export const extendOwnTrial = (ports: ActPorts, act: OwnerAct): Promise<Site> =>
  changeOwnSite(ports, act, (found) => {
    const site = requireKept(found)
    return extendByOwner(site, ports.policies.find(site.policyVersion), actContext(ports, act))
  })

const requireConfirmation = ({ ownership }: KeptSite, confirm: string): void => {
  if (confirm.trim().toLowerCase() === ownership.hostname) return
  throw new SitewrightError('ConfirmationWrong', 'Type the hostname of the site to confirm that it is to be deleted.', {
    fields: [{ path: 'confirm', message: 'is not the hostname of this site' }],
  })
}

/**
 * Deletes the owner's site: it is suspended at once, and purged after some days in which that can be revoked. Asking again
 * changes nothing, and no day.
 * @param confirm the site's hostname, as the owner typed it.
 * @throws {SitewrightError} `NotFound`, `ConfirmationWrong`, `TransitionNotAllowed`, `OperationInProgress` while it is
 *   being restored.
 */
export const deleteOwnSite = async (ports: ActPorts, act: OwnerAct, confirm: string): Promise<Site> => {
  const site = await changeOwnSite(ports, act, (found) => {
    const kept = requireKept(found)
    const context = actContext(ports, act)
    requireConfirmation(kept, confirm)
    if (kept.status === 'active') {
      const deletion = { requestedAt: context.clocks.domain(), by: 'owner' as const }
      return suspendSite(kept, { because: 'owner-deletion', deletion }, context)
    }
    if (kept.deletion !== undefined) return undefined
    // A restore that ends well makes the site active, and would forget that it was to be deleted.
    if (kept.operation?.kind === 'restore') requireIdle(kept)
    return requestDeletion(kept, context)
  })
  await startOperationSoon(ports, site)
  return site
}

/**
 * Keeps a site after all that its owner had deleted. It goes on as what it is, suspended or archived.
 * @throws {SitewrightError} `NotFound`, `TransitionNotAllowed`.
 */
export const revokeOwnDeletion = (ports: ActPorts, act: OwnerAct): Promise<Site> =>
  changeOwnSite(ports, act, (found) => {
    const site = requireKept(found)
    if (site.status === 'active') {
      throw new SitewrightError('TransitionNotAllowed', 'Nobody has asked to delete this site.')
    }
    if (site.deletion !== undefined && !isOwnersToRevoke(site.deletion)) {
      throw new SitewrightError('TransitionNotAllowed', 'We are removing this site ourselves. Write to us about it.')
    }
    return revokeDeletion(site, actContext(ports, act))
  })
