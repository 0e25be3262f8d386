import type { Refusal } from '../ports/audit.ts'
import type { Clocks, Log } from '../ports/context.ts'
import type { LeadStore } from '../ports/leads.ts'
import type { AccountStore } from '../ports/stores.ts'
import { conflict, retryOnConflict } from '../retry-on-conflict.ts'

export interface NoteRefusalPorts {
  readonly leads: Pick<LeadStore, 'get' | 'save'>
  readonly accounts: Pick<AccountStore, 'findByEmailHash' | 'getPerson'>
  readonly clocks: Clocks
  readonly log: Log
}

/** The ends of the types of problems that a larger plan solves. */
const solvedByPlan = [':feature-not-in-plan', ':extension-used', ':payment-required']

const note = async (ports: NoteRefusalPorts, { who, hour }: Refusal, count: number): Promise<void> => {
  const { leads, accounts, clocks } = ports
  const person = who.kind === 'person' ? await accounts.getPerson(who.id) : undefined
  const identity = person && (await accounts.findByEmailHash(person.emailHash))
  if (identity === undefined) return
  await retryOnConflict('The lead', async () => {
    const lead = await leads.get(identity.accountId)
    if (lead === undefined) return undefined
    const refusals = { count: (lead.refusals?.count ?? 0) + count, lastAt: hour }
    // It is scored again by the next run.
    const next = { ...lead, version: lead.version + 1, refusals, lookAt: clocks.domain() }
    return (await leads.save(next)) ? undefined : conflict
  })
}

/** Notes what an owner wanted and their plan does not have. A failure is logged: the audit log has the refusal all the same. */
export const noteRefusal = async (
  ports: NoteRefusalPorts,
  { count, ...refusal }: Refusal & { readonly count: number },
): Promise<void> => {
  if (!solvedByPlan.some((end) => refusal.problem.endsWith(end))) return
  try {
    await note(ports, refusal, count)
  } catch (error) {
    ports.log.warn({ err: error, personId: refusal.who.id }, 'a refusal could not be noted with its lead')
  }
}
