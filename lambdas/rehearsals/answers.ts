import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { named } from '../../core/named.ts'
import { causes } from '../../core/site/causes.ts'
import { rehearsalTargetSchema, stepDurationsSchema } from '../../core/site/rehearsal.ts'

const instant = z.iso.datetime({ precision: 3 })

const resultForm = {
  status: z.enum(['waiting', 'building', 'passed', 'failed']).describe('`waiting`: the site is copied first.'),
  startedAt: instant,
  endedAt: instant.nullable().describe('When it passed or failed.'),
  durations: stepDurationsSchema.describe('In milliseconds: restore, command, start and checks.'),
  reason: z.string().nullable().describe('Why it failed.'),
  isOpen: z.boolean().describe('Whether its owner can enter it.'),
  until: instant.describe('It ends then, or with the next one.'),
}

const copyForm = z
  .strictObject({
    at: instant,
    pausedMilliseconds: z
      .int()
      .nonnegative()
      .nullable()
      .describe('How long the site was interrupted; null if it was not, or nobody knows.'),
  })
  .nullable()

const rehearsal = z.strictObject({ ...resultForm, url: z.url() }).meta({ id: 'Rehearsal' })

export const ownerRehearsalSchema = z.strictObject({ rehearsal: rehearsal.nullable() })

const operatorRehearsal = named('OperatorRehearsal', {
  ...resultForm,
  id: idSchema('site').describe('Operators find the evidence of a failure by it.'),
  archiveId: idSchema('arc').nullable(),
  target: rehearsalTargetSchema,
  cause: z.enum(causes).nullable().describe('What the evidence of a failure says.'),
})

export const operatorRehearsalSchema = z.strictObject({
  rehearsal: operatorRehearsal.nullable(),
  copiesFirst: z
    .boolean()
    .describe('Whether a rehearsal that begins now is preceded by a copy, for which the site pauses.'),
  lastCopy: copyForm.describe('The newest copy: the next one may interrupt the site for about as long.'),
})

export const operatorRehearsalAnswers = {
  operatorGetRehearsal: {
    200: { description: 'The rehearsal; null if there was none.', schema: operatorRehearsalSchema },
  },
  operatorRehearse: { 202: { description: 'It is built, or waits for the copy.', schema: operatorRehearsalSchema } },
} as const

export const ownerRehearsalAnswers = {
  getRehearsal: { 200: { description: 'The rehearsal; null if there was none.', schema: ownerRehearsalSchema } },
  enterRehearsal: { 201: { description: 'The URL.', schema: z.strictObject({ url: z.url(), expiresAt: instant }) } },
} as const
