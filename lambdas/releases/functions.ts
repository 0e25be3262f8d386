import { gives, items, itemsBelow, only, type PortsIn, type Writing } from '../../adapters/dynamodb/access.ts'
import { eventSource } from '../../core/events/event-names.ts'
import { defineFunction, task, type WorkflowAlarms } from '../_runtime/define-function.ts'
import { configurationOperations } from '../configuration/operations.ts'
import { rolloutOperations } from './operations.ts'

const rollouts = async (writing: Writing) => (await import('./store.ts')).createRolloutStore(writing)

export const access = {
  'rollouts:read': gives(
    { rollouts: only(rollouts, 'list', 'listAll', 'read', 'readOfCell') },
    itemsBelow('main', ['GetItem', 'Query'], 'ROLLOUTS'),
  ),
  // Events of roll-outs are below the blueprint or the cell.
  'rollouts:write': gives(
    { rollouts },
    itemsBelow('main', ['GetItem', 'Query', 'PutItem'], 'ROLLOUTS'),
    items('main', ['PutItem'], 'ROLLOUT'),
    // Whether a cell takes new sites stands beside the counts of cells.
    itemsBelow('main', ['PutItem'], 'TOTALS'),
  ),
}

declare module '../_runtime/ports.ts' {
  interface TablePorts extends PortsIn<typeof access> {}
}

export const workflows = {
  'upgrade-site': {
    failed:
      'A site runs with its former version, and the roll-out counts it as failed; or it has the size of its previous plan.',
    timedOut: 'A site may run twice, or its visitors are asked to retry.',
  },
} satisfies WorkflowAlarms

declare module '../../core/ports/workflows.ts' {
  interface StateMachines extends Record<keyof typeof workflows, true> {}
}

/** Gives existing sites the version of a roll-out, or moves them out of a cell, in waves. */
export const advanceRollouts = defineFunction({
  name: 'advance-rollouts',
  triggers: [
    {
      everyMinutes: 1,
      // A site has got the version, or failed; an operator has acted; or too many sites failed as they woke, and the others go back.
      wokenBy: {
        source: [eventSource],
        'detail-type': ['SiteOperationEnded', 'RolloutStarted', 'RolloutChanged', 'RolloutHalted'],
        detail: { data: { operation: ['upgrade', { exists: false }] } },
      },
      run: async () => (await import('./advance-rollouts.ts')).advanceRollouts,
    },
  ],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'brake:read',
    'rollouts:write',
    'totals:place',
    'usage:read',
    'workflows:start',
  ],
  oneAtATime: true,
  timeout: 120,
  alarm: { feels: 'Nothing; existing sites get a new version late.', tolerated: 2 },
})

/** Apart from the other operations of staff: it alone of them changes what sites run, by roll-outs or for one site. */
export const rolloutApi = defineFunction({
  name: 'rollout-api',
  triggers: [
    {
      operations: [...Object.values(rolloutOperations), ...Object.values(configurationOperations)],
      answers: async () => (await import('./answers.ts')).rolloutAnswers,
      run: async () => (await import('./api.ts')).create,
    },
  ],
  uses: [
    'operators:verify',
    'audit:append',
    'refusals:count',
    'blueprints:read',
    'configurations:change',
    'secrets:seal',
    'rollouts:write',
    'sites:read',
    'sites:write',
    'totals:place',
    'workflows:start',
  ],
  timeout: 15,
  alarm: {
    feels:
      'Staff cannot start, pause or abort roll-outs, relocate or configure sites, or restore the data from before one.',
    tolerated: 0,
  },
})

export const leaveOldVersion = defineFunction({
  name: 'leave-old-version',
  triggers: [
    task('RequireImages', ['upgrade-site'], async () => (await import('./swap/require-images.ts')).requireImages),
    task('LeaveOldVersion', ['upgrade-site'], async () => (await import('./swap/swap-site.ts')).leaveFormer),
  ],
  uses: [
    'sites:read',
    'sites:write',
    'blueprints:read',
    'rollouts:read',
    'images:require',
    'secrets:open',
    'secrets:read',
    'runtime:start',
    'runtime:remove',
  ],
  timeout: 300,
  alarm: { feels: 'Nothing; sites keep their version, or run twice for a while, which costs money.', tolerated: 9 },
})
