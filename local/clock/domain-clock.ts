import { join } from 'node:path'
import * as z from 'zod'
import { replaceFile } from '../../adapters/durable-files/replace-file.ts'
import { type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { Clock } from '../../core/ports/context.ts'
import { readJsonFile } from '../home/read-json-file.ts'
import { StartUpError } from '../home/start-up-error.ts'

const turnedSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** How far the domain clock is ahead of the wall clock. */
  offsetMilliseconds: z.int().nonnegative(),
  /** True from before the clock advances until all work of the new time is done. */
  isTurning: z.boolean(),
})
type Turned = z.infer<typeof turnedSchema>

/** The clock of the deadlines: the wall clock plus the offset by which it was advanced on this machine. */
export interface DomainClock {
  readonly now: Clock
  /** Whether an advance is in progress, also one of a host that ended meanwhile: the brake then expects the jump. */
  readonly isTurned: () => boolean
  /**
   * Records durably that the clock is about to advance.
   * @throws the system's error if that cannot be written; nothing has changed then.
   */
  readonly beginTurn: () => Promise<void>
  /** Advances it durably; never goes back. */
  readonly turnTo: (instant: Instant) => Promise<void>
  readonly endTurn: () => Promise<void>
}

/**
 * Opens the domain clock of a home. Its offset survives any restart.
 * @throws {StartUpError} if its file is damaged.
 */
export const openDomainClock = async (
  { directory }: { readonly directory: string },
  wall: Clock,
): Promise<DomainClock> => {
  const path = join(directory, 'clock.json')
  const file = await readJsonFile(path, turnedSchema)
  if (file.found === 'garbage') {
    throw new StartUpError(
      `${path} is damaged: it holds the offset of the domain clock. Put it back from a backup, or remove ` +
        'it if the clock was never advanced; without it every deadline moves away by the offset',
    )
  }
  let turned: Turned =
    file.found === 'content' ? file.content : { schemaVersion: 1, offsetMilliseconds: 0, isTurning: false }
  const keep = async (next: Turned): Promise<void> => {
    await replaceFile(path, `${JSON.stringify(next, undefined, 2)}\n`)
    turned = next
  }
  const now: Clock = () => plusMilliseconds(wall(), turned.offsetMilliseconds)

  return {
    now,
    isTurned: () => turned.isTurning,
    beginTurn: () => keep({ ...turned, isTurning: true }),
    turnTo: async (instant) => {
      const ahead = Date.parse(instant) - Date.parse(now())
      if (ahead > 0) await keep({ ...turned, offsetMilliseconds: turned.offsetMilliseconds + ahead })
    },
    endTurn: () => keep({ ...turned, isTurning: false }),
  }
}
