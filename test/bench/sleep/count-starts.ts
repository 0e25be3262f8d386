import { Readable } from 'node:stream'
import * as z from 'zod'
import { jsonLines } from '../../../adapters/containers/engine.ts'
import { label, siteOf } from '../../../adapters/containers/site-network.ts'
import type { SleepyHost } from './sleepers.ts'

const eventSchema = z.object({
  Action: z.literal('start'),
  Actor: z.object({ ID: z.string(), Attributes: z.record(z.string(), z.string()) }),
})

/** Counts the containers of each site that are started from now on, by the engine's events. Podman reports a start twice. */
export const countStarts = async ({ engine, homeId }: Pick<SleepyHost, 'engine' | 'homeId'>) => {
  const starts = new Map<string, Set<string>>()
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
      if (siteId !== undefined) starts.set(siteId, (starts.get(siteId) ?? new Set()).add(read?.Actor.ID ?? ''))
    }
  }
  // Destroying the stream ends it with an error.
  const followed = follow().catch(() => undefined)
  return {
    of: (siteId: string): number => starts.get(siteId)?.size ?? 0,
    total: (): number => [...starts.values()].reduce((sum, { size }) => sum + size, 0),
    [Symbol.asyncDispose]: async () => {
      end()
      await followed
    },
  }
}
