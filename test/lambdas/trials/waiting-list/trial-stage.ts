import { createCellCounts } from '../../../../adapters/dynamodb/cell-counts.ts'
import { createSiteTotals } from '../../../../adapters/dynamodb/site-totals.ts'
import { createRandomness } from '../../../../adapters/randomness.ts'
import type { AccountId, PersonId } from '../../../../core/ids.ts'
import { plusMilliseconds, toInstant } from '../../../../core/instant.ts'
import type { MailMessage } from '../../../../core/ports/delivery.ts'
import type { Site } from '../../../../core/site/site.ts'
import { createRateWindows } from '../../../../lambdas/rate-limits/store.ts'
import { countSite } from '../../../../lambdas/sites/claim/count-site.ts'
import { type CreateSite, createSite } from '../../../../lambdas/sites/claim/create-site.ts'
import { createAdmission, pauseTrials } from '../../../../lambdas/trials/waiting-list/admit-trials.ts'
import { admitWaiting } from '../../../../lambdas/trials/waiting-list/admit-waiting.ts'
import { createTrialControls, createWaitingList } from '../../../../lambdas/trials/waiting-list/store.ts'
import { finish } from '../../../adapters/dynamodb/made-changes.ts'
import { openStoreOn } from '../../../adapters/dynamodb/test-store.ts'
import { recordingLog } from '../../../support/fixed-ports.ts'
import { quickClients } from '../../../support/memory-table/quick-client.ts'
import { noOffers } from '../../../support/no-offers.ts'
import { plans, welcome } from '../../../support/provisioning.ts'
import { samplePolicies } from '../../../support/sample-policy.ts'

const operator = { kind: 'operator', operatorId: 'op-1', role: 'support' } as const

/** The real core on the store in memory with an empty pool: claims, their events, and the sweep that invites. */
export const trialStage = async (ceilings: { maxLive: number; maxNewPerHour: number }) => {
  const store = await openStoreOn(quickClients())
  const over = { client: store.document, tables: store.tables }
  await store.blueprints.publish(welcome(1))
  const world = {
    now: toInstant(new Date(Date.UTC(2026, 2, 1, 12))),
    elapsed: 0,
    /** Events that have not arrived yet. */
    isEventsLate: false,
    mails: new Map<string, MailMessage>(),
    mailOutage: undefined as Error | undefined,
    gone: new Set<AccountId>(),
    closed: new Set<AccountId>(),
  }
  const clocks = { domain: () => '2030-01-01T00:00:00.000Z', wall: () => world.now }
  const randomness = createRandomness()
  const delayed: (() => Promise<void>)[] = []
  const common = {
    ...store,
    clocks,
    randomness,
    log: recordingLog(),
    ceilings,
    totals: createSiteTotals(over),
    rateWindows: createRateWindows(over),
    trialControls: createTrialControls(over),
    waitingList: createWaitingList(over),
    monotonic: () => world.elapsed,
    capacities: [{ name: 'local', sites: 1_000_000 }],
    cellCounts: createCellCounts(over),
  }
  const sites: typeof store.sites = {
    ...store.sites,
    commit: async (change) => {
      const result = await store.sites.commit(change)
      if (result.done) delayed.push(() => countSite(common, change.event))
      return result
    },
  }
  const admission = createAdmission(common)
  const ports = {
    ...common,
    sites,
    admission,
    plans,
    policies: samplePolicies,
    workflows: { start: async () => undefined, status: async () => 'unknown' as const },
    sitesDomain: 'sites.example.com',
    reservedSlugs: [],
    offers: noOffers,
    offeredBlueprints: ['welcome'] as const,
    rollouts: { read: async () => undefined },
    brand: 'Sitewright',
    consoleUrl: 'http://localhost:4000',
    accounts: {
      get: async (accountId: AccountId) =>
        world.gone.has(accountId)
          ? undefined
          : {
              ...{ schemaVersion: 1 as const, id: accountId, version: 1, createdAt: world.now },
              ownerId: `prsn_${accountId.slice(5)}` as const,
              ...(world.closed.has(accountId) ? { closure: { state: 'closed' as const, at: world.now } } : {}),
            },
      getPerson: async (id: PersonId) => ({
        ...{ schemaVersion: 1 as const, id, emailHash: 'hash', createdAt: world.now },
        email: `acct_${id.slice(5)}@example.com`,
      }),
    },
    mailer: {
      send: async (message: MailMessage) => {
        if (world.mailOutage !== undefined) throw world.mailOutage
        world.mails.set(message.id, message)
      },
    },
  }
  const arrive = async (): Promise<void> => {
    for (const event of delayed.splice(0)) await event()
  }
  let names = 0
  return {
    ports,
    world,
    arrive,
    newAccount: (): AccountId => randomness.id('acct'),
    pass: (milliseconds: number): void => {
      world.now = plusMilliseconds(world.now, milliseconds)
      world.elapsed += milliseconds
    },
    ask: async (accountId: AccountId, idempotencyKey?: string, request: Partial<CreateSite> = {}) => {
      names += 1
      const slug = idempotencyKey ?? `name-${names}`
      const site = await createSite(ports, {
        accountId,
        actor: { kind: 'system' },
        causationId: 'req_1',
        slug,
        ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
        ...request,
      })
      if (!world.isEventsLate) await arrive()
      return site
    },
    /** Ends the build of a site well. */
    open: async (site: Site) => {
      if (site.status !== 'building') throw new Error(`the site is ${site.status}`)
      await sites.commit(finish(site))
      await arrive()
    },
    invite: () => admitWaiting(ports),
    pause: async (isPaused: boolean) => {
      await pauseTrials(ports, { isPaused, reason: 'Too much at once.', actor: operator })
      admission.forget()
    },
    mailed: (): readonly string[] => [...world.mails.values()].map(({ to }) => to.replace('@example.com', '')),
  }
}
