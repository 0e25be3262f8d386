import type { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { documentClient, dynamodbClient, type EngineAddress } from '../adapters/dynamodb/client.ts'
import { createIdempotencyStore } from '../adapters/dynamodb/idempotency.ts'
import { createOutbox } from '../adapters/dynamodb/outbox.ts'
import { removeExpired } from '../adapters/dynamodb/remove-expired.ts'
import { createSiteLists } from '../adapters/dynamodb/site-lists.ts'
import { createSiteStore } from '../adapters/dynamodb/site-store.ts'
import { createCellCounts, createSiteTotals } from '../adapters/dynamodb/site-totals.ts'
import { ensureTables, tablesOf } from '../adapters/dynamodb/tables.ts'
import type { SiteId } from '../core/ids.ts'
import type { Instant } from '../core/instant.ts'
import type { SiteStore } from '../core/ports/stores.ts'
import { dueEntry } from '../core/site/next-step.ts'
import type { Site } from '../core/site/site.ts'
import type { TrialPolicies } from '../core/site/trial-policy.ts'
import { createClosureTasks, createPersonEraser, createSiteEraser } from '../lambdas/accounts/closure-store.ts'
import { createAccountChanges, createAccountStore } from '../lambdas/accounts/store.ts'
import { createBillingReconciliations } from '../lambdas/billing/reconciliation/store.ts'
import { createCheckouts, createPaymentNotices } from '../lambdas/billing/store.ts'
import { createBlueprintStore } from '../lambdas/blueprints/store.ts'
import { createDomainStore } from '../lambdas/domains/store.ts'
import { createQuarantine } from '../lambdas/endings/leftovers/store.ts'
import { createLeadLists, createLeadStore } from '../lambdas/leads/store.ts'
import { createAuditLog, createRefusalCounts } from '../lambdas/operators/audit/store.ts'
import { createEntranceStore } from '../lambdas/operators/entrance/store.ts'
import { createOperatorAttempts, createOperatorSessions } from '../lambdas/operators/store.ts'
import { createRateWindows } from '../lambdas/rate-limits/store.ts'
import { createRolloutStore } from '../lambdas/releases/store.ts'
import {
  createChangedRows,
  createEventHistory,
  createReportAccounts,
  createReportRows,
} from '../lambdas/reports/store.ts'
import { createUsageStore } from '../lambdas/reports/usage/store.ts'
import { createSignupMails } from '../lambdas/signup/mail-store.ts'
import { createSessionStore, createSignupStore } from '../lambdas/signup/store.ts'
import { createEvidenceStore } from '../lambdas/sites/evidence/store.ts'
import { createSummaryLinkStore } from '../lambdas/sites/summary/store.ts'
import { createIdleChecks } from '../lambdas/sleep/store.ts'
import { createBrakeStore, createTrialControls } from '../lambdas/trials/store.ts'
import { createWaitingList } from '../lambdas/trials/waiting-list/store.ts'
import { createWebhookDeliveries, createWebhookEndpoints, createWebhookLog } from '../lambdas/webhooks/store.ts'

/**
 * Reports each change of a site once it is written, so that caches forget the site, and waits for those that may remember it. A
 * change with an unknown outcome counts.
 * @param changed `wasActive`: only active sites are remembered.
 */
export const tellOfChanges =
  (
    commit: SiteStore['commit'],
    changed: (siteId: SiteId, wasActive: boolean) => Promise<void> | void,
  ): SiteStore['commit'] =>
  async (change) => {
    try {
      return await commit(change)
    } finally {
      await changed(change.after.id, change.before?.status === 'active')
    }
  }

interface StoreOptions {
  readonly policies: TrialPolicies
  /** Called after each commit that may contain events. */
  readonly onCommit: () => void
  /** The prefix of the tables' names. */
  readonly prefix?: string
}

export const openStore = (address: EngineAddress, options: StoreOptions): Promise<Store> =>
  openStoreOn(clientsOf(address), options)

/** One connection. The second client has items as plain objects. */
export interface StoreClients {
  readonly engine: DynamoDBClient
  readonly client: DynamoDBDocumentClient
}

const clientsOf = (address: EngineAddress): StoreClients => {
  const engine = dynamodbClient(address)
  return { engine, client: documentClient(engine) }
}

/** Opens the store on existing clients. Closing the store closes them. */
export const openStoreOn = async (
  { engine, client }: StoreClients,
  { policies, onCommit, prefix = 'sitewright' }: StoreOptions,
) => {
  const tables = tablesOf(prefix)
  await ensureTables(engine, tables)
  const writing = {
    client,
    tables,
    outbox: true,
    due: (site: Site) => dueEntry(site, policies.find(site.policyVersion)),
  }
  const announced =
    <Given extends unknown[], Result>(write: (...given: Given) => Promise<Result>) =>
    async (...given: Given): Promise<Result> => {
      const result = await write(...given)
      onCommit()
      return result
    }
  const sites = createSiteStore(writing)
  const signups = createSignupStore(writing)
  const domains = createDomainStore(writing)
  const accountChanges = createAccountChanges(writing)
  const paymentNotices = createPaymentNotices(writing)
  const reconciliations = createBillingReconciliations(writing)
  const rollouts = createRolloutStore(writing)
  const leads = createLeadStore(writing)
  return {
    sites: { ...sites, commit: announced(sites.commit) },
    siteLists: createSiteLists({ client, tables }),
    signups: { ...signups, complete: announced(signups.complete) },
    signupMails: createSignupMails({ client, tables }),
    accounts: createAccountStore({ client, tables }),
    accountChanges: { commit: announced(accountChanges.commit) },
    closureTasks: createClosureTasks({ client, tables }),
    siteEraser: createSiteEraser({ client, tables }),
    personEraser: createPersonEraser({ client, tables }),
    checkouts: createCheckouts({ client, tables }),
    paymentNotices: { keep: announced(paymentNotices.keep) },
    reconciliations: { ...reconciliations, request: announced(reconciliations.request) },
    rollouts: { ...rollouts, write: announced(rollouts.write) },
    leads: { ...leads, save: announced(leads.save) },
    leadLists: createLeadLists({ client, tables }),
    sessions: createSessionStore({ client, tables }),
    entrances: createEntranceStore({ client, tables }),
    operatorSessions: createOperatorSessions({ client, tables }),
    operatorAttempts: createOperatorAttempts({ client, tables }),
    evidence: createEvidenceStore({ client, tables }),
    summaryLinks: createSummaryLinkStore({ client, tables }),
    idempotency: createIdempotencyStore({ client, tables }),
    rateWindows: createRateWindows({ client, tables }),
    auditLog: createAuditLog({ client, tables }),
    refusals: createRefusalCounts({ client, tables }),
    brakes: createBrakeStore({ client, tables }),
    totals: createSiteTotals({ client, tables }),
    cellCounts: createCellCounts({ client, tables }),
    usage: createUsageStore({ client, tables }),
    idleChecks: createIdleChecks({ client, tables }),
    waitingList: createWaitingList({ client, tables }),
    webhookEndpoints: createWebhookEndpoints({ client, tables }),
    webhookDeliveries: createWebhookDeliveries({ client, tables }),
    webhookLog: createWebhookLog({ client, tables }),
    trialControls: createTrialControls({ client, tables }),
    quarantine: createQuarantine({ client, tables }),
    reportAccounts: createReportAccounts({ client, tables }),
    reportRows: createReportRows({ client, tables }),
    changedRows: createChangedRows({ client, tables }),
    eventHistory: createEventHistory({ client, tables }),
    blueprints: createBlueprintStore({ client, tables }),
    domains: { ...domains, commit: announced(domains.commit) },
    outbox: createOutbox({ client: engine, tables }),
    /** Deletes expired items and returns their number. */
    removeExpired: (now: Instant) => removeExpired({ client, tables }, now),
    close: () => engine.destroy(),
  }
}

export type Store = Awaited<ReturnType<typeof openStoreOn>>
