import {
  gives,
  items,
  itemsBelow,
  type OpenPort,
  only,
  type PortsIn,
  query,
  type Writing,
} from '../../adapters/dynamodb/access.ts'
import { siteStatusEvents } from '../../core/events/event-names.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { defineFunction } from '../_runtime/define-function.ts'
import { onEnvironments, onEvents, onFailedWakes, onOwnersEvents, onRelocations } from '../_runtime/patterns.ts'
import type { PlatformPorts } from '../_runtime/ports.ts'
import { logOperations } from './logs/operations.ts'
import { ownerOperations } from './operations.ts'

const evidence = async (writing: Writing) => (await import('./store.ts')).createEvidenceStore(writing)
const summaryLinks = async (writing: Writing) => (await import('./store.ts')).createSummaryLinkStore(writing)
const sites = async (writing: Writing) =>
  (await import('../../adapters/dynamodb/site-store.ts')).createSiteStore(writing)
const readSites: OpenPort<Omit<SiteStore, 'commit'>> = sites
const siteLists = async (writing: Writing) =>
  (await import('../../adapters/dynamodb/site-lists.ts')).createSiteLists(writing)
const totals = async (writing: Writing) =>
  (await import('../../adapters/dynamodb/site-totals.ts')).createSiteTotals(writing)
const cellCounts = async (writing: Writing) =>
  (await import('../../adapters/dynamodb/cell-counts.ts')).createCellCounts(writing)
const idempotency = async (writing: Writing) =>
  (await import('../../adapters/dynamodb/idempotency.ts')).createIdempotencyStore(writing)

export const access = {
  // A writer removes the oldest entries of the same site.
  'evidence:erase': gives({ evidence: only(evidence, 'erase') }, items('short', ['Query', 'DeleteItem'], 'EVIDENCE')),
  'evidence:keep': gives(
    { evidence: only(evidence, 'keep') },
    items('short', ['Query', 'PutItem', 'DeleteItem'], 'EVIDENCE'),
  ),
  'evidence:read': gives({ evidence: only(evidence, 'list', 'recent') }, items('short', ['Query'], 'EVIDENCE')),
  // The events of a site are below it.
  'sites:history': gives({ siteLists: only(siteLists, 'pageOfEvents') }, items('main', ['Query'], 'SITE')),
  // In the indexes, which `sites:read` may query.
  'sites:list': gives({ siteLists }),
  'sites:read': gives(
    { sites: readSites },
    items('main', ['GetItem'], 'SITE', 'HOST'),
    items('main', ['Query'], 'SITE'),
    query(['byAccount', 'byStatus', 'readyPool', 'due']),
  ),
  'sites:write': gives(
    { sites, idempotency },
    items('main', ['GetItem'], 'SITE'),
    // The account's trial, which a failed build gives back, and the hostname of an environment, which goes with it.
    items('main', ['PutItem'], 'SITE', 'HOST', 'ACCOUNT'),
    items('main', ['DeleteItem'], 'HOST', 'ACCOUNT'),
    // Hostnames of erased accounts, and whether an account is closed.
    items('main', ['ConditionCheckItem'], 'HOST', 'ACCOUNT'),
    items('short', ['GetItem', 'PutItem'], 'IDEMPOTENCY'),
  ),
  'summary-links:read': gives({ summaryLinks: only(summaryLinks, 'find') }, items('short', ['GetItem'], 'SUMMARY')),
  'summary-links:write': gives(
    { summaryLinks },
    items('short', ['GetItem', 'Query', 'PutItem', 'DeleteItem'], 'SUMMARY'),
  ),
  // The counts of cells are stored beside the totals.
  'totals:cells': gives(
    { cellCounts: only(cellCounts, 'read', 'write') },
    itemsBelow('main', ['Query', 'PutItem'], 'TOTALS'),
  ),
  'totals:place': gives(
    { cellCounts: only(cellCounts, 'read', 'add') },
    itemsBelow('main', ['Query', 'UpdateItem'], 'TOTALS'),
  ),
  'totals:read': gives(
    { totals: only(totals, 'read', 'days'), cellCounts: only(cellCounts, 'read') },
    itemsBelow('main', ['Query'], 'TOTALS'),
  ),
  // Each site's last count is stored beside the totals.
  'totals:write': gives(
    { totals },
    items('main', ['GetItem', 'PutItem'], 'SITE'),
    itemsBelow('main', ['UpdateItem'], 'TOTALS'),
  ),

  // Items of the platforms, which open these ports themselves.
  // Which messages were sent or dropped, and what became of them.
  'mail:find': gives({}, items('short', ['Query'], 'MAIL')),
  'mail:send': gives({}, items('short', ['GetItem', 'PutItem'], 'MAIL')),
  'readings:read': gives({}, items('main', ['GetItem'], 'SITE')),
  // The port of each site of a cell.
  'runtime:read': gives({}, items('main', ['GetItem', 'Query'], 'PORTS')),
  'runtime:observe': gives({}, items('main', ['GetItem'], 'PORTS')),
  'runtime:run': gives({}, items('main', ['GetItem', 'Query', 'PutItem'], 'PORTS')),
  'runtime:start': gives({}, items('main', ['GetItem', 'Query', 'PutItem'], 'PORTS')),
  'runtime:remove': gives({}, items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'PORTS')),
  'runtime:stop': gives({}, items('main', ['GetItem', 'PutItem'], 'PORTS')),
  // The ids of access points are stored beside the ports.
  'storage:prepare': gives({}, items('main', ['GetItem', 'PutItem'], 'PORTS')),
  // The file system of the cell is, too. A job on the data of a dormant site makes its access point again.
  'archiver:run': gives({}, items('main', ['GetItem', 'PutItem'], 'PORTS')),
  'storage:measure': gives({}, items('main', ['GetItem'], 'PORTS')),
  'storage:remove': gives({}, items('main', ['GetItem', 'Query', 'PutItem', 'DeleteItem'], 'PORTS')),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}

