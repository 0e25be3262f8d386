import { defineFunction } from '../_runtime/define-function.ts'
import type { NoteRefusalPorts } from '../leads/note-refusal.ts'
import type { EnterRefusalsPorts } from '../operators/audit/refusals.ts'

/** Every minute, what waits for its turn: the waiting list, queued codes, refusals for the audit log, and people to erase. */
export const admitWaiting = defineFunction({
  name: 'admit-waiting',
  triggers: [
    { everyMinutes: 1, run: async () => (await import('../trials/waiting-list/admit-waiting.ts')).admitWaiting },
    { everyMinutes: 1, run: async () => (await import('../signup/mail-code.ts')).mailQueuedCodes },
    {
      everyMinutes: 1,
      run: async () => {
        const [{ enterRefusals }, { noteRefusal }] = await Promise.all([
          import('../operators/audit/refusals.ts'),
          import('../leads/note-refusal.ts'),
        ])
        return (ports: EnterRefusalsPorts & NoteRefusalPorts) =>
          enterRefusals(ports, (refusal) => noteRefusal(ports, refusal))
      },
    },
    { everyMinutes: 1, run: async () => (await import('../accounts/erase-people.ts')).erasePeople },
  ],
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
