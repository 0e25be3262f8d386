import type { Id, IdPrefix } from '../ids.ts'

/** Where everything unpredictable comes from. */
export interface Randomness {
  /** A new id; ids made later in one process sort later. */
  readonly id: <Prefix extends IdPrefix>(prefix: Prefix) => Id<Prefix>
  /** 256 random bits as base64url: 43 characters. */
  readonly token: () => string
  /** A uniformly random integer of `[0, limit)`. */
  readonly integer: (limit: number) => number
}
