import * as z from 'zod'
import { takesNothing } from '../_runtime/operation.ts'
import { line } from './input-forms.ts'

const everybody = ['support', 'sales', 'admin'] as const
const support = ['support', 'admin'] as const
const admin = ['admin'] as const

const reason = line(500).meta({ description: 'Why, for the history; name nobody in it.' })
const version = z.int().positive()

/** What operators may do with the place as a whole, and which of them. */
export const controlOperations = {
  operatorGetBrake: {
    ...takesNothing,
    id: 'operatorGetBrake',
    method: 'GET',
    path: '/v1/operator/brake',
    audience: 'operator',
    roles: everybody,
    summary: 'Is what the clock takes away stopped, how much of it is due, and how fast may it go?',
    errors: [],
  },
  operatorReleaseBrake: {
    ...takesNothing,
    id: 'operatorReleaseBrake',
    method: 'POST',
    path: '/v1/operator/brake/release',
    audience: 'operator',
    roles: admin,
    summary: 'Let the clock go on. What is due now counts as expected from here on.',
    body: z.strictObject({ reason }),
    errors: ['VersionConflict'],
  },
  operatorPullBrake: {
    ...takesNothing,
    id: 'operatorPullBrake',
    method: 'POST',
    path: '/v1/operator/brake/pull',
    audience: 'operator',
    roles: support,
    summary: 'Stop what the clock takes away. Owners are still told, and their own deletions go on.',
    body: z.strictObject({ reason }),
    errors: ['VersionConflict'],
  },
  operatorGetTrials: {
    ...takesNothing,
    id: 'operatorGetTrials',
    method: 'GET',
    path: '/v1/operator/trials',
    audience: 'operator',
    roles: everybody,
    summary: 'How many trials there are, how many more there may be, and how many people wait.',
    errors: [],
  },
  operatorSetTrials: {
    ...takesNothing,
    id: 'operatorSetTrials',
    method: 'PUT',
    path: '/v1/operator/trials',
    audience: 'operator',
    roles: support,
    summary: 'Pause new trials, or let them go on. Who asks for one while they are paused is put on the waiting list.',
    body: z.strictObject({ paused: z.boolean(), reason }),
    errors: ['VersionConflict'],
  },
  operatorGetBilling: {
    ...takesNothing,
    id: 'operatorGetBilling',
    method: 'GET',
    path: '/v1/operator/billing',
    audience: 'operator',
    roles: everybody,
    summary: 'What holding our records against all subscriptions of Stripe has found last.',
    errors: [],
  },
  operatorReconcileBilling: {
    ...takesNothing,
    id: 'operatorReconcileBilling',
    method: 'POST',
    path: '/v1/operator/billing/reconcile',
    audience: 'operator',
    roles: support,
    summary: 'Ask for that to be done now. What has drifted is repaired; several who ask meanwhile share a run.',
    body: z.strictObject({ reason }),
    errors: ['VersionConflict'],
  },
  operatorMovePolicy: {
    ...takesNothing,
    id: 'operatorMovePolicy',
    method: 'POST',
    path: '/v1/operator/policies/move',
    audience: 'operator',
    roles: admin,
    summary:
      'Move the sites of one page from one version of the trial policy to another, or show what that would change.',
    body: z.strictObject({
      from: version,
      to: version,
      dryRun: z.boolean(),
      reason,
      cursor: z.string().max(2000).optional(),
    }),
    errors: ['VersionConflict'],
  },
} as const
