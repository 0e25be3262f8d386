import * as z from 'zod'
import type { Account } from '../../core/account/account.ts'
import { requireAccount } from '../../core/account/change-account.ts'
import { sitesOf } from '../../core/account/follow-closures.ts'
import { idSchema } from '../../core/ids.ts'
import type { Clocks } from '../../core/ports/context.ts'
import type { DomainStore } from '../../core/ports/domains.ts'
import type { AccountStore, SessionStore, SiteStore } from '../../core/ports/stores.ts'
import type { WaitingList } from '../../core/ports/trials.ts'
import type { Session } from '../../core/signup/signup.ts'
import { attributionSchema } from '../../core/signup/signup.ts'
import { isKept } from '../../core/site/site.ts'
import { billingViewSchema, siteViewSchema } from './owner-answers.ts'
import type { SiteViewPorts } from './owner-views.ts'
import { billingView, siteView } from './owner-views.ts'

const instant = z.iso.datetime({ precision: 3 })

export const accountViewSchema = z.strictObject({
  id: idSchema('acct'),
  email: z.string(),
  deletion: z
    .strictObject({
      requestedAt: instant,
      until: instant.nullable().meta({ description: 'Until when you can cancel it; null if it happens at once.' }),
    })
    .nullable()
    .meta({ description: 'The requested deletion; null if none is requested.' }),
})

export const accountView = ({ id, closure }: Account, email: string): z.infer<typeof accountViewSchema> => ({
  id,
  email,
  deletion:
    closure === undefined
      ? null
      : { requestedAt: closure.at, until: (closure.state === 'closed' ? closure.until : undefined) ?? null },
})

export const accountExportSchema = z.strictObject({
  exportedAt: instant,
  person: z
    .strictObject({
      id: idSchema('prsn'),
      email: z.string(),
      name: z.string().nullable(),
      timeZone: z.string().nullable(),
      termsAcceptedAt: instant.nullable(),
      createdAt: instant,
    })
    .nullable(),
  account: z.strictObject({
    id: idSchema('acct'),
    company: z.string().nullable(),
    attribution: attributionSchema.nullable().meta({ description: 'Where you came from when you signed up.' }),
    createdAt: instant,
    deletion: accountViewSchema.shape.deletion,
    customerId: z.string().nullable().meta({ description: 'The customer at Stripe, who keeps the invoices.' }),
    currency: z.string().nullable(),
  }),
  sites: z.array(
    z.strictObject({
      site: siteViewSchema.nullable(),
      billing: billingViewSchema,
      domains: z.array(z.strictObject({ hostname: z.string(), state: z.string(), addedAt: instant })),
      copies: z.array(z.strictObject({ id: idSchema('arc'), at: instant, bytes: z.int() })),
    }),
  ),
  sessions: z.array(z.strictObject({ createdAt: instant, expiresAt: instant })),
  waitingList: z.strictObject({ joinedAt: instant, status: z.string() }).nullable(),
})

export interface AccountExportPorts extends SiteViewPorts {
  readonly accounts: AccountStore
  readonly sites: Pick<SiteStore, 'listByAccount'>
  readonly domains: Pick<DomainStore, 'listBySite'>
  readonly sessions: Pick<SessionStore, 'listOf'>
  readonly waitingList: Pick<WaitingList, 'find'>
  readonly clocks: Clocks
}

/** Everything that is stored about a person and the account, without secrets. @throws {SitewrightError} `NotFound`. */
export const accountExport = async (
  ports: AccountExportPorts,
  { accountId, personId }: Session,
): Promise<z.infer<typeof accountExportSchema>> => {
  const now = ports.clocks.wall()
  const [account, person, sites, sessions, waiting] = await Promise.all([
    requireAccount(ports, accountId),
    ports.accounts.getPerson(personId),
    sitesOf(ports.sites, accountId),
    ports.sessions.listOf(personId, now),
    ports.waitingList.find(accountId),
  ])
  const { company, attribution, createdAt, customerId, currency } = account
  return {
    exportedAt: now,
    person:
      person === undefined
        ? null
        : {
            id: person.id,
            email: person.email,
            name: person.name ?? null,
            timeZone: person.timeZone ?? null,
            termsAcceptedAt: person.termsAcceptedAt ?? null,
            createdAt: person.createdAt,
          },
    account: {
      id: account.id,
      company: company ?? null,
      attribution: attribution ?? null,
      createdAt,
      deletion: accountView(account, '').deletion,
      customerId: customerId ?? null,
      currency: currency ?? null,
    },
    sites: await Promise.all(
      sites.map(async (site) => ({
        site: siteView(site, ports) ?? null,
        billing: billingView(site, account, ports.policies),
        domains: (await ports.domains.listBySite(site.id)).map(({ hostname, state, addedAt }) => ({
          hostname,
          state,
          addedAt,
        })),
        copies: isKept(site) ? site.archives.map(({ id, at, bytes }) => ({ id, at, bytes })) : [],
      })),
    ),
    sessions: sessions.map(({ createdAt: begun, expiresAt }) => ({ createdAt: begun, expiresAt })),
    waitingList: waiting === undefined ? null : { joinedAt: waiting.joinedAt, status: waiting.status },
  }
}
