import { Readable } from 'node:stream'
import * as z from 'zod'
import { jsonLines } from '../../adapters/containers/engine.ts'
import { label, siteOf } from '../../adapters/containers/site-network.ts'
import type { SleepyHost } from './sleepers.ts'

const eventSchema = z.object({
  Action: z.literal('start'),
  Actor: z.object({ Attributes: z.record(z.string(), z.string()) }),
})

/** Counts how often the containers of each site are started from now on, by the engine's events. */
export const countStarts = async ({ engine, homeId }: Pick<SleepyHost, 'engine' | 'homeId'>) => {
  const starts = new Map<string, number>()
  const events = await engine.streams.getEvents({
    filters: { type: ['container'], label: [`${label.home}=${homeId}`] },
  })
  const end = (): void => {
    if (events instanceof Readable) events.destroy()
  }
  const follow = async (): Promise<void> => {
    for await (const event of jsonLines(events)) {
      const read = eventSchema.safeParse(event).data
      const siteId = read && siteOf(read.Actor.Attributes)
      if (siteId !== undefined) starts.set(siteId, (starts.get(siteId) ?? 0) + 1)
    }
  }
  // Destroying the stream ends it with an error.
  const followed = follow().catch(() => undefined)
  return {
    of: (siteId: string): number => starts.get(siteId) ?? 0,
    total: (): number => [...starts.values()].reduce((sum, count) => sum + count, 0),
    [Symbol.asyncDispose]: async () => {
      end()
      await followed
    },
  }
}
