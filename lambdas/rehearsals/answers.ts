import * as z from 'zod'
import { idSchema } from '../../core/ids.ts'
import { causes } from '../../core/site/causes.ts'
import { rehearsalTargetSchema, stepDurationsSchema } from '../../core/site/rehearsal.ts'

const instant = z.iso.datetime({ precision: 3 })

const resultForm = {
  status: z
    .enum(['waiting', 'building', 'passed', 'failed'])
    .meta({ description: '`waiting`: the site is copied first.' }),
  startedAt: instant,
  endedAt: instant.nullable().meta({ description: 'When it passed or failed.' }),
  durations: stepDurationsSchema.meta({ description: 'In milliseconds: restore, command, start and checks.' }),
  reason: z.string().nullable().meta({ description: 'Why it failed.' }),
  isOpen: z.boolean().meta({ description: 'Whether its owner can enter it.' }),
  until: instant.meta({ description: 'It ends then, or with the next one.' }),
}

const copyForm = z
  .strictObject({
    at: instant,
    pausedMilliseconds: z
      .int()
      .nonnegative()
      .nullable()
      .meta({ description: 'How long the site was interrupted; null if it was not, or nobody knows.' }),
  })
  .nullable()

const rehearsal = z.strictObject({ ...resultForm, url: z.url() }).meta({ id: 'Rehearsal' })

export const ownerRehearsalSchema = z.strictObject({ rehearsal: rehearsal.nullable() })

const operatorRehearsal = z
  .strictObject({
    ...resultForm,
    id: idSchema('site').meta({ description: 'Operators find the evidence of a failure by it.' }),
    archiveId: idSchema('arc').nullable(),
    target: rehearsalTargetSchema,
    cause: z.enum(causes).nullable().meta({ description: 'What the evidence of a failure says.' }),
  })
  .meta({ id: 'OperatorRehearsal' })

export const operatorRehearsalSchema = z.strictObject({
  rehearsal: operatorRehearsal.nullable(),
  copiesFirst: z
    .boolean()
    .meta({ description: 'Whether a rehearsal that begins now is preceded by a copy, for which the site pauses.' }),
  lastCopy: copyForm.meta({ description: 'The newest copy: the next one may interrupt the site for about as long.' }),
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
