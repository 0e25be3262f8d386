import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { findLeftovers, killLeftover } from '../../adapters/leftovers/find-leftovers.ts'

const identitySchema = z.looseObject({ homeId: z.string() })

/**
 * Ends what a host that was cut off left running. Another host of this home would do so when it starts; this is for a
 * home that no host will use again.
 */
export const endLeftovers = async (home: string): Promise<void> => {
  const text = await readFile(join(home, 'home.json'), 'utf8').catch(() => undefined)
  if (text === undefined) return
  const { homeId } = identitySchema.parse(JSON.parse(text))
  for (const role of ['site', 'engine'] as const) {
    const leftovers = await findLeftovers(homeId, role)
    await Promise.all(leftovers.map((leftover) => killLeftover(leftover)))
  }
}
