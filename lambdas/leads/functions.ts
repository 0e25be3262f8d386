import { gives, items, only, type PortsIn, query, type Writing } from '../../adapters/dynamodb/access.ts'
import { siteStatusEvents } from '../../core/events/event-names.ts'
import { defineFunction } from '../_runtime/define-function.ts'
import { onEvents, onOwnersEvents, onRelocations } from '../_runtime/patterns.ts'
import { leadOperations } from './operations.ts'

// Accounts as leads of sales.

const leads = async (writing: Writing) => (await import('./store.ts')).createLeadStore(writing)
const leadLists = async (writing: Writing) => (await import('./store.ts')).createLeadLists(writing)

/** Events of leads are below them. */
export const access = {
  'leads:change': gives({ leads: only(leads, 'get', 'save') }, items('main', ['GetItem', 'PutItem'], 'LEAD')),
  'leads:follow': gives(
    { leads },
    items('main', ['GetItem', 'PutItem', 'DeleteItem'], 'LEAD'),
    query(['due'], 'DUE#lead'),
  ),
  'leads:list': gives({ leadLists }, query(['byAccount', 'byStatus', 'readyPool'], 'LEAD')),
  'leads:read': gives({ leads: only(leads, 'get') }, items('main', ['GetItem'], 'LEAD')),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}

const follow = async () => (await import('./follow-leads.ts')).followLeadOf

/** Scores leads: at once when something happens to them, and when time changes their score. */
export const followLeads = defineFunction({
  name: 'follow-leads',
  triggers: [
    { everyMinutes: 1, startsLater: true, run: async () => (await import('./follow-leads.ts')).followDueLeads },
    {
      events: onOwnersEvents(
        ...siteStatusEvents,
        'TrialExtended',
        'SiteBillingChanged',
        'SitePlanChanged',
        'SiteStorageNoted',
        // Since then a contract counts.
        'RelocationConfirmed',
      ),
      run: follow,
    },
    {
      events: onEvents('AccountOpened', 'AccountClosed', 'AccountReopened', 'AccountErased', 'ContactRequested'),
      run: follow,
    },
  ],
  uses: ['accounts:read', 'leads:follow', 'readings:read', 'reports:record', 'sites:read', 'usage:read'],
  timeout: 120,
  alarm: { feels: 'Nothing; sales see leads with old scores.', tolerated: 2 },
})

/** Apart from the other operations of staff: it alone of them can read and change leads. */
export const leadApi = defineFunction({
  name: 'lead-api',
  triggers: [
    {
      operations: Object.values(leadOperations),
      answers: async () => (await import('./answers.ts')).leadAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: ['operators:verify', 'audit:append', 'refusals:count', 'accounts:read', 'leads:change', 'leads:list'],
  timeout: 15,
  alarm: { feels: 'Sales cannot see or change leads.', tolerated: 0 },
})

export const mailSales = defineFunction({
  name: 'mail-sales',
  triggers: [
    { events: onEvents('ContactRequested'), run: async () => (await import('./mail-sales.ts')).mailContactRequest },
    {
      events: onOwnersEvents('RelocationAccepted', 'RelocationMissed'),
      run: async () => (await import('../relocations/mail-staff.ts')).mailRelocation,
    },
    {
      events: onRelocations('SiteUpgraded', 'SitePlanChanged', 'SiteArchived'),
      run: async () => (await import('../relocations/mail-staff.ts')).mailRelocation,
    },
    { everyMinutes: 60, startsLater: true, run: async () => (await import('./mail-sales.ts')).mailDigests },
  ],
  uses: ['accounts:read', 'leads:list', 'leads:read', 'mail:send', 'rate-windows:read', 'rate-windows:write'],
  timeout: 60,
  alarm: { feels: 'Sales are not told who wants to talk to them, and get no daily digest.', tolerated: 2 },
})
