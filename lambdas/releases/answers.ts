import * as z from 'zod'
import { actorSchema } from '../../core/events/actor.ts'
import { idSchema } from '../../core/ids.ts'
import { named } from '../../core/named.ts'
import { causes } from '../../core/site/causes.ts'
import { configurationAnswers } from '../configuration/operations.ts'
import { operatorSiteSchema } from '../operators/answers.ts'
import { holds, rolloutStates, waveSchema } from './rollout.ts'

const instant = z.iso.datetime({ precision: 3 })
const count = z.int().nonnegative()

const progress = {
  state: z.enum(rolloutStates),
  because: z
    .enum(['failures', 'bake-time'])
    .nullable()
    .describe('Why it halted or its sites go back: too many failures, or requests after a wave.'),
  waves: z.array(waveSchema),
  wave: z.int().positive().describe('The present wave, from 1. After the last one comes the rest.'),
  failureBudget: count,
  reason: z.string(),
  startedBy: actorSchema(),
  startedAt: instant,
  endedAt: instant.nullable(),
  sites: count.nullable().describe('Sites without the version at the start; null until they are counted.'),
  done: count,
  skipped: count.describe('Suspended, archived or deleted meanwhile.'),
  failed: z.array(
    z.strictObject({
      siteId: idSchema('site'),
      because: z.string(),
      cause: z.enum(causes).optional().describe('As the evidence of the failure says.'),
    }),
  ),
  inProgress: z.array(idSchema('site')),
  bakingUntil: instant.nullable().describe('The end of the present bake time.'),
}

export const rolloutViewSchema = named('Rollout', {
  blueprint: z.string(),
  version: z.int().describe('The version that its sites get.'),
  ...progress,
  security: z.boolean(),
  assigned: count.describe(
    'Sites that sleep and get the version when they wake. One that fails then moves to `failed`.',
  ),
})

export const cellRolloutViewSchema = named('CellRollout', {
  cell: z.string(),
  kind: z.enum(['drain', 'loss']).describe('`loss`: its sites are restored from their archives.'),
  ...progress,
  lossRequestedBy: z
    .string()
    .nullable()
    .describe('The administrator who declared the cell lost; another one has to confirm it.'),
  held: z
    .array(z.strictObject({ siteId: idSchema('site'), because: z.enum(holds) }))
    .describe(
      'Sites that stay: of a relocation that is agreed on, of a rehearsal, without an archive, or with more data than any other disk can take. At most 500.',
    ),
  restored: z
    .array(z.strictObject({ siteId: idSchema('site'), archiveAt: instant }))
    .describe('From when the data is that the sites of a lost cell got. The latest 500.'),
})

const rollout = (description: string) => ({ description, schema: rolloutViewSchema })
const cellRollout = (description: string) => ({ description, schema: cellRolloutViewSchema })
const anyRollout = (description: string) => ({
  description,
  schema: z.union([rolloutViewSchema, cellRolloutViewSchema]),
})

export const rolloutAnswers = {
  ...configurationAnswers,
  operatorListRollouts: {
    200: {
      description: 'The roll-outs. A blueprint or a cell without one is not listed.',
      schema: z.strictObject({ rollouts: z.array(rolloutViewSchema), cells: z.array(cellRolloutViewSchema) }),
    },
  },
  operatorStartRollout: {
    202: rollout('The roll-out has started. The same request of the same operator returns it again.'),
  },
  operatorPauseRollout: { 200: anyRollout('The roll-out is paused.') },
  operatorResumeRollout: { 200: anyRollout('The roll-out continues.') },
  operatorAbortRollout: { 200: anyRollout('The roll-out is aborted.') },
  operatorRetryRollout: { 200: anyRollout('The roll-out continues, with the sites that failed.') },
  operatorDrainCell: { 202: cellRollout('The drain has begun. The same request returns it again.') },
  operatorDeclareCellLost: {
    202: cellRollout('`requested`: another administrator has to confirm it. `running`: its sites are being restored.'),
  },
  operatorRestoreReleaseCopy: {
    202: {
      description: 'The operation `upgrade` has started. The same request returns the site, also when it has ended.',
      schema: operatorSiteSchema,
    },
  },
  operatorRelocateSite: { 202: { description: 'The site. Its relocation has begun.', schema: operatorSiteSchema } },
} as const
