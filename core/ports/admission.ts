import type { AccountId } from '../ids.ts'

/** Room for one more trial, held by whoever is about to get it. */
export interface Place {
  /** It came to nothing. */
  readonly giveBack: () => void
}

/** Whether the place as a whole has room for another trial. */
export interface Admission {
  /**
   * Takes a place if there is one as far as this process knows: asked on the way of every new trial, so the answer is
   * remembered for a few seconds.
   */
  readonly take: () => Promise<Place | undefined>
  /**
   * Lets in whoever was invited, and puts everybody else on the waiting list.
   * @throws {SitewrightError} `WaitingList`.
   */
  readonly requireInvitation: (accountId: AccountId) => Promise<void>
  /** Looks anew before the next answer. */
  readonly forget: () => void
}
