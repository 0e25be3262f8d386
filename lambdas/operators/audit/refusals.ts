import { type Instant, toInstant } from '../../../core/instant.ts'
import type { Context } from '../../../core/ports/context.ts'
import { type AuditingPorts, auditEntry, type Refusal } from './audit-entry.ts'
import type { RefusalCounts } from './ports.ts'

const hourMilliseconds = 3_600_000

const hourOf = (instant: Instant): Instant =>
  toInstant(new Date(Math.floor(Date.parse(instant) / hourMilliseconds) * hourMilliseconds))

export interface CountRefusalPorts extends Pick<Context, 'clocks' | 'log'> {
  readonly refusals: Pick<RefusalCounts, 'count'>
}

/** Counts a refusal to somebody who is signed in. A count that fails is logged: the refusal is the answer all the same. */
export const countRefusal = async (
  { refusals, clocks, log }: CountRefusalPorts,
  refused: Omit<Refusal, 'schemaVersion' | 'hour'>,
): Promise<void> => {
  try {
    await refusals.count({ schemaVersion: 1, ...refused, hour: hourOf(clocks.wall()) })
  } catch (error) {
    log.error({ event: 'refusal-not-counted', err: error, who: refused.who.id }, 'a refusal could not be counted')
  }
}

export interface EnterRefusalsPorts extends AuditingPorts {
  readonly refusals: Pick<RefusalCounts, 'ended' | 'enter'>
}

/**
 * Enters the refusals of past hours in the audit log, with one entry for each person, account, problem and hour.
 * @param onEntered is called once for each entry.
 */
export const enterRefusals = async (
  ports: EnterRefusalsPorts,
  onEntered: (refusal: Refusal & { readonly count: number }) => Promise<void> = async () => undefined,
): Promise<void> => {
  for await (const { count, ...refusal } of ports.refusals.ended(hourOf(ports.clocks.wall()))) {
    const { who, from, problem, hour } = refusal
    const entry = auditEntry(ports, { who, from, action: 'refused', refused: { problem, hour, count } })
    // One that was counted at this moment is entered by the next run.
    if (await ports.refusals.enter({ ...refusal, count }, entry)) await onEntered({ ...refusal, count })
  }
}