export const countSites = defineFunction({
  name: 'count-sites',
  triggers: [
    {
      events: onOwnersEvents(...siteStatusEvents, 'SitePlanChanged'),
      run: async () => (await import('./claim/count-site.ts')).countSite,
    },
  ],
  uses: ['totals:write', 'rate-windows:write', 'waiting-list:write'],
  timeout: 30,
  alarm: { feels: 'Nothing; the rate limit of ending trials uses old numbers.', tolerated: 2 },
})

export const ownerApi = defineFunction({
  name: 'owner-api',
  triggers: [
    {
      operations: Object.values(ownerOperations),
      answers: async () => (await import('../accounts/answers.ts')).accountAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'sessions:read',
    'sessions:write',
    'team:read',
    'leads:change',
    'sites:history',
    'sites:read',
    'sites:write',
    'blueprints:read',
    'configurations:read',
    'rollouts:read',
    'workflows:start',
    'archives:link',
    'readings:read',
    'refusals:count',
    'rate-windows:read',
    'rate-windows:write',
    'totals:place',
    'totals:read',
    'trials:read',
    'trials:admit',
    'waiting-list:write',
    'accounts:read',
    'accounts:write',
    'payments:call',
    'domains:check',
    'domains:read',
    'domains:write',
    'entrances:open',
    'summary-links:write',
    'usage:read',
  ],
  processesReserved: 50,
  timeout: 15,
  alarm: { feels: 'Owners cannot see or create their sites.', tolerated: 0 },
})

const mail = async () => (await import('./mail-owner.ts')).mailOwner

export const mailOwner = defineFunction({
  name: 'mail-owner',
  triggers: [
    {
      events: onOwnersEvents(
        'SiteClaimed',
        'PreparedSiteClaimed',
        'SiteRequested',
        'SiteFailed',
        'SiteReminded',
        'SiteSuspended',
        'SiteArchived',
        'SiteWarned',
        'SitePurged',
        'SiteRestored',
        'TrialExtended',
        'SiteDeletionRequested',
        'SiteStorageNoted',
        'SiteDown',
        'SiteBillingChanged',
        'SitePlanChanged',
        'SiteResumed',
        'SitePaymentReturned',
        'SiteSupportEntered',
        'RelocationDrafted',
        'RelocationAccepted',
        'RelocationAnnounced',
        'RelocationMissed',
        'RelocationWithdrawn',
      ),
      run: mail,
    },
    { events: onEnvironments('SiteReminded', 'SiteSuspended', 'SiteSupportEntered'), run: mail },
    { events: onFailedWakes, run: mail },
    { events: onRelocations('SiteUpgraded', 'SitePlanChanged'), run: mail },
    {
      // Of all mails, also those of other functions.
      platformEvents: {
        source: ['aws.ses'],
        'detail-type': ['Email Bounced', 'Email Complaint Received', 'Email Rejected'],
      },
      run:
        async () =>
        async ({ noteMailOutcome }: PlatformPorts['mail:send'], detail: unknown) =>
          noteMailOutcome(detail),
    },
    {
      events: { ...onEvents('PaymentNoticed'), detail: { data: { type: ['checkout.session.async_payment_failed'] } } },
      run: mail,
    },
  ],
  uses: ['sites:read', 'accounts:read', 'mail:send'],
  timeout: 30,
  alarm: { feels: 'Owners do not get the mail about their site.', tolerated: 2 },
})

/** Apart from the other operations: it alone of them has the sites' secrets, which it hides from readers. */
export const logApi = defineFunction({
  name: 'log-api',
  triggers: [
    {
      operations: Object.values(logOperations),
      answers: async () => (await import('./logs/operations.ts')).logAnswers,
      run: async () => (await import('./logs/api.ts')).create,
    },
  ],
  uses: [
    'operators:verify',
    'sessions:read',
    'audit:append',
    'refusals:count',
    'sites:read',
    'blueprints:read',
    'secrets:open',
    'secrets:read',
    'runtime:observe',
  ],
  timeout: 29,
  alarm: { feels: 'Staff and owners cannot read the output of sites.', tolerated: 0 },
})

export const fillPool = defineFunction({
  name: 'fill-pool',
  triggers: [
    {
      everyMinutes: 1,
      // SiteFailed is no trigger: the next build would fail for the same reason, so the clock retries later.
      wokenBy: onEvents('SiteClaimed', 'PreparedSiteClaimed', 'SiteStocked', 'SiteRetired', 'RolloutHalted'),
      run: async () => (await import('./pool/fill-pool.ts')).fillPool,
    },
  ],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:list',
    'blueprints:read',
    'rollouts:read',
    'rate-windows:read',
    'totals:place',
    'workflows:start',
  ],
  oneAtATime: true,
  timeout: 60,
  alarm: { feels: 'Nothing at first; later, sign-ups wait for a site to be built.', tolerated: 2 },
})
