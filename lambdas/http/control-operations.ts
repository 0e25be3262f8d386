import * as z from 'zod'
import { takesNothing } from '../_runtime/operation.ts'
import { line } from './input-forms.ts'

const everybody = ['support', 'sales', 'admin'] as const
const support = ['support', 'admin'] as const
const admin = ['admin'] as const

const reason = line(500).meta({ description: 'The reason, for the history. Do not include personal data.' })
const version = z.int().positive()

/** Operators' operations on the installation, with their roles. */
export const controlOperations = {
  operatorGetBrake: {
    ...takesNothing,
    id: 'operatorGetBrake',
    method: 'GET',
    path: '/v1/operator/brake',
    audience: 'operator',
    roles: everybody,
    summary: 'Get the brake, the number of due endings and their rate limit.',
    errors: [],
  },
  operatorReleaseBrake: {
    ...takesNothing,
    id: 'operatorReleaseBrake',
    method: 'POST',
    path: '/v1/operator/brake/release',
    audience: 'operator',
    roles: admin,
    summary: 'Release the brake. All endings that are due now count as expected.',
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
    summary: "Pull the brake: stop all endings by deadline. Notices and owners' deletions continue.",
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
    summary: 'Get the number of trials, their limit and the length of the waiting list.',
    errors: [],
  },
  operatorSetTrials: {
    ...takesNothing,
    id: 'operatorSetTrials',
    method: 'PUT',
    path: '/v1/operator/trials',
    audience: 'operator',
    roles: support,
    summary: 'Pause or resume new trials. While paused, new requests go to the waiting list.',
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
    summary: 'Latest billing reconciliation report.',
    errors: [],
  },
  operatorReconcileBilling: {
    ...takesNothing,
    id: 'operatorReconcileBilling',
    method: 'POST',
    path: '/v1/operator/billing/reconcile',
    audience: 'operator',
    roles: support,
    summary: 'Start a billing reconciliation. It repairs differences; concurrent requests share one run.',
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
    summary: 'Move one page of sites to another version of the trial policy, or preview the changes.',
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
