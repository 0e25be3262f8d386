import { defineFunction, type WorkflowAlarms } from '../_runtime/define-function.ts'
import { onOwnersEvents, onSite } from '../_runtime/patterns.ts'
import { greetingOperations } from './operations.ts'

export { access } from './access.ts'

// An example of a capability: a site that gets an owner is greeted, and its owner can read the greeting.

export const workflows = {
  'greet-site': { failed: 'Nothing.', timedOut: 'Nothing.', todo: 'Read the log of greet-site.' },
} satisfies WorkflowAlarms

declare module '../../core/ports/workflows.ts' {
  interface StateMachines extends Record<keyof typeof workflows, true> {}
}

export const greetSites = defineFunction({
  name: 'greet-sites',
  triggers: [
    {
      events: onOwnersEvents('SiteClaimed'),
      run: async () => onSite((await import('./greet-site.ts')).beginGreeting),
    },
    {
      task: 'GreetSite',
      machines: ['greet-site'],
      run: async () => (await import('./greet-site.ts')).greetSite,
    },
  ],
  uses: ['greetings:write', 'workflows:start'],
  timeout: 30,
  alarm: { feels: 'Nothing; a site is not greeted.', todo: 'Read the log of the function.', tolerated: 2 },
})

export const greetingApi = defineFunction({
  name: 'greeting-api',
  triggers: [
    {
      operations: Object.values(greetingOperations),
      answers: async () => (await import('./answers.ts')).greetingAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: ['sessions:read', 'refusals:count', 'sites:read', 'greetings:read'],
  timeout: 15,
  alarm: { feels: 'Owners cannot read the greeting of a site.', todo: 'Read the log of the function.', tolerated: 0 },
})
