import {
  items,
  itemsBelow,
  type OpenPort,
  only,
  type PortsIn,
  type TableAccesses,
  type Writing,
} from '../../adapters/dynamodb/access.ts'
import type { SiteStore } from '../../core/ports/stores.ts'

const evidence = async (writing: Writing) => (await import('./evidence/store.ts')).createEvidenceStore(writing)
const summaryLinks = async (writing: Writing) => (await import('./summary/store.ts')).createSummaryLinkStore(writing)
const sites = async (writing: Writing) =>
  (await import('../../adapters/dynamodb/site-store.ts')).createSiteStore(writing)
const readSites: OpenPort<Omit<SiteStore, 'commit'>> = sites
const siteLists = async (writing: Writing) =>
  (await import('../../adapters/dynamodb/site-lists.ts')).createSiteLists(writing)
const totals = async (writing: Writing) =>
  (await import('../../adapters/dynamodb/site-totals.ts')).createSiteTotals(writing)
const cellCounts = async (writing: Writing) =>
  (await import('../../adapters/dynamodb/site-totals.ts')).createCellCounts(writing)
const idempotency = async (writing: Writing) =>
  (await import('../../adapters/dynamodb/idempotency.ts')).createIdempotencyStore(writing)

export const access = {
  // A writer removes the oldest entries of the same site.
  'evidence:erase': {
    ports: { evidence: only(evidence, 'erase') },
    items: [items('short', ['Query', 'DeleteItem'], 'EVIDENCE')],
  },
  'evidence:keep': {
    ports: { evidence: only(evidence, 'keep') },
    items: [items('short', ['Query', 'PutItem', 'DeleteItem'], 'EVIDENCE')],
  },
  'evidence:read': {
    ports: { evidence: only(evidence, 'list', 'recent') },
    items: [items('short', ['Query'], 'EVIDENCE')],
  },
  // The events of a site are below it.
  'sites:history': {
    ports: { siteLists: only(siteLists, 'pageOfEvents') },
    items: [items('main', ['Query'], 'SITE')],
  },
  // In the indexes, which `sites:read` may query.
  'sites:list': { ports: { siteLists }, items: [] },
  'sites:read': {
    ports: { sites: readSites },
    items: [items('main', ['GetItem'], 'SITE', 'HOST'), items('main', ['Query'], 'SITE')],
    queries: [{ indexes: ['byAccount', 'byStatus', 'readyPool', 'due'] }],
  },
  'sites:write': {
    ports: { sites, idempotency },
    items: [
      items('main', ['GetItem'], 'SITE'),
      // The account's trial, which a failed build gives back.
      items('main', ['PutItem'], 'SITE', 'HOST', 'ACCOUNT'),
      items('main', ['DeleteItem'], 'ACCOUNT'),
      // Hostnames of erased accounts, and whether an account is closed.
      items('main', ['ConditionCheckItem'], 'HOST', 'ACCOUNT'),
      items('short', ['GetItem', 'PutItem'], 'IDEMPOTENCY'),
    ],
  },
  'summary-links:read': {
    ports: { summaryLinks: only(summaryLinks, 'find') },
    items: [items('short', ['GetItem'], 'SUMMARY')],
  },
  'summary-links:write': {
    ports: { summaryLinks },
    items: [items('short', ['GetItem', 'Query', 'PutItem', 'DeleteItem'], 'SUMMARY')],
  },
  // The counts of cells are stored beside the totals.
  'totals:cells': {
    ports: { cellCounts: only(cellCounts, 'read', 'write') },
    items: [itemsBelow('main', ['Query', 'PutItem'], 'TOTALS')],
  },
  'totals:place': {
    ports: { cellCounts: only(cellCounts, 'read', 'add') },
    items: [itemsBelow('main', ['Query', 'UpdateItem'], 'TOTALS')],
  },
  'totals:read': {
    ports: { totals: only(totals, 'read', 'days'), cellCounts: only(cellCounts, 'read') },
    items: [itemsBelow('main', ['Query'], 'TOTALS')],
  },
  // Each site's last count is stored beside the totals.
  'totals:write': {
    ports: { totals },
    items: [items('main', ['GetItem', 'PutItem'], 'SITE'), itemsBelow('main', ['UpdateItem'], 'TOTALS')],
  },
} satisfies TableAccesses

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}
