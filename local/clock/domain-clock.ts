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

/**
 * Opens the clock of the deadlines: the wall clock plus the offset by which it was advanced on this machine, which survives any restart.
 * @throws {StartUpError} if its file is damaged.
 */
export const openDomainClock = async ({ directory }: { readonly directory: string }, wall: Clock) => {
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
    /** Whether an advance is in progress, also one of a host that ended meanwhile: the brake then expects the jump. */
    isTurned: (): boolean => turned.isTurning,
    /**
     * Records durably that the clock is about to advance.
     * @throws the system's error if that cannot be written; nothing has changed then.
     */
    beginTurn: (): Promise<void> => keep({ ...turned, isTurning: true }),
    /** Advances it durably; never goes back. */
    turnTo: async (instant: Instant): Promise<void> => {
      const ahead = Date.parse(instant) - Date.parse(now())
      if (ahead > 0) await keep({ ...turned, offsetMilliseconds: turned.offsetMilliseconds + ahead })
    },
    endTurn: (): Promise<void> => keep({ ...turned, isTurning: false }),
  }
}

export type DomainClock = Awaited<ReturnType<typeof openDomainClock>>
