import * as z from 'zod'
import { forOperators } from '../_runtime/operation.ts'
import { line, siteParams } from '../http/input-forms.ts'
import { maxFailures, waveSchema } from './rollout.ts'

const reason = line(500).describe('The reason, for the history. Do not include personal data.')

const rolloutAct = {
  params: z.object({
    blueprint: z.string().max(31).describe('The name of the blueprint, or `cell:` and the name of a cell.'),
  }),
  body: z.strictObject({ reason }),
  errors: ['NotFound', 'TransitionNotAllowed', 'VersionConflict'],
} as const

const waves = z.array(waveSchema).max(10).optional()
const failureBudget = z
  .int()
  .min(0)
  .max(maxFailures)
  .optional()
  .describe('How many sites may fail before it halts. Default: one in a hundred, and at least one.')

const leaveCell = {
  roles: ['admin'],
  params: z.object({ cell: z.string().max(31) }),
  errors: ['NotFound', 'TransitionNotAllowed', 'VersionConflict'],
} as const

export const rolloutOperations = forOperators({
  operatorListRollouts: {
    get: '/v1/operator/rollouts',
    roles: ['support', 'admin'],
    summary: 'List the last roll-out of each blueprint and of each cell.',
  },
  operatorStartRollout: {
    post: '/v1/operator/rollouts',
    roles: ['admin'],
    summary: 'Start a roll-out: move the existing sites of a blueprint to a version, in waves.',
    body: z.strictObject({
      blueprint: z.string().max(31),
      version: z.int().positive(),
      waves: waves.describe(
        'How many sites have the version after each wave; the rest follows. Default: 1 site, 5 %, 25 %.',
      ),
      failureBudget,
      security: z
        .boolean()
        .default(false)
        .describe('For a version that closes a hole: fewer waves (1 site, 25 %), watched for a minute at most.'),
      acceptIncompatibleData: z
        .boolean()
        .default(false)
        .describe(
          'For a former version: sites go down to it although a later version is not `backwardCompatible`. Their data is copied first.',
        ),
      reason,
    }),
    errors: ['NotFound', 'TransitionNotAllowed', 'VersionConflict'],
  },
  operatorPauseRollout: {
    ...rolloutAct,
    post: '/v1/operator/rollouts/{blueprint}/pause',
    roles: ['support', 'admin'],
    summary: 'Pause a roll-out. Upgrades that are in progress finish.',
  },
  operatorResumeRollout: {
    ...rolloutAct,
    post: '/v1/operator/rollouts/{blueprint}/resume',
    roles: ['admin'],
    summary: 'Resume a roll-out that is paused or has halted. Its failures so far are accepted.',
  },
  operatorAbortRollout: {
    ...rolloutAct,
    post: '/v1/operator/rollouts/{blueprint}/abort',
    roles: ['support', 'admin'],
    summary:
      'Abort a roll-out. Sites that have the version keep it. A cell then takes new sites again, also if its roll-out has ended.',
  },
  operatorRetryRollout: {
    ...rolloutAct,
    post: '/v1/operator/rollouts/{blueprint}/retry',
    roles: ['admin'],
    summary: 'Retry the failed sites of a roll-out.',
  },
  operatorDrainCell: {
    ...leaveCell,
    post: '/v1/operator/cells/{cell}/drain',
    summary: 'Drain a cell: it takes nothing new, and its sites leave it with their data, in waves.',
    body: z.strictObject({
      waves: waves.describe('How many sites have left after each wave; the rest follows. Default: 1 site.'),
      failureBudget,
      reason,
    }),
  },
  operatorDeclareCellLost: {
    ...leaveCell,
    post: '/v1/operator/cells/{cell}/loss',
    summary:
      'Declare a cell lost. The first administrator requests it, another one confirms it within a day: then its sites are restored elsewhere from their newest archives.',
    body: z.strictObject({ reason }),
  },
  operatorRestoreReleaseCopy: {
    post: '/v1/operator/sites/{id}/restore-release-copy',
    roles: ['admin'],
    summary:
      'Restore the data from before an upgrade, with the version that the site had then. The newer data becomes the release copy.',
    params: siteParams,
    body: z.strictObject({ archiveId: z.string().max(100).describe('`releaseCopy.id` of the site.'), reason }),
    errors: ['NotFound', 'TransitionNotAllowed', 'OperationInProgress', 'VersionConflict'],
  },
  operatorRelocateSite: {
    post: '/v1/operator/sites/{id}/relocation',
    roles: ['admin'],
    summary: 'Relocate a site to another cell at once. Visitors wait while its data is copied and verified.',
    params: siteParams,
    body: z.strictObject({ cell: z.string().max(16).describe('The name of a cell with room.'), reason }),
    errors: ['NotFound', 'TransitionNotAllowed', 'OperationInProgress', 'VersionConflict'],
  },
})
