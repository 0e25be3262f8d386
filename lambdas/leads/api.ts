import type * as z from 'zod'
import { defined } from '../../core/defined.ts'
import { SitewrightError } from '../../core/errors.ts'
import { toInstant } from '../../core/instant.ts'
import { type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { type HttpPorts, httpHandler } from '../_runtime/http-handler.ts'
import { type Account, agreesToMarketing, type Person } from '../accounts/account.ts'
import type { AccountStore } from '../accounts/ports.ts'
import { nextLink } from '../http/next-link.ts'
import type { leadDetailSchema, leadSchema } from './answers.ts'
import { deadlineOf, type Lead, leadStages } from './lead.ts'
import { csvOf } from './lead-csv.ts'
import type { LeadFacts } from './lead-facts.ts'
import type { LeadLists, LeadQuery } from './lead-lists.ts'
import { leadOperations as operations } from './operations.ts'
import { reasonText } from './score-lead.ts'
import { getLead, type WorkOnLeadPorts, workOnLead } from './work-on-lead.ts'

interface LeadApiPorts extends WorkOnLeadPorts, OperatorPorts, HttpPorts {
  readonly leadLists: LeadLists
  readonly accounts: Pick<AccountStore, 'get' | 'getPerson'>
}

/** A lead with the personal data of its account, which is read when it is shown. */
interface KnownLead {
  readonly lead: Lead
  readonly account: Account | undefined
  readonly person: Person | undefined
}

const known = async ({ accounts }: LeadApiPorts, lead: Lead): Promise<KnownLead> => {
  const [account, person] = await Promise.all([accounts.get(lead.accountId), accounts.getPerson(lead.personId)])
  return { lead, account, person }
}

const leadView = ({ lead, account, person }: KnownLead): z.input<typeof leadSchema> => ({
  id: lead.accountId,
  email: person?.email ?? null,
  name: person?.name ?? null,
  company: account?.company ?? null,
  stage: lead.stage,
  stageSince: lead.stageSince,
  score: lead.score,
  reasons: lead.reasons.map((reason) => ({ ...reason, text: reasonText(reason) })),
  scoredAt: lead.scoredAt,
  deadline: deadlineOf(lead) ?? null,
  assignee: lead.work.assignee ?? null,
  outcome: lead.work.outcome,
  nextStep: lead.work.nextStep ?? null,
  marketingConsent: agreesToMarketing(account),
  revision: lead.revision,
})

const factsView = ({ usage, productEvents, ...facts }: LeadFacts): z.input<typeof leadDetailSchema>['facts'] => ({
  ...facts,
  usage: [...usage],
  ...(productEvents && { productEvents: [...productEvents] }),
})

const detailView = ({ leadPolicy }: LeadApiPorts, found: KnownLead): z.input<typeof leadDetailSchema> => ({
  ...leadView(found),
  facts: factsView(found.lead.facts),
  attribution: found.account?.attribution ?? null,
  offer: found.account?.offer ?? null,
  variant: found.account?.variant ?? null,
  answers: found.account?.answers ?? null,
  language: found.account?.language ?? null,
  mail: found.account?.mail ?? null,
  contactRequests: [...found.lead.contactRequests],
  notes: [...found.lead.work.notes],
  people: [...leadPolicy.people],
})

type ListQuery = z.output<typeof operations.operatorListLeads.query>

const queryOf = ({ clocks }: LeadApiPorts, { sort, stage, assignee }: ListQuery): LeadQuery => {
  if (sort === 'score') return { by: 'stage', stages: stage === undefined ? leadStages : [stage] }
  if (sort === 'deadline') return { by: 'deadline', after: clocks.domain() }
  if (assignee !== undefined) return { by: 'assignee', assignee }
  throw new SitewrightError(
    'InvalidRequest',
    'Add the parameter assignee: only the leads of one person can be sorted by next step.',
    { fields: [{ path: 'assignee', message: 'is missing' }] },
  )
}

const listed = async (ports: LeadApiPorts, query: ListQuery) => {
  const { limit, cursor } = query
  const page = await ports.leadLists.page(queryOf(ports, query), { limit, ...defined({ cursor }) })
  return { ...page, items: await Promise.all(page.items.map((lead) => known(ports, lead))) }
}

const columns = [
  ...['accountId', 'email', 'name', 'company', 'stage', 'score', 'reasons', 'assignee', 'outcome', 'nextStep'],
  ...['nextStepAt', 'trialEndsAt', 'signedUpAt', 'mailDomain', 'mailKind', 'language', 'timeZone', 'source', 'medium'],
  ...['campaign', 'term', 'content', 'referrer', 'landingPage', 'offer', 'variant', 'answers', 'marketingConsent'],
]

const answersText = (account: Account | undefined): string =>
  // A map in DynamoDB has no order.
  Object.entries(account?.answers ?? {})
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([question, answer]) => `${question}: ${answer}`)
    .join('; ')

const rowOf = (found: KnownLead) => {
  const { id, email, name, company, stage, score, reasons, assignee, outcome, nextStep, deadline } = leadView(found)
  const { account, person, lead } = found
  const { source, medium, campaign, term, content, referrer, landingPage } = account?.attribution ?? {}
  const why = reasons.map(({ text }) => text).join('; ')
  return [
    ...[id, email, name, company, stage, score, why, assignee, outcome, nextStep?.text],
    ...[nextStep?.at, deadline, lead.facts.signedUpAt, account?.mail?.domain, account?.mail?.kind, account?.language],
    ...[person?.timeZone, source, medium, campaign, term, content, referrer, landingPage],
    ...[account?.offer, account?.variant, answersText(account), agreesToMarketing(account)],
  ]
}

export const create = (ports: LeadApiPorts) =>
  httpHandler(
    [
      operatorEndpoint(operations.operatorListLeads, ports, async ({ query }) => {
        const { items, cursor } = await listed(ports, query)
        const leads = items.map(leadView)
        const people = [...ports.leadPolicy.people]
        const body = { leads, people, ...defined({ cursor }) }
        return { body, concerns: leads.map(({ id }) => id) }
      }),
      operatorEndpoint(operations.operatorExportLeads, ports, async ({ query }) => {
        const { items, cursor } = await listed(ports, query)
        const rows = items.filter(({ account }) => query.for === 'sales' || agreesToMarketing(account))
        return {
          text: csvOf(columns, rows.map(rowOf), query.separator),
          headers: {
            'content-type': 'text/csv; charset=utf-8',
            'content-disposition': 'attachment; filename="leads.csv"',
            ...nextLink(new URL(operations.operatorExportLeads.path, ports.consoleUrl), query, cursor),
          },
          concerns: rows.map(({ lead }) => lead.accountId),
        }
      }),
      operatorEndpoint(operations.operatorGetLead, ports, async ({ params }) => {
        const lead = await getLead(ports, params.id)
        return { body: detailView(ports, await known(ports, lead)) }
      }),
      operatorEndpoint(operations.operatorChangeLead, ports, async ({ params, body }, { operator }) => {
        const { nextStep, ...change } = body
        const step = nextStep && { ...nextStep, at: toInstant(new Date(nextStep.at)) }
        const lead = await workOnLead(ports, params.id, { ...change, nextStep: step }, operator.operatorId)
        return { body: detailView(ports, await known(ports, lead)) }
      }),
    ],
    ports,
  )
