import { defineFunction } from '../_runtime/define-function.ts'

export const admitWaiting = defineFunction({
  name: 'admit-waiting',
  triggers: [{ everyMinutes: 1, run: async () => (await import('./serve-waiting.ts')).serveWaiting }],
  uses: [
    'accounts:read',
    'leads:change',
    'mail:send',
    'rate-windows:read',
    'rate-windows:write',
    'refusals:enter',
    'signup-mails:send',
    'totals:read',
    'trials:read',
    'waiting-list:write',
    'people:erase',
  ],
  oneAtATime: true,
  timeout: 60,
  alarm: {
    feels:
      'People on the waiting list and those whose code is queued get no mail; deleted accounts are not erased; the audit log lacks refusals.',
    tolerated: 2,
  },
})

export const publishEvents = defineFunction({
  name: 'publish-events',
  triggers: [{ stream: true, run: async () => (await import('./publish-events.ts')).create }],
  uses: ['bus:publish'],
  timeout: 30,
  alarm: { feels: 'Welcome mails and refills of the pool come late.', tolerated: 2 },
})
