import type { Viewer } from '../../../core/entitlement/viewer.ts'
import type { Instant } from '../../../core/instant.ts'
import type { Entrance } from './entrance.ts'

export interface EntranceStore {
  readonly keep: (entrance: Entrance) => Promise<void>
  /**
   * Consumes an entrance: of several calls, one gets the viewer. After a lost reply nobody does.
   * @returns undefined if it was used, has expired, or is of another site, which keeps it.
   */
  readonly use: (entrance: Pick<Entrance, 'siteId' | 'tokenHash'>, now: Instant) => Promise<Viewer | undefined>
}
