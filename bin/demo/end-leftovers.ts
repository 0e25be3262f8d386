import { findLeftovers, killLeftover } from '../../adapters/leftovers/find-leftovers.ts'
import { readHomeId } from '../temporary-home/read-home-id.ts'

/**
 * Ends the processes that a host that was cut off left running. Another host of this home would do so when it starts;
 * this is for a home that no host will use again.
 */
export const endLeftovers = async (home: string): Promise<void> => {
  const homeId = await readHomeId(home)
  if (homeId === undefined) return
  for (const role of ['site', 'engine'] as const) {
    const leftovers = await findLeftovers(homeId, role)
    await Promise.all(leftovers.map((leftover) => killLeftover(leftover)))
  }
}
