import type { DomainEvent } from '../../core/events/event.ts'
import type { AccountId } from '../../core/ids.ts'
import { type Instant, plusDays } from '../../core/instant.ts'
import { composeMail, messageIdOf } from '../../core/mail/mail-message.ts'
import type { Context } from '../../core/ports/context.ts'
import type { Mailer } from '../../core/ports/delivery.ts'
import type { AccountStore } from '../accounts/ports.ts'
import type { RateWindows } from '../rate-limits/count-in-windows.ts'
import { deadlineOf, type Lead, type LeadStore, leadStages } from './lead.ts'
import type { LeadPolicy } from './lead-facts.ts'
import { eachLead, type LeadLists } from './lead-lists.ts'
import { isRenewalDue, reasonText } from './score-lead.ts'

export interface MailSalesPorts extends Pick<Context, 'clocks' | 'brand' | 'contact' | 'consoleUrl'> {
  readonly leads: Pick<LeadStore, 'get'>
  readonly leadLists: LeadLists
  readonly accounts: Pick<AccountStore, 'get' | 'getPerson'>
  readonly mailer: Mailer
  readonly rateWindows: Pick<RateWindows, 'read' | 'count'>
  readonly leadPolicy: LeadPolicy
}

/** Who gets mails about leads that nobody is assigned to. */
const salesAddress = ({ leadPolicy, contact }: MailSalesPorts): string => leadPolicy.contact ?? contact

/** A lead of somebody who is no longer in the configuration is as one that nobody is assigned to. */
const assigneeOf = ({ people }: LeadPolicy, { work: { assignee } }: Lead): string | undefined =>
  assignee !== undefined && people.includes(assignee) ? assignee : undefined

const nameOf = async (
  { accounts }: MailSalesPorts,
  { accountId, personId }: Pick<Lead, 'accountId' | 'personId'>,
): Promise<string> => {
  const [account, person] = await Promise.all([accounts.get(accountId), accounts.getPerson(personId)])
  return [person?.name, account?.company, person?.email].filter((part) => part !== undefined).join(', ') || accountId
}

/** Who of sales gets a mail about an account, and what the account is called. */
export const salesMailFor = async (
  ports: MailSalesPorts,
  accountId: AccountId,
): Promise<{ readonly to: string; readonly name: string }> => {
  const lead = await ports.leads.get(accountId)
  const to = lead && assigneeOf(ports.leadPolicy, lead)
  return { to: to ?? salesAddress(ports), name: lead === undefined ? accountId : await nameOf(ports, lead) }
}

const linkTo = ({ consoleUrl }: MailSalesPorts, path: string): string => `${consoleUrl}/operator/#/leads${path}`

/** Mails a contact request to the lead's assignee or to sales. A lead that is erased gets no mail. */
export const mailContactRequest = async (ports: MailSalesPorts, event: DomainEvent): Promise<void> => {
  if (event.type !== 'ContactRequested') return
  const lead = await ports.leads.get(event.aggregate.id)
  const request = lead?.contactRequests.find(({ at }) => at === event.at)
  if (lead === undefined || request === undefined) return
  // Anybody in the team can ask.
  const { actor } = event
  const name = await nameOf(ports, actor.kind === 'owner' ? { ...lead, personId: actor.personId } : lead)
  await ports.mailer.send(
    composeMail({
      id: messageIdOf('contact request', event.id),
      from: ports,
      to: assigneeOf(ports.leadPolicy, lead) ?? salesAddress(ports),
      subject: `${name} wants to talk to you`,
      paragraphs: [
        `${name} asks for contact. Topic: ${request.topic}.`,
        ...(request.message === '' ? [] : [`They wrote: ${request.message}`]),
        `Score ${lead.score}: ${lead.reasons.map(reasonText).join('; ') || 'no reasons yet'}.`,
      ],
      link: { text: 'Open the lead', url: linkTo(ports, `/${lead.accountId}`) },
      footer: `You get this because you work in sales for ${ports.brand}.`,
    }),
  )
}

/** Digests are of the day that ends at this hour (UTC). */
const digestHour = '06'
const maxShown = 10
const weekDays = 7

/** What a digest is made at, and the day that it is of. */
interface Day {
  readonly now: Instant
  readonly from: Instant
  readonly until: Instant
}

interface Section {
  readonly title: string
  readonly holds: (lead: Lead) => boolean
}

const isBefore = (at: Instant | undefined, until: Instant): boolean => at !== undefined && at < until

const sectionsOf = ({ hotScore }: LeadPolicy, { now, from, until }: Day): readonly Section[] => {
  const isOfDay = (at: Instant | undefined): boolean => at !== undefined && at >= from && at < until
  return [
    { title: 'Next steps that are due', holds: ({ work }) => isBefore(work.nextStep?.at, plusDays(now, 1)) },
    { title: 'New', holds: ({ facts }) => isOfDay(facts.signedUpAt) },
    { title: 'Hot', holds: ({ score, stage }) => score >= hotScore && stage !== 'lost' },
    { title: 'Cooling', holds: ({ cooledAt }) => isOfDay(cooledAt) },
    { title: 'Ending this week', holds: (lead) => isBefore(deadlineOf(lead), plusDays(now, weekDays)) },
  ]
}

