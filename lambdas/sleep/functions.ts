import { gives, items, itemsBelow, type PortsIn, query, type Writing } from '../../adapters/dynamodb/access.ts'
import { defineFunction, task, type WorkflowAlarms } from '../_runtime/define-function.ts'
import { onEvents, onSite, onSleepersOperations } from '../_runtime/patterns.ts'

// When sites sleep, and how they wake.

const idleChecks = async (writing: Writing) => (await import('./store.ts')).createIdleChecks(writing)

export const access = {
  // Checks of idle sites, and the last sweep.
  'idle:check': gives(
    { idleChecks },
    items('main', ['PutItem', 'DeleteItem'], 'IDLE'),
    itemsBelow('main', ['GetItem', 'PutItem'], 'IDLE-SWEEP'),
    query(['due'], 'DUE#idle'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}

export const workflows = {
  'sleep-site': { failed: 'Nothing; a site that nobody uses keeps running.' },
  'dormancy-site': { failed: 'Nothing; a site that sleeps counts against quotas.' },
  'wake-site': { failed: 'Visitors do not reach a site that sleeps.' },
} satisfies WorkflowAlarms

declare module '../../core/ports/workflows.ts' {
  interface StateMachines extends Record<keyof typeof workflows, true> {}
}

/** Its commits are conditional, so concurrent calls are safe. */
export const sleepIdleSites = defineFunction({
  name: 'sleep-idle-sites',
  triggers: [
    { everyMinutes: 1, run: async () => (await import('./sleep-idle-sites.ts')).sleepIdleSites },
    {
      // Of environments too, whose events name no account.
      events: onEvents(
        'SiteOpened',
        'SiteClaimed',
        'SiteResumed',
        'SiteRestored',
        'SiteWoke',
        'SiteFellAsleep',
        'SitePlanChanged',
        'SiteSleepChosen',
        'SiteUpgraded',
        'SiteVersionAssigned',
      ),
      run: async () => onSite((await import('./follow-use.ts')).followUse),
    },
    {
      // A copy, or a wake that failed, has made some of what a dormant site had given back.
      events: onSleepersOperations('copy', 'wake'),
      run: async () => onSite((await import('./follow-use.ts')).followSleeper),
    },
  ],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'usage:read',
    'totals:read',
    'brake:read',
    'idle:check',
    'workflows:start',
  ],
  timeout: 300,
  alarm: { feels: 'Nothing; sites that nobody uses keep running and cost money.', tolerated: 2 },
})

export const wakeSiteOnRequest = defineFunction({
  name: 'wake-site-on-request',
  triggers: [{ calledBy: 'router', run: async () => (await import('./wake-site.ts')).wakeOnRequest }],
  uses: ['sites:read', 'sites:write', 'rate-windows:write', 'workflows:start'],
  processesReserved: 50,
  timeout: 30,
  alarm: { feels: 'Sites that sleep do not wake: visitors get a page that says so.', tolerated: 2 },
})

/** Checks that nobody uses the site, and then commits that it sleeps. */
export const fallAsleep = defineFunction({
  name: 'fall-asleep',
  triggers: [task('FallAsleep', ['sleep-site'], async () => (await import('./sleep-site.ts')).putToSleep)],
  uses: ['sites:read', 'sites:write', 'usage:read', 'workflows:start'],
  timeout: 60,
  alarm: { feels: 'Nothing; sites that nobody uses keep running and cost money.', tolerated: 9 },
})
