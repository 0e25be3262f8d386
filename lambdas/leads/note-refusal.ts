import type { Context } from '../../core/ports/context.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import type { Refusal } from '../operators/audit/audit-entry.ts'
import type { LeadStore } from './lead.ts'

export interface NoteRefusalPorts extends Pick<Context, 'clocks' | 'log'> {
  readonly leads: Pick<LeadStore, 'get' | 'save'>
}

/** The problems that a larger plan solves, by the ends of their types, and the feature that they are about. */
const solvedByPlan = new Map([
  ['feature-not-in-plan', 'a feature'],
  ['extension-used', 'a longer trial'],
  ['payment-required', 'a paid plan'],
])

const note = async (
  ports: NoteRefusalPorts,
  { accountId, hour }: Refusal,
  { missed, count }: { readonly missed: string; readonly count: number },
): Promise<void> => {
  const { leads, clocks } = ports
  if (accountId === undefined) return
  await retryOnConflict('The lead', async () => {
    const lead = await leads.get(accountId)
    if (lead === undefined) return undefined
    const { count: before = 0, features = {} } = lead.refusals ?? {}
    const named = { ...features, [missed]: (features[missed] ?? 0) + count }
    const refusals = { count: before + count, lastAt: hour, features: named }
    // It is scored again by the next run.
    const next = { ...lead, version: lead.version + 1, refusals, checkAt: clocks.domain() }
    return (await leads.save(next)) ? undefined : conflict
  })
}

/** Notes with the lead of an account what somebody wanted there and its plan does not have. A failure is logged: the audit log has the refusal all the same. */
export const noteRefusal = async (
  ports: NoteRefusalPorts,
  { count, ...refusal }: Refusal & { readonly count: number },
): Promise<void> => {
  const kind = solvedByPlan.get(refusal.problem.split(':').at(-1) ?? '')
  if (kind === undefined) return
  try {
    await note(ports, refusal, { missed: refusal.feature ?? kind, count })
  } catch (error) {
    ports.log.warn({ err: error, personId: refusal.who.id }, 'a refusal could not be noted with its lead')
  }
}
