import type { SiteId } from '../ids.ts'

export const leftoverKinds = ['task-definition', 'role', 'parameter'] as const

/** Something a platform keeps for a site besides what runs and its data. It holds nothing that a start does not make again. */
export interface Leftover {
  readonly kind: (typeof leftoverKinds)[number]
  /** Names it among those of its kind: an ARN, or a name. */
  readonly id: string
  readonly siteId: SiteId
  readonly cell: string
}

/**
 * What platforms keep for sites. Only what carries the tag of Sitewright and the name of this installation is listed; what
 * cannot carry tags has both in its path or name.
 */
export interface Leftovers {
  /**
   * All there is in this installation's cells, of sites that run as well.
   * @throws {SitewrightError} `RuntimeUnavailable`.
   */
  readonly list: () => Promise<readonly Leftover[]>
  /**
   * Removes it, after a look at whether it is this installation's. Removed already is as good.
   * @throws {SitewrightError} `RuntimeUnavailable`.
   */
  readonly remove: (leftover: Leftover) => Promise<void>
}
