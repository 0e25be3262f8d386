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
import type { SiteStore } from '../../core/ports/stores.ts'

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
  // Which messages were sent or dropped.
  'mail:find': gives({}, items('short', ['GetItem'], 'MAIL')),
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