/** Whether a lead is in a digest. Without a sales address, each person gets those without an assignee too. */
const isFor = ({ leadPolicy }: MailSalesPorts, person: string | undefined, lead: Lead): boolean => {
  const assignee = assigneeOf(leadPolicy, lead)
  return assignee === person || (assignee === undefined && leadPolicy.contact === undefined)
}

/** The leads that may be in a digest: those of a person, and those that are in a section and may have no assignee. Some come twice. */
async function* leadsFor(ports: MailSalesPorts, person: string | undefined, { now, from }: Day): AsyncGenerator<Lead> {
  const { people, hotScore, contact } = ports.leadPolicy
  if (person !== undefined) yield* eachLead(ports, { by: 'assignee', assignee: person })
  if (person !== undefined && contact !== undefined) return
  yield* eachLead(ports, { by: 'not-assigned-to', people })
  yield* eachLead(ports, { by: 'news', after: from })
  for await (const lead of eachLead(ports, { by: 'stage', stages: leadStages.filter((stage) => stage !== 'lost') })) {
    if (lead.score < hotScore) break
    yield lead
  }
  for await (const lead of eachLead(ports, { by: 'deadline', after: now })) {
    if (!isBefore(deadlineOf(lead), plusDays(now, weekDays))) break
    yield lead
  }
}

/** The leads of each section: how many, and the best. */
const heldIn = async (ports: MailSalesPorts, person: string | undefined, day: Day) => {
  const none: readonly Lead[] = []
  const sections = sectionsOf(ports.leadPolicy, day).map((section) => ({ ...section, count: 0, best: none }))
  const seen = new Set<string>()
  for await (const lead of leadsFor(ports, person, day)) {
    const isOpen = lead.work.outcome === 'open' || lead.work.outcome === 'later'
    const isShown = isOpen || isRenewalDue(lead, day.now)
    if (!isShown || seen.has(lead.accountId) || !isFor(ports, person, lead)) continue
    seen.add(lead.accountId)
    for (const section of sections.filter(({ holds }) => holds(lead))) {
      section.count += 1
      section.best = [...section.best, lead].toSorted((one, other) => other.score - one.score).slice(0, maxShown)
    }
  }
  return sections.filter(({ count }) => count > 0)
}

const mailDigest = async (ports: MailSalesPorts, person: string | undefined, day: Day, id: string): Promise<void> => {
  const date = day.until.slice(0, 10)
  const paragraphs: string[] = []
  for (const { title, count, best } of await heldIn(ports, person, day)) {
    paragraphs.push(`${title}: ${count}`)
    for (const lead of best) {
      const reasons = lead.reasons.map(reasonText).join('; ')
      const whose = assigneeOf(ports.leadPolicy, lead) === person ? '' : ', without an assignee'
      paragraphs.push(`– ${await nameOf(ports, lead)}: ${lead.stage}, ${lead.score}${whose}. ${reasons}`)
    }
    if (count > best.length) paragraphs.push(`… and ${count - best.length} more`)
  }
  if (paragraphs.length === 0) return
  await ports.mailer.send({
    ...composeMail({
      id,
      from: ports,
      to: person ?? salesAddress(ports),
      subject: person === undefined ? `Leads without an assignee, ${date}` : `Your leads, ${date}`,
      paragraphs,
      link: { text: 'Open the leads', url: linkTo(ports, '') },
      footer: `You get this daily because you work in sales for ${ports.brand}.`,
    }),
    expiresAt: plusDays(ports.clocks.wall(), 1),
  })
}

/**
 * Mails each sales person their leads, and the sales address those without an assignee, once a day; without a sales address, each person gets
 * these too. A day with nothing to say has no mail.
 */
export const mailDigests = async (ports: MailSalesPorts): Promise<void> => {
  const now = ports.clocks.domain()
  const until = `${now.slice(0, 10)}T${digestHour}:00:00.000Z`
  if (now < until) return
  const { contact, people } = ports.leadPolicy
  const day = { now, from: plusDays(until, -1), until }
  for (const person of [...(contact === undefined ? [] : [undefined]), ...people]) {
    const id = messageIdOf('lead digest', until.slice(0, 10), person ?? 'unassigned')
    const done = { key: `lead-digest-${id}`, endsAt: plusDays(ports.clocks.wall(), 1) }
    const [count = 0] = await ports.rateWindows.read([done])
    if (count > 0) continue
    await mailDigest(ports, person, day, id)
    // Also where there was nothing to say: a lead that gets hot later in the day is for the next digest.
    await ports.rateWindows.count([done])
  }
}
