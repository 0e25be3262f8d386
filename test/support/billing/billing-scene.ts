import type { DomainEvent } from '../../../core/events/event.ts'
import { eventSource } from '../../../core/events/event-names.ts'
import { matchesPattern } from '../../../core/events/event-pattern.ts'
import type { AccountId, SiteId } from '../../../core/ids.ts'
import { type Instant, plusDays } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { SiteChange } from '../../../core/site/lifecycle.ts'
import { type ActiveSite, isKept, type Site } from '../../../core/site/site.ts'
import type { Account } from '../../../lambdas/accounts/account.ts'
import { bringSitesIntoLine } from '../../../lambdas/accounts/follow-closures.ts'
import { billingFromStripe } from '../../../lambdas/billing/ask-billing.ts'
import { handleBillingEvent } from '../../../lambdas/billing/converge-site.ts'
import { convergeBilling } from '../../../lambdas/billing/functions.ts'
import { eventsOf } from '../../../lambdas/manifest.ts'
import config from '../../../sitewright.config.ts'
import { recordingLog } from '../fixed-ports.ts'
import { samplePolicies } from '../sample-policy.ts'
import { siteSamples } from '../site-samples.ts'
import { createPaymentsModel, type Fault } from './payments-model.ts'

const idOf = (prefix: string, number: number): string => `${prefix}_01jq3v5k8m${String(number).padStart(16, '0')}`

/**
 * Sites in memory, a model of Stripe, and convergence between them as the manifest wires it up. Everything that is ever
 * written is kept.
 */
export const billingScene = ({
  fault,
  latency,
}: {
  readonly fault?: (call: string) => Fault
  readonly latency?: () => number
} = {}) => {
  let now: Instant = '2026-03-01T12:00:00.000Z'
  let counter = 0
  const nextId = (prefix: string): string => {
    counter += 1
    return idOf(prefix, counter)
  }
  const model = createPaymentsModel({ now: () => now, ...(fault && { fault }), ...(latency && { latency }) })
  const sites = new Map<SiteId, Site>()
  const accounts = new Map<AccountId, Account>()
  const changes: SiteChange[] = []
  const heard: DomainEvent[] = []
  const log = recordingLog()
  let meanwhile: (() => unknown) | undefined

  const store = {
    get: async (id: SiteId) => structuredClone(sites.get(id)),
    commit: async (change: SiteChange) => {
      const landing = meanwhile
      meanwhile = undefined
      await landing?.()
      if (sites.get(change.after.id)?.version !== change.before?.version) {
        return { done: false, obstacle: 'version' } as const
      }
      sites.set(change.after.id, structuredClone(change.after))
      changes.push(change)
      heard.push(change.event)
      return { done: true } as const
    },
    async *listByStatus(status: Site['status']) {
      for (const site of [...sites.values()]) if (site.status === status) yield structuredClone(site) as never
    },
    listByAccount: async () => ({ items: [] }),
    async *listEnvironments() {},
  }
  const plans = planCatalogue(config.plans)
  const clocks = { domain: () => now, wall: () => now }
  const randomness = { id: nextId as never, token: () => nextId('token'), integer: () => 0 }
  const ports = {
    sites: store,
    accounts: { get: async (id: AccountId) => accounts.get(id) },
    payments: model.payments,
    plans,
    policies: samplePolicies,
    workflows: { start: async () => undefined, status: async () => 'unknown' as const },
    clocks,
    randomness,
    log,
    closureTasks: { async *list() {}, remove: async () => undefined },
    checkouts: { find: async () => undefined },
  }
  const billing = billingFromStripe(ports)

  const isWanted = (event: DomainEvent): boolean =>
    eventsOf(convergeBilling).some(({ events }) =>
      matchesPattern({ source: eventSource, 'detail-type': event.type, detail: event }, events),
    )

  const hear = (event: DomainEvent): Promise<void> =>
    isWanted(event) ? handleBillingEvent(ports, event) : Promise.resolve()

  const noticed = (facts: Partial<Extract<DomainEvent, { type: 'PaymentNoticed' }>['data']>): DomainEvent => ({
    schemaVersion: 1,
    id: nextId('evt') as never,
    type: 'PaymentNoticed',
    aggregate: { type: 'payment', id: nextId('evt') },
    version: 1,
    at: now,
    actor: { kind: 'system' },
    causationId: 'stripe',
    data: { type: 'customer.subscription.updated', isLive: false, ...facts },
  })

  /** An open site of an account of its own, and that account's customer. */
  const open = (facts: Partial<ActiveSite> = {}): { readonly id: SiteId; readonly customerId: string } => {
    const id = nextId('site') as SiteId
    const accountId = nextId('acct') as AccountId
    const customerId = `cus_${accountId.slice(-3)}`
    accounts.set(accountId, {
      schemaVersion: 1,
      id: accountId,
      version: 1,
      ownerId: nextId('prsn') as never,
      createdAt: now,
      customerId,
    })
    const { ownership } = siteSamples.active
    sites.set(id, {
      ...siteSamples.active,
      id,
      ownership: { ...ownership, accountId },
      trialEndsAt: plusDays(now, 14),
      reminded: [],
      ...facts,
    })
    return { id, customerId }
  }

  return {
    model,
    ports,
    billing,
    changes,
    log,
    hear,
    noticed,
    open,
    site: (id: SiteId): Site => {
      const site = sites.get(id)
      if (site === undefined) throw new Error(`there is no ${id}`)
      return site
    },
    /** The owner closes the account of a site, and its sites are deleted. */
    closeAccount: async (id: SiteId): Promise<void> => {
      const found = sites.get(id)
      const account = accounts.get((isKept(found) && found.ownership.accountId) || ('' as never))
      if (account === undefined || !isKept(found)) throw new Error(`${id} has no account`)
      accounts.set(account.id, { ...account, closure: { state: 'closed', at: now, until: plusDays(now, 14) } })
      await bringSitesIntoLine(
        { ...ports, sites: { ...store, listByAccount: async () => ({ items: [found] }) } as never },
        { accountId: account.id, ownerId: account.ownerId, wanted: 'deleted' },
        'req_close',
      )
    },
    put: (site: Site) => sites.set(site.id, site),
    context: () => ({ actor: { kind: 'system' as const }, causationId: 'req_test', clocks, randomness }),
    commit: async (change: SiteChange): Promise<boolean> => (await store.commit(change)).done,
    /** Events of sites that nobody has acted on yet; taken out. */
    takeHeard: (): readonly DomainEvent[] => heard.splice(0).filter(isWanted),
    /** Until nothing more is said. */
    settle: async (): Promise<void> => {
      for (let event = heard.shift(); event !== undefined; event = heard.shift()) await hear(event)
    },
    pass: (days: number) => {
      now = plusDays(now, days)
    },
    now: () => now,
    /** Runs just before the next commit: a change between a read and a write. */
    meanwhile: (landing: () => unknown) => {
      meanwhile = landing
    },
  }
}

export type BillingScene = ReturnType<typeof billingScene>
