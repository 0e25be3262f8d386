/** How fast things may be taken away. */
export interface Pace {
  /**
   * Counts one more thing that is taken away, before it is.
   * @param what names it, for whoever looks at what was counted.
   * @returns false where no more may be taken now, or where the brake is on: it waits for another time.
   */
  readonly take: (what: string) => Promise<boolean>
}
