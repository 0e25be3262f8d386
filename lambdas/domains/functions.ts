import { gives, items, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'
import { defineFunction } from '../_runtime/define-function.ts'
import { onEvents, onSite } from '../_runtime/patterns.ts'

// Owners' custom domains.

const domains = async (writing: Writing) => (await import('./store.ts')).createDomainStore(writing)

/** Custom domains are stored below their sites; released domains and events of domains have partitions of their own. */
export const access = {
  'domains:read': gives(
    { domains },
    items('main', ['GetItem'], 'SITE', 'HOST', 'DOMAIN'),
    items('main', ['Query'], 'SITE'),
  ),
  'domains:write': gives(
    { domains },
    items('main', ['GetItem'], 'DOMAIN'),
    items('main', ['PutItem'], 'SITE', 'HOST', 'DOMAIN'),
    items('main', ['DeleteItem'], 'SITE', 'HOST'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}

export const checkDomains = defineFunction({
  name: 'check-domains',
  triggers: [
    { everyMinutes: 1, startsLater: true, run: async () => (await import('./check-domains.ts')).checkDomains },
  ],
  uses: ['sites:read', 'domains:check', 'domains:read', 'domains:write', 'domains:serve'],
  oneAtATime: true,
  // DNS servers may answer slowly or not at all.
  timeout: 300,
  alarm: { feels: "Owners' domains are verified late, work late, or their owners are warned late.", tolerated: 2 },
})

export const followSiteDomains = defineFunction({
  name: 'follow-site-domains',
  triggers: [
    {
      events: onEvents('SitePlanChanged', 'SitePurged'),
      run: async () => onSite((await import('./check-domains.ts')).followSite),
    },
    {
      events: onEvents('CustomDomainVerified', 'CustomDomainReleased'),
      run: async () => onSite((await import('./follow-url.ts')).followUrl),
    },
  ],
  uses: ['sites:read', 'sites:write', 'blueprints:read', 'domains:check', 'domains:read', 'domains:write'],
  timeout: 300,
  alarm: {
    feels: 'Products do not learn of custom domains; warnings about domains and their removal come some hours late.',
    tolerated: 2,
  },
})

export const mailDomain = defineFunction({
  name: 'mail-domain',
  triggers: [
    {
      events: onEvents('CustomDomainVerified', 'CustomDomainReleasing', 'CustomDomainReleased'),
      run: async () => (await import('./mail-domain.ts')).mailDomain,
    },
  ],
  uses: ['sites:read', 'domains:read', 'accounts:read', 'mail:send'],
  timeout: 30,
  alarm: { feels: 'Owners get no mail about their domains.', tolerated: 2 },
})

export const withdrawDomain = defineFunction({
  name: 'withdraw-domain',
  triggers: [
    {
      events: onEvents('CustomDomainReleased'),
      run: async () => (await import('./check-domains.ts')).withdrawReleasedDomain,
    },
    { everyMinutes: 60, startsLater: true, run: async () => (await import('./check-domains.ts')).withdrawLeftDomains },
  ],
  uses: ['domains:read', 'domains:serve'],
  timeout: 300,
  alarm: { feels: 'Nothing; CloudFront still answers for removed domains.', tolerated: 9 },
})
