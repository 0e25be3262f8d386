import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb'
import { describe, expect, it } from 'vitest'
import { createAccessPointIds } from '../../../adapters/dynamodb/access-point-ids.ts'
import { createCellCounts } from '../../../adapters/dynamodb/cell-counts.ts'
import { createCellFileSystem } from '../../../adapters/dynamodb/cell-file-system.ts'
import { createIdempotencyStore } from '../../../adapters/dynamodb/idempotency.ts'
import { createSiteLists } from '../../../adapters/dynamodb/site-lists.ts'
import { createSitePorts } from '../../../adapters/dynamodb/site-ports.ts'
import { createSiteStore } from '../../../adapters/dynamodb/site-store.ts'
import { createSiteTotals } from '../../../adapters/dynamodb/site-totals.ts'
import { tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { createSentMail } from '../../../adapters/ses/ses-mailer.ts'
import type { LeadEvent, RolloutEvent } from '../../../core/events/event.ts'
import { idempotencyRecord } from '../../../core/idempotency.ts'
import type { Capability } from '../../../lambdas/_runtime/ports.ts'
import { eraseAccount } from '../../../lambdas/accounts/closure-changes.ts'
import { createClosureTasks, createPersonEraser, createSiteEraser } from '../../../lambdas/accounts/closure-store.ts'
import { createAccountChanges, createAccountStore, createSessionStore } from '../../../lambdas/accounts/store.ts'
import type { BillingReport } from '../../../lambdas/billing/reconciliation/billing-report.ts'
import { requestReconciliation } from '../../../lambdas/billing/reconciliation/run-reconciliation.ts'
import { createBillingReconciliations } from '../../../lambdas/billing/reconciliation/store.ts'
import { createBlueprintStore } from '../../../lambdas/blueprints/store.ts'
import type { Configuration } from '../../../lambdas/configuration/configuration.ts'
import { createConfigurationStore } from '../../../lambdas/configuration/store.ts'
import type { Deployment } from '../../../lambdas/deployments/deployment.ts'
import { createDeploymentStore } from '../../../lambdas/deployments/store.ts'
import { type CustomDomain, enterState, releaseDomain } from '../../../lambdas/domains/custom-domain.ts'
import { createDomainStore } from '../../../lambdas/domains/store.ts'
import { afterCheck } from '../../../lambdas/endings/leftovers/quarantine.ts'
import { purgeSite } from '../../../lambdas/endings/purge-site.ts'
import { createJobWaits, createQuarantine } from '../../../lambdas/endings/store.ts'
import type { Lead } from '../../../lambdas/leads/lead.ts'
import { createLeadLists, createLeadStore } from '../../../lambdas/leads/store.ts'
import { functions } from '../../../lambdas/manifest.ts'
import type { Refusal } from '../../../lambdas/operators/audit/audit-entry.ts'
import { createAuditLog, createRefusalCounts } from '../../../lambdas/operators/audit/store.ts'
import { createEntranceStore } from '../../../lambdas/operators/entrance/store.ts'
import { createRateWindows } from '../../../lambdas/rate-limits/store.ts'
import type { Rollout } from '../../../lambdas/releases/rollout.ts'
import { createRolloutStore } from '../../../lambdas/releases/store.ts'
import type { AccountOrigin, EventRow, UsageRow } from '../../../lambdas/reports/report-row.ts'
import {
  createAccountRebuilds,
  createChangedRows,
  createEventHistory,
  createReportAccounts,
  createReportRows,
} from '../../../lambdas/reports/store.ts'
import { createUsageStore } from '../../../lambdas/reports/usage/store.ts'
import { createSignupMails, createSignupStore } from '../../../lambdas/signup/store.ts'
import { createEvidenceStore, createSummaryLinkStore } from '../../../lambdas/sites/store.ts'
import { createIdleChecks } from '../../../lambdas/sleep/store.ts'
import type { BrakeAct, BrakeState } from '../../../lambdas/trials/brake.ts'
import { createBrakeStore } from '../../../lambdas/trials/store.ts'
import { createTrialControls, createWaitingList } from '../../../lambdas/trials/waiting-list/store.ts'
import type { TrialControls } from '../../../lambdas/trials/waiting-list/waiting-entry.ts'
import { createWebhookDeliveries, createWebhookEndpoints, createWebhookLog } from '../../../lambdas/webhooks/store.ts'
import type { WebhookDelivery, WebhookEndpoint } from '../../../lambdas/webhooks/webhook.ts'
import {
  clocks,
  completion,
  fail,
  finish,
  keyRecord,
  newAccountId,
  newEntry,
  newSignup,
  now,
  owner,
  randomness,
  request,
} from '../../adapters/dynamodb/made-changes.ts'
import { suspended, under } from '../../core/site/kept-sites.ts'
import { fixedContext, recordingLog } from '../../support/fixed-ports.ts'
import { welcome } from '../../support/provisioning.ts'
import { allowsItems, type ItemAccess, recordingItems } from '../support/item-access.ts'
import { grantsOfFunction, type Statement } from '../support/statements.ts'
import { synthesise } from '../support/synthesise.ts'

const all = await synthesise()
const names = all.names
const template = all.template('control')

type Use = (client: DynamoDBDocumentClient) => readonly (() => Promise<unknown>)[]

/** The data that an operation must find to continue. */
const answers: Readonly<Partial<Record<Capability, object>>> = {
  'runtime:remove': { Item: { content: { schemaVersion: 1, siteId: randomness.id('site'), port: 10_000 } } },
  'runtime:stop': { Item: { content: { schemaVersion: 1, siteId: randomness.id('site'), port: 10_000 } } },
}

const tables = () => tablesOf(names.tables)
const writing = (client: DynamoDBDocumentClient) => ({ client, tables: tables(), outbox: false, due: () => undefined })
const sitesOf = (client: DynamoDBDocumentClient) => createSiteStore(writing(client))
const portsOf = (client: DynamoDBDocumentClient) =>
  createSitePorts({ client, tables: tables(), cell: 'a', wall: clocks.wall, randomness })
const accessPointIdsOf = (client: DynamoDBDocumentClient) =>
  createAccessPointIds({ client, tables: tables(), cell: 'a' })
const fileSystemOf = (client: DynamoDBDocumentClient) =>
  createCellFileSystem({ client, tables: tables(), cell: { name: 'a', fileSystemId: 'fs-1' }, log: recordingLog() })
const site = randomness.id('site')
const home = { siteId: site, generation: 1, cell: 'main' }
const jobWait = { attempt: { siteId: site, operationId: 'archive-site', fence: 1 }, token: 'a', jobs: [], notedAt: now }
const reconciliationsOf = (client: DynamoDBDocumentClient) =>
  createBillingReconciliations({ client, tables: tables(), outbox: false })
const leadsOf = (client: DynamoDBDocumentClient) => createLeadStore({ client, tables: tables(), outbox: false })
const sampleLead = { accountId: newAccountId(), version: 1, score: 0, facts: {}, work: {} } as unknown as Lead
const sampleLeadEvent = { aggregate: { type: 'lead', id: sampleLead.accountId }, version: 1 } as LeadEvent
const brakesOf = (client: DynamoDBDocumentClient) => createBrakeStore({ client, tables: tables() })
const totalsOf = (client: DynamoDBDocumentClient) => createSiteTotals({ client, tables: tables() })
const cellCountsOf = (client: DynamoDBDocumentClient) => createCellCounts({ client, tables: tables() })
const auditLogOf = (client: DynamoDBDocumentClient) => createAuditLog({ client, tables: tables() })
const refusalsOf = (client: DynamoDBDocumentClient) => createRefusalCounts({ client, tables: tables() })
const refusal: Refusal = {
  schemaVersion: 1,
  who: { kind: 'person', id: randomness.id('prsn') },
  problem: 'urn:sitewright:problem:not-found',
  hour: now,
  from: { network: '192.0.2.1' },
}
const summaryLink = {
  schemaVersion: 1,
  id: randomness.id('lnk'),
  siteId: site,
  accountId: randomness.id('acct'),
  tokenHash: 'hash',
  createdAt: now,
  expiresAt: now,
} as const
const webhookEndpoint: WebhookEndpoint = {
  schemaVersion: 1,
  ...{ id: randomness.id('hook'), version: 1, url: 'https://crm.example.com/', description: 'CRM' },
  ...{ types: [], secrets: [{ number: 1, createdAt: now }], createdAt: now },
}
const webhookDelivery: WebhookDelivery = {
  schemaVersion: 1,
  ...{ endpointId: webhookEndpoint.id, queuedAt: now, attempts: 0, dueAt: now },
  message: {
    ...{ id: randomness.id('msg'), type: 'account.created', at: now, accountId: randomness.id('acct'), details: {} },
  },
}
const configuration: Configuration = {
  schemaVersion: 1,
  ...{ siteId: site, version: 1, at: now, actor: { kind: 'system' }, reason: 'why', basedOn: 0 },
  ...{ changed: [], variables: {}, secrets: {} },
}
const deployment: Deployment = {
  schemaVersion: 1,
  ...{ id: randomness.id('dpl'), siteId: site, version: 1, status: 'proving', at: now, actor: { kind: 'system' } },
  ...{ images: {}, file: {}, blueprint: welcome(1) },
}
const evidence = {
  schemaVersion: 1,
  id: 'provision-1',
  siteId: site,
  at: now,
  during: 'build',
  error: 'LaunchFailed',
  cause: 'crash',
  detail: '',
  blueprint: { name: 'welcome', version: 1 },
} as const
const brakeState = {
  schemaVersion: 1,
  version: 2,
  seenAt: now,
  begun: 0,
  spent: { hours: {} },
} as unknown as BrakeState
const brakeAct: BrakeAct = {
  schemaVersion: 1,
  version: 2,
  at: now,
  act: 'released',
  detail: 'looked at',
  actor: { kind: 'system' },
}

const closuresOf = (client: DynamoDBDocumentClient) => createClosureTasks({ client, tables: tables() })
const { account } = completion(newSignup()).opening
const closureTask = { schemaVersion: 1, accountId: account.id, at: now, kind: 'mail' } as const
const erasure = eraseAccount({ ...account, closure: { state: 'closed', at: now } }, [], {
  actor: { kind: 'system' },
  causationId: 'test',
  clocks,
  randomness,
})!

const domainsOf = (client: DynamoDBDocumentClient) => createDomainStore({ client, tables: tables(), outbox: false })
const domainContext = { actor: { kind: 'system' }, causationId: 'test', clocks, randomness } as const
const pendingDomain: CustomDomain = {
  schemaVersion: 1,
  id: randomness.id('dom'),
  version: 1,
  siteId: site,
  accountId: newAccountId(),
  hostname: 'www.example.com',
  addedAt: now,
  nextCheckAt: now,
  state: 'pending',
}
const verifiedDomain: CustomDomain = { ...pendingDomain, version: 2, state: 'verified', verifiedAt: now }

const drain = async (items: AsyncIterable<unknown>): Promise<void> => {
  for await (const _ of items);
}

/** What the code that has a permission does with the tables. */
const uses: Readonly<Partial<Record<Capability, Use>>> = {
  'accounts:follow': (client) => {
    const changes = createAccountChanges(writing(client))
    return [
      () => drain(closuresOf(client).list('sites')),
      () => closuresOf(client).remove(closureTask),
      () => createAccountStore({ client, tables: tables() }).get(newAccountId()),
      () => changes.commit({ ...erasure, lastSites: [site], tasks: [closureTask] }),
      () => createSiteEraser({ client, tables: tables() }).erase(site, { alsoDomains: true }),
    ]
  },
  'accounts:open': (client) => [() => createAccountChanges(writing(client)).commit({ ...erasure, tasks: [] })],
  'accounts:write': (client) => [
    () => createAccountChanges(writing(client)).commit({ ...erasure, tasks: [closureTask] }),
  ],
  'customers:redact': (client) => [
    () => drain(closuresOf(client).list('customer')),
    () => closuresOf(client).remove(closureTask),
  ],
  'people:erase': (client) => {
    const eraser = createPersonEraser({ client, tables: tables() })
    const personId = randomness.id('prsn')
    return [
      () => drain(closuresOf(client).list('person')),
      () => closuresOf(client).replace(closureTask, closureTask),
      () => closuresOf(client).remove(closureTask),
      () => eraser.eraseAccess({ personId, emailHash: 'hash' }, newEntry),
      () => eraser.erasePerson({ personId, accountId: newAccountId(), reportsUntil: now }),
    ]
  },
  'allowances:read': (client) => [() => createAccountStore({ client, tables: tables() }).get(newAccountId())],
  'accounts:read': (client) => {
    const accounts = createAccountStore({ client, tables: tables() })
    return [
      () => accounts.findByEmailHash('hash'),
      () => accounts.getPerson(randomness.id('prsn')),
      () => accounts.getOwner(newAccountId()),
    ]
  },
  'audit:append': (client) => [() => auditLogOf(client).append(newEntry())],
  'audit:read': (client) => [() => auditLogOf(client).page({ order: 'newest first', limit: 1 })],
  'refusals:count': (client) => [() => refusalsOf(client).count(refusal)],
  'refusals:enter': (client) => [
    () => drain(refusalsOf(client).ended(now)),
    () => refusalsOf(client).enter({ ...refusal, count: 1 }, newEntry()),
  ],
  'brake:read': (client) => [() => brakesOf(client).read()],
  'brake:write': (client) => [
    () => brakesOf(client).read(),
    () => brakesOf(client).write(brakeState, brakeAct),
    () => brakesOf(client).history(1),
  ],
  'pace:take': (client) => [
    () => brakesOf(client).read(),
    () => brakesOf(client).write(brakeState),
    () => totalsOf(client).read(),
  ],
  'entrances:open': (client) => [
    () =>
      createEntranceStore({ client, tables: tables() }).keep({
        schemaVersion: 1,
        tokenHash: 'hash',
        siteId: site,
        viewer: { role: 'owner', personId: randomness.id('prsn'), email: 'ada@example.com' },
        createdAt: now,
        expiresAt: now,
      }),
  ],
  'configurations:change': (client) => {
    const configurations = createConfigurationStore({ client, tables: tables() })
    return [
      () => configurations.read(site, 1),
      () => configurations.list(site),
      () => configurations.add(configuration),
      () => configurations.remove(site, 1),
    ]
  },
  'configurations:read': (client) => [() => createConfigurationStore({ client, tables: tables() }).read(site, 1)],
  'deployments:add': (client) => {
    const deployments = createDeploymentStore({ client, tables: tables() })
    return [
      () => deployments.add(deployment, idempotencyRecord({ scope: 'a', key: 'b', request: {} }, 'c', now)),
      () => deployments.find(site, deployment.id),
      () => deployments.list(site, 1),
      () => deployments.read(site, 1),
    ]
  },
  'deployments:advance': (client) => {
    const deployments = createDeploymentStore({ client, tables: tables() })
    return [
      () => deployments.list(site, 1),
      () => deployments.read(site, 1),
      () => deployments.open(site),
      async () => {
        for await (const _ of deployments.waiting()) break
      },
      () => deployments.change(deployment, { ...deployment, status: 'live' }),
    ]
  },
  'deployments:erase': (client) => [() => createDeploymentStore({ client, tables: tables() }).erase(site)],
  'configurations:erase': (client) => [
    () => createConfigurationStore({ client, tables: tables() }).erase(site),
    () => createConfigurationStore({ client, tables: tables() }).remove(site, 1),
  ],
  'secrets:open': (client) => [
    () => createConfigurationStore({ client, tables: tables() }).read(site, 1),
    () => createConfigurationStore({ client, tables: tables() }).list(site),
  ],
  'evidence:erase': (client) => [() => createEvidenceStore({ client, tables: tables() }).erase(site)],
  'evidence:keep': (client) => [() => createEvidenceStore({ client, tables: tables() }).keep(evidence)],
  'summary-links:read': (client) => [
    () => createSummaryLinkStore({ client, tables: tables() }).find(site, summaryLink.id),
  ],
  'summary-links:write': (client) => {
    const links = createSummaryLinkStore({ client, tables: tables() })
    return [
      () => links.keep(summaryLink),
      () => links.list(site),
      () => links.find(site, summaryLink.id),
      () => links.remove(site, summaryLink.id),
    ]
  },
  'evidence:read': (client) => [
    () => createEvidenceStore({ client, tables: tables() }).list(site),
    () => createEvidenceStore({ client, tables: tables() }).recent(5),
  ],
  'mail:find': (client) => [() => createSentMail({ client, tables: tables(), now: () => now }).find('msg_1')],
  'reports:record': (client) => {
    const accounts = createReportAccounts({ client, tables: tables() })
    const rows = createReportRows({ client, tables: tables() })
    const id = newAccountId()
    return [
      () => accounts.get(id),
      () => accounts.create(id, {} as AccountOrigin),
      () => rows.put('events', { id: 'a', row: { at: now } as EventRow, keptUntil: now }),
      () => rows.put('usage', { id: 'a', row: { at: now } as UsageRow, keptUntil: now }),
    ]
  },
  'reports:write': (client) => {
    const changed = createChangedRows({ client, tables: tables() })
    const history = createEventHistory({ client, tables: tables() })
    const rebuilds = createAccountRebuilds({ client, tables: tables() })
    const hour = { hour: '2026-03-01T12', changes: 1 }
    return [
      () => drain(changed.hours()),
      ...(['events', 'usage', 'visits'] as const).map((table) => () => drain(changed.rows({ ...hour, table }))),
      () => changed.settle({ ...hour, table: 'visits' }),
      () => drain(rebuilds.due(now)),
      () => rebuilds.note(newAccountId(), now),
      () => drain(history.list({ type: 'site', id: site })),
      ...(['account', 'lead'] as const).map((type) => () => drain(history.list({ type, id: newAccountId() }))),
    ]
  },
  'visits:count': (client) => {
    const rows = createReportRows({ client, tables: tables() })
    return [() => rows.countVisit({ at: now, offer: 'default' }, { mayBeNew: true, keptUntil: now })]
  },
  'usage:read': (client) => {
    const usage = createUsageStore({ client, tables: tables() })
    return [() => usage.list(site, { period: 'day', from: now, until: now }), () => usage.lastUse(site)]
  },
  'webhooks:manage': (client) => {
    const endpoints = createWebhookEndpoints({ client, tables: tables() })
    const log = createWebhookLog({ client, tables: tables() })
    return [
      () => endpoints.list(),
      () => endpoints.read(webhookDelivery.endpointId),
      () => endpoints.write(webhookEndpoint),
      () => endpoints.remove(webhookDelivery.endpointId),
      () => createWebhookDeliveries({ client, tables: tables() }).queue(webhookDelivery),
      () => log.find(webhookDelivery.endpointId, randomness.id('att')),
      () => log.page(webhookDelivery.endpointId, { limit: 1 }),
    ]
  },
  'webhooks:send': (client) => {
    const endpoints = createWebhookEndpoints({ client, tables: tables() })
    const deliveries = createWebhookDeliveries({ client, tables: tables() })
    const log = createWebhookLog({ client, tables: tables() })
    const attempt = { id: randomness.id('att'), at: now, number: 1, milliseconds: 1 }
    const { schemaVersion, endpointId, message } = webhookDelivery
    const answer = { failure: 'silent' } as const
    return [
      () => endpoints.list(),
      () => endpoints.read(endpointId),
      () => endpoints.write(webhookEndpoint),
      () => deliveries.queue(webhookDelivery),
      () => deliveries.replace(webhookDelivery, webhookDelivery),
      () => deliveries.replace(webhookDelivery, undefined),
      () => drain(deliveries.due(now)),
      () => log.append({ schemaVersion, endpointId, message, answer, ...attempt }),
      () => log.page(endpointId, { limit: 1 }),
    ]
  },
  'idle:check': (client) => {
    const checks = createIdleChecks({ client, tables: tables() })
    return [
      () => checks.schedule({ siteId: site, at: now }),
      () => checks.replace({ siteId: site, at: now }, now),
      () => checks.replace({ siteId: site, at: now }, undefined),
      () => drain(checks.due(now)),
      () => checks.lastSweep(),
      () => checks.noteSweep({ sweptAt: now, trustedSince: now }),
    ]
  },
  'jobs:complete': (client) => {
    const waits = createJobWaits({ client, tables: tables() })
    return [() => drain(waits.list()), () => drain(waits.list(site)), () => waits.remove(jobWait)]
  },
  'jobs:note': (client) => [() => createJobWaits({ client, tables: tables() }).note(jobWait)],
  'quarantine:write': (client) => {
    const quarantine = createQuarantine({ client, tables: tables() })
    const leftover = { kind: 'role', id: site, siteId: site, cell: 'a' } as const
    return [
      () => drain(quarantine.list()),
      () => quarantine.note(afterCheck(leftover, undefined, now), undefined),
      () => quarantine.release(leftover),
    ]
  },
  'domains:read': (client) => {
    const domains = domainsOf(client)
    return [
      () => domains.get(site, pendingDomain.hostname),
      () => domains.listBySite(site),
      () => domains.holderOf(pendingDomain.hostname),
      () => domains.find({ siteId: site, id: pendingDomain.id }),
    ]
  },
  'domains:write': (client) => {
    const domains = domainsOf(client)
    return [
      () => domains.commit(enterState(undefined, pendingDomain, domainContext)),
      () => domains.commit(enterState(pendingDomain, verifiedDomain, domainContext)),
      () => domains.commit(releaseDomain(verifiedDomain, 'owner', domainContext)),
      () => domains.note(pendingDomain),
    ]
  },
  'rate-windows:read': (client) => [
    () => createRateWindows({ client, tables: tables() }).read([{ key: 'key', endsAt: now }]),
  ],
  'reconciliations:read': (client) => [() => reconciliationsOf(client).read()],
  'reconciliations:request': (client) => {
    const reconciliations = { ...reconciliationsOf(client), read: async () => ({}) }
    return [
      () =>
        requestReconciliation(
          { reconciliations, clocks, randomness },
          { actor: { kind: 'system' }, reason: 'a test', causationId: 'test' },
        ),
    ]
  },
  'reconciliations:write': (client) => {
    const reconciliations = reconciliationsOf(client)
    return [
      () => reconciliations.begin(now),
      () => reconciliations.fail(1, { at: now, error: 'Unavailable' }),
      () => reconciliations.finish({ run: 1 } as BillingReport),
    ]
  },
  'leads:change': (client) => {
    const leads = leadsOf(client)
    return [() => leads.get(newAccountId()), () => leads.save(sampleLead, sampleLeadEvent)]
  },
  'leads:follow': (client) => {
    const leads = leadsOf(client)
    return [
      () => leads.get(newAccountId()),
      () => leads.save(sampleLead, sampleLeadEvent),
      () => leads.remove(newAccountId()),
      () => drain(leads.due(now)),
    ]
  },
  'leads:list': (client) => {
    const lists = createLeadLists({ client, tables: tables() })
    return [
      () => lists.page({ by: 'stage', stages: ['asked'] }, { limit: 1 }),
      () => lists.page({ by: 'assignee', assignee: 'grace@example.com' }, { limit: 1 }),
      () => lists.page({ by: 'deadline', after: now }, { limit: 1 }),
      () => lists.page({ by: 'news', after: now }, { limit: 1 }),
      () => lists.page({ by: 'not-assigned-to', people: ['grace@example.com'] }, { limit: 1 }),
    ]
  },
  'leads:read': (client) => [() => leadsOf(client).get(newAccountId())],
  'rollouts:read': (client) => {
    const rollouts = createRolloutStore({ client, tables: tables(), outbox: false })
    return [() => rollouts.read('welcome'), () => rollouts.list()]
  },
  'rollouts:write': (client) => {
    const rollouts = createRolloutStore({ client, tables: tables(), outbox: false })
    const event = { aggregate: { type: 'rollout', id: 'welcome' }, version: 1 } as RolloutEvent
    return [
      () => rollouts.read('welcome'),
      () => rollouts.list(),
      () => rollouts.write({ blueprint: 'welcome', version: 1 } as Rollout, event),
    ]
  },
  'trials:read': (client) => [() => createTrialControls({ client, tables: tables() }).read()],
  'trials:write': (client) => {
    const controls = createTrialControls({ client, tables: tables() })
    return [() => controls.history(1), () => controls.write({ version: 1 } as TrialControls)]
  },
  'waiting-list:read': (client) => {
    const list = createWaitingList({ client, tables: tables() })
    return [
      () => list.find(newAccountId()),
      () => list.first({ blueprint: 'welcome' }, 1),
      () => list.count('waiting', 1),
      () => list.wanted(),
      () => list.invited(),
    ]
  },
  'waiting-list:write': (client) => {
    const list = createWaitingList({ client, tables: tables() })
    const asked = { accountId: newAccountId(), blueprint: 'welcome' } as const
    const entry = { schemaVersion: 1, ...asked, joinedAt: now, status: 'waiting' } as const
    return [
      () => list.join(asked, now),
      () => list.first({ blueprint: 'welcome' }, 1),
      () => list.count('waiting', 1),
      () => list.wanted(),
      () => list.invited(),
      () => list.replace(entry, { ...entry, status: 'invited', until: now }),
      () => list.leave(entry.accountId),
      () => list.drop(entry),
    ]
  },
  'totals:read': (client) => [
    () => totalsOf(client).read(),
    () => totalsOf(client).days('2026-01-01'),
    () => cellCountsOf(client).read(),
  ],
  'totals:cells': (client) => [
    () => cellCountsOf(client).write([{ cell: 'a', sites: 1, ready: {} }]),
    () => cellCountsOf(client).read(),
  ],
  'totals:place': (client) => [() => cellCountsOf(client).add('a', 1), () => cellCountsOf(client).read()],
  'totals:write': (client) => [
    () => totalsOf(client).count({ id: site, version: 1, status: 'active', plan: 'trial', at: now }),
  ],
  'blueprints:read': (client) => {
    const blueprints = createBlueprintStore({ client, tables: tables() })
    return [
      () => blueprints.get('welcome', 1),
      () => blueprints.latest('welcome'),
      () => blueprints.versions('welcome'),
      () => blueprints.status('welcome'),
    ]
  },
  'blueprints:publish': (client) => [() => createBlueprintStore({ client, tables: tables() }).publish(welcome(1))],
  'blueprints:list': (client) => {
    const blueprints = createBlueprintStore({ client, tables: tables() })
    return [() => blueprints.names('all'), () => blueprints.names('drafts')]
  },
  'blueprints:write': (client) => {
    const blueprints = createBlueprintStore({ client, tables: tables() })
    return [
      () => blueprints.publish(welcome(1)),
      () => blueprints.status('welcome'),
      () => blueprints.saveStatus({ schemaVersion: 1, name: 'welcome', version: 1 }),
    ]
  },
  'mail:send': (client) => {
    const sent = createSentMail({ client, tables: tables(), now: clocks.wall })
    return [
      () => sent.has('mail'),
      () => sent.add('mail'),
      () => sent.note('mail', { status: 'undeliverable', reason: 'bounce' }),
    ]
  },
  'rate-windows:write': (client) => {
    const windows = createRateWindows({ client, tables: tables() })
    const window = { key: 'key', endsAt: now }
    return [() => windows.count([window]), () => windows.countUpTo([{ ...window, limit: 1 }])]
  },
  'runtime:read': (client) => [() => portsOf(client).portOf(site), () => portsOf(client).all()],
  'runtime:observe': (client) => [() => portsOf(client).portOf(site)],
  'runtime:run': (client) => [() => portsOf(client).claim(site)],
  'archiver:run': (client) => [
    () => accessPointIdsOf(client).find(home),
    () => accessPointIdsOf(client).note(home, { id: 'fsap-1' }),
    () => fileSystemOf(client).requireSame(),
  ],
  'runtime:start': (client) => [() => portsOf(client).claim(site), () => fileSystemOf(client).recordOrRequireSame()],
  'runtime:remove': (client) => [() => portsOf(client).release(site)],
  'runtime:stop': (client) => [() => portsOf(client).noteSleep(site, true)],
  'storage:measure': (client) => [() => fileSystemOf(client).requireSame()],
  'storage:prepare': (client) => [
    () => accessPointIdsOf(client).find(home),
    () => accessPointIdsOf(client).note(home, { id: 'fsap-1' }),
    () => fileSystemOf(client).recordOrRequireSame(),
  ],
  'storage:remove': (client) => [
    () => accessPointIdsOf(client).find(home),
    () => accessPointIdsOf(client).note(home, {}),
    () => accessPointIdsOf(client).homes().next(),
    () => accessPointIdsOf(client).forget(home),
  ],
  'sessions:read': (client) => [() => createSessionStore({ client, tables: tables() }).find('hash', now)],
  'sessions:write': (client) => {
    const sessions = createSessionStore({ client, tables: tables() })
    return [() => sessions.end('hash', newEntry()), () => sessions.listOf(randomness.id('prsn'), now)]
  },
  'signup-mails:send': (client) => {
    const mails = createSignupMails({ client, tables: tables() })
    return [
      () => createSignupStore(writing(client)).get(randomness.id('sgn')),
      () => mails.queued(1),
      () => mails.unqueue({ id: randomness.id('sgn'), createdAt: now }),
    ]
  },
  'signups:write': (client) => {
    const signups = createSignupStore(writing(client))
    const mails = createSignupMails({ client, tables: tables() })
    return [
      () => mails.note(newSignup(), now),
      () => mails.last('hash', now),
      () => mails.replace(undefined, newSignup(), { now, until: now }),
      () => mails.queue(newSignup()),
      () => signups.create(newSignup(), keyRecord(now), { notedUntil: now }),
      () => signups.get(randomness.id('sgn')),
      () => signups.countTry(randomness.id('sgn'), 5, now),
      () => signups.complete(completion(newSignup())),
    ]
  },
  'sites:history': (client) => [() => createSiteLists({ client, tables: tables() }).pageOfEvents(site, { limit: 1 })],
  'sites:read': (client) => {
    const sites = sitesOf(client)
    const lists = createSiteLists({ client, tables: tables() })
    return [
      () => sites.get(site),
      () => sites.findByHostname('a.example.net'),
      () => sites.isHostnameHeld('a.example.net'),
      () => sites.findReady({ cell: 'a', blueprint: 'welcome' }, 1),
      () => sites.countReady({ cell: 'a', blueprint: 'welcome' }),
      () => sites.listByAccount(newAccountId(), { limit: 1 }),
      () => drain(sites.listByStatus('active')),
      () => sites.statusPage('active', { limit: 1 }),
      () => drain(sites.listDue({ kind: 'operation', until: now })),
      () => sites.countDue({ kind: 'notice', until: now, atMost: 1 }),
      () => lists.pageByStatus(['active'], { limit: 1 }),
      () => lists.pageByDue(now, { limit: 1 }),
      () => lists.pageByWords(['bakery'], { limit: 1 }),
      () => lists.pageOfEvents(site, { limit: 1 }),
      () => sites.newestByStatus('failed', 1),
    ]
  },
  'sites:write': (client) => {
    const idempotency = keyRecord(now)
    const requested = request({ ownership: owner(), idempotency })
    const environmentOf = { siteId: site, name: 'qa' }
    return [
      () => createIdempotencyStore({ client, tables: tables() }).find(idempotency.key),
      () => sitesOf(client).commit(requested),
      () => sitesOf(client).commit(finish(requested.after)),
      () => sitesOf(client).commit(fail(requested.after)),
      () => sitesOf(client).commit(purgeSite(under(suspended({ environmentOf }), 'purge'), fixedContext())),
    ]
  },
}

/** Everything that the code behind these permissions asks of the tables. */
const accessesOf = async (permissions: readonly Capability[]): Promise<readonly ItemAccess[]> => {
  const asked: ItemAccess[] = []
  for (const permission of permissions) {
    const { client, accesses } = recordingItems(answers[permission])
    // An empty answer ends some of them early, and badly: after they have asked.
    for (const use of uses[permission]?.(client) ?? []) await use().catch(() => undefined)
    asked.push(...accesses)
  }
  return asked
}

const withItems = functions.flatMap(({ name, uses: capabilities }) =>
  capabilities.some((capability) => capability in uses) ? [[name, capabilities] as const] : [],
)

describe('the tables', () => {
  it.each(withItems)('let %s reach every item that its stores ask for', async (name, permissions) => {
    const statements = grantsOfFunction(template, name)
    const asked = await accessesOf(permissions)
    expect(asked.length).toBeGreaterThan(0)
    expect(asked.filter((access) => !allowsItems(statements, access))).toEqual([])
  })

  it('keep what a function has no permission for', async () => {
    const strangers: Readonly<Record<string, readonly Capability[]>> = {
      'record-step': ['sessions:read', 'accounts:read', 'signups:write'],
      'public-api': ['sites:write', 'runtime:start'],
      'operator-api': ['reconciliations:write', 'refusals:enter'],
      'reconcile-billing': ['reconciliations:request'],
      'mail-owner': ['sites:write', 'sessions:write', 'runtime:remove', 'audit:append', 'people:erase'],
      'owner-api': ['audit:read'],
    }
    for (const [name, permissions] of Object.entries(strangers)) {
      const statements: readonly Statement[] = grantsOfFunction(template, name)
      for (const permission of permissions) {
        const denied = (await accessesOf([permission])).filter((access) => !allowsItems(statements, access))
        expect([name, permission, denied.length > 0]).toEqual([name, permission, true])
      }
    }
  })
})
