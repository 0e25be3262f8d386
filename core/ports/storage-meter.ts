import type { DataHome } from './runtime.ts'

/** Tells how much sites store. */
export interface StorageMeter {
  /**
   * The bytes of disk that a data directory takes, while its site runs. Undefined where that is not known now, and another
   * time will be: a measurement that takes long is still under way, or it was measured not long ago.
   */
  readonly measure: (home: DataHome) => Promise<number | undefined>
}
