import { defined } from '../../core/defined.ts'
import { SitewrightError } from '../../core/errors.ts'
import { isId } from '../../core/ids.ts'
import type { Clocks } from '../../core/ports/context.ts'
import { conflict, retryOnConflict } from '../../core/retry-on-conflict.ts'
import type { Lead, LeadStore, LeadWork } from './lead.ts'
import type { LeadPolicy } from './lead-facts.ts'
import { forgetWords } from './score-lead.ts'

export interface WorkOnLeadPorts {
  readonly leads: Pick<LeadStore, 'get' | 'save'>
  readonly leadPolicy: LeadPolicy
  readonly clocks: Clocks
}

/** What a sales person changes; null removes it. */
export interface LeadChange {
  /** The lead that the sales person saw. */
  readonly revision: number
  readonly assignee?: string | null | undefined
  readonly outcome?: LeadWork['outcome'] | undefined
  readonly nextStep?: LeadWork['nextStep'] | null | undefined
  readonly note?: string | undefined
}

const maxNotes = 100

/** @throws {SitewrightError} `NotFound`. */
export const getLead = async ({ leads }: Pick<WorkOnLeadPorts, 'leads'>, id: string): Promise<Lead> => {
  const lead = isId('acct', id) ? await leads.get(id) : undefined
  if (lead === undefined) throw new SitewrightError('NotFound', 'There is no such lead.')
  return lead
}

const requirePerson = ({ people }: LeadPolicy, assignee: string): void => {
  if (people.includes(assignee)) return
  throw new SitewrightError('InvalidRequest', `A lead can be assigned to: ${people.join(', ') || 'nobody yet'}.`, {
    fields: [{ path: 'assignee', message: 'must be one of leads.people in sitewright.config.ts' }],
  })
}

const changed = (
  work: LeadWork,
  { assignee, outcome, nextStep, note }: LeadChange,
  by: string,
  at: string,
): LeadWork => {
  const { assignee: assigned, nextStep: planned, ...rest } = work
  const person = assignee === undefined ? assigned : (assignee ?? undefined)
  const step = nextStep === undefined ? planned : (nextStep ?? undefined)
  return {
    ...rest,
    ...defined({ outcome, assignee: person, nextStep: step }),
    notes: note === undefined ? work.notes : [{ at, by, text: note }, ...work.notes].slice(0, maxNotes),
  }
}

/**
 * Changes what sales people entered about a lead. Scoring it at the same time is no conflict.
 * @throws {SitewrightError} `NotFound`, `InvalidRequest`; `VersionConflict` if somebody else changed it meanwhile.
 */
export const workOnLead = async (
  ports: WorkOnLeadPorts,
  id: string,
  change: LeadChange,
  operatorId: string,
): Promise<Lead> => {
  const { assignee } = change
  if (typeof assignee === 'string') requirePerson(ports.leadPolicy, assignee)
  return retryOnConflict('The lead', async () => {
    const lead = await getLead(ports, id)
    if (lead.revision !== change.revision) {
      throw new SitewrightError(
        'VersionConflict',
        'Somebody else has changed this lead since you opened it. Open it again, then repeat your change.',
      )
    }
    const now = ports.clocks.domain()
    const work = changed(lead.work, change, operatorId, now)
    const written = { ...lead, version: lead.version + 1, revision: lead.revision + 1, work }
    const next = forgetWords(written, ports.leadPolicy, now)
    return (await ports.leads.save(next)) ? next : conflict
  })
}
