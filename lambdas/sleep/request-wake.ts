import { system } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import { changeSite } from '../../core/site/change-site.ts'
import type { SiteChange } from '../../core/site/lifecycle.ts'
import { startOperationSoon } from '../../core/site/operation-changes.ts'
import type { Site } from '../../core/site/site.ts'
import type { RequestPorts } from './request-sleep.ts'
import { beginWake, wakeAfterCopy } from './sleep-changes.ts'

/**
 * `begun`: by this call. `waking`: by an earlier one. `after-copy`: it wakes when the copy of its data ends.
 * `in-operation`: another operation decides first. `not-asleep`: there is nothing to wake.
 */
export type WakeOutcome = 'begun' | 'waking' | 'after-copy' | 'in-operation' | 'not-asleep'

/**
 * Begins to wake a site that sleeps, is being stopped for its sleep or becomes dormant, once, however many ask. Any other site is left
 * alone.
 * @throws {SitewrightError} `VersionConflict`.
 */
export const requestWake = async (ports: RequestPorts, siteId: SiteId, causationId: string): Promise<WakeOutcome> => {
  const { clocks, randomness } = ports
  const context = { actor: system, causationId, clocks, randomness }
  const noted: { outcome: WakeOutcome } = { outcome: 'not-asleep' }
  const decide = (found: Site | undefined): SiteChange | undefined => {
    noted.outcome = 'not-asleep'
    if (found?.status !== 'asleep') return undefined
    const { operation } = found
    if (operation === undefined || operation.kind === 'sleep' || operation.kind === 'dormancy') {
      noted.outcome = 'begun'
      return beginWake(found, context)
    }
    if (operation.kind === 'copy') {
      noted.outcome = 'after-copy'
      return operation.wakeRequestedAt === undefined ? wakeAfterCopy({ ...found, operation }, context) : undefined
    }
    noted.outcome = operation.kind === 'wake' ? 'waking' : 'in-operation'
    return undefined
  }
  const site = await changeSite(ports.sites, siteId, decide)
  if (noted.outcome === 'begun' && site !== undefined) await startOperationSoon(ports, site)
  return noted.outcome
}
