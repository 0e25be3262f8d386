import { earliest, type Instant, plusMilliseconds } from '../../core/instant.ts'
import type { DueEntry } from '../../core/site/next-step.ts'
import type { DeadlinePorts } from './act-on-deadlines.ts'
import { allowanceOf, nextDay, nextRoomAt, unpurgedSites } from './brake.ts'

type DueKind = Exclude<DueEntry['kind'], 'operation'>

const sweepEvery = 60_000

/**
 * The next domain instant after `now` with work for the sweep: a deadline, a new day, room in the rate limit, or
 * leftovers of this run. Undefined while a wrong clock stops everything.
 * @param lastRun what the sweep at `now` did. If it did nothing, it is not repeated for what stays due.
 */
export const nextWakeUp = async (
  { sites, brakes, totals }: Pick<DeadlinePorts, 'sites' | 'brakes' | 'totals'>,
  now: Instant,
  lastRun: { readonly acted: number },
): Promise<Instant | undefined> => {
  const state = await brakes.read()
  if (state?.tripped?.because === 'clock') return undefined

  const next = (kind: DueKind) => sites.firstDue({ kind, after: now })
  const isLeft = async (kind: DueKind) => (await sites.countDue({ kind, until: now, atMost: 1 })) > 0
  const nextRun = plusMilliseconds(now, sweepEvery)
  const again = async (kind: DueKind) => (lastRun.acted > 0 && (await isLeft(kind)) ? nextRun : undefined)

  const paced = async (): Promise<Instant | undefined> => {
    if (state?.tripped !== undefined) return undefined
    const comes = await next('destructive')
    if (!(await isLeft('destructive'))) return comes
    const allowance = allowanceOf(unpurgedSites(await totals.read()))
    const room = nextRoomAt(state?.spent ?? [], now, allowance)
    if (room > now) return earliest([comes, room])
    return lastRun.acted > 0 ? earliest([comes, nextRun]) : comes
  }

  const unpaced = (['notice', 'deletion', 'relocation', 'copy'] as const).flatMap((kind) => [next(kind), again(kind)])
  return earliest([...(await Promise.all(unpaced)), await paced(), nextDay(now)])
}
