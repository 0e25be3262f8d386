import type { LeftThing } from '../reconcile/left-thing.ts'
import type { Quarantined } from '../reconcile/quarantined.ts'

/** What is left over and watched before it is removed. */
export interface Quarantine {
  /** All that is in it, read strongly consistently. */
  readonly list: () => AsyncIterable<Quarantined>
  /**
   * Notes a look at a thing.
   * @param before what the look before noted; undefined for the first one.
   * @returns false where another look was noted meanwhile: then this one is not.
   */
  readonly note: (after: Quarantined, before: Quarantined | undefined) => Promise<boolean>
  /** Lets a thing out of it, if it is in it. */
  readonly release: (thing: Pick<LeftThing, 'kind' | 'id'>) => Promise<void>
}
