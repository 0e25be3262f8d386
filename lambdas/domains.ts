import { defineFunction } from './_runtime/define-function.ts'
import { onEvents } from './_runtime/patterns.ts'

// Owners' own domains.

export const checkDomains = defineFunction({
  name: 'check-domains',
  triggers: [
    {
      everyMinutes: 1,
      startsLater: true,
      run: async () => (await import('../core/domains/check-domains.ts')).checkDomains,
    },
  ],
  uses: ['sites:read', 'domains:check', 'domains:read', 'domains:write', 'domains:serve'],
  oneAtATime: true,
  // DNS servers that do not answer take their time.
  timeout: 300,
  alarm: { feels: "Owners' own domains are verified, served and warned about late.", tolerated: 2 },
})

export const followSiteDomains = defineFunction({
  name: 'follow-site-domains',
  triggers: [
    {
      events: onEvents('SitePlanChanged', 'SitePurged'),
      run: async () => (await import('./events/subscribers.ts')).followSiteDomains,
    },
  ],
  uses: ['sites:read', 'domains:check', 'domains:read', 'domains:write'],
  timeout: 300,
  alarm: { feels: 'Nothing; domains are warned about, or released, some hours late.', tolerated: 2 },
})

export const mailDomain = defineFunction({
  name: 'mail-domain',
  triggers: [
    {
      events: onEvents('CustomDomainVerified', 'CustomDomainReleasing', 'CustomDomainReleased'),
      run: async () => (await import('./events/mail-domain.ts')).mailDomain,
    },
  ],
  uses: ['sites:read', 'domains:read', 'accounts:read', 'mail:send'],
  timeout: 30,
  alarm: { feels: 'Owners do not hear what becomes of their domains.', tolerated: 2 },
})

export const withdrawDomain = defineFunction({
  name: 'withdraw-domain',
  triggers: [
    {
      events: onEvents('CustomDomainReleased'),
      run: async () => (await import('./events/subscribers.ts')).withdrawReleasedDomain,
    },
  ],
  uses: ['domains:read', 'domains:serve'],
  timeout: 60,
  alarm: { feels: 'Nothing; CloudFront goes on answering for domains that nobody has.', tolerated: 9 },
})
