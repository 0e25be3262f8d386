interface OfferedAct {
  readonly text: string
  readonly detail?: string | undefined
  readonly run: () => void
}

const offered = new Set<readonly OfferedAct[]>()

/** Offers the acts of a part of the page to the search. @returns what ends that. */
export const offerActs = (acts: readonly OfferedAct[]): (() => void) => {
  offered.add(acts)
  return () => offered.delete(acts)
}

/** The acts that the page has buttons for. */
export const offeredActs = (): readonly OfferedAct[] => [...offered].flat()
