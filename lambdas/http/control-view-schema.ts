import * as z from 'zod'
import { brakeActSchema, tripReasons } from '../../core/brake/brake-state.ts'
import { idSchema } from '../../core/ids.ts'
import { trialControlsSchema } from '../../core/waiting-list/waiting-entry.ts'

const instant = z.iso.datetime({ precision: 3 })
const count = z.int().nonnegative()
const window = z.strictObject({ used: count, allowed: count })

export const brakeViewSchema = z
  .strictObject({
    tripped: z.strictObject({ at: instant, because: z.enum(tripReasons), detail: z.string() }).nullable(),
    now: instant.meta({ description: 'By the domain clock.' }),
    seenAt: instant.nullable().meta({ description: 'When a sweep last looked at the domain clock.' }),
    waiting: count.meta({ description: 'What is due and not begun; not counted beyond 10,000.' }),
    begun: count.meta({ description: 'What was begun since the day began.' }),
    forecast: z.strictObject({ day: instant, today: count, tomorrow: count, limit: count }).nullable(),
    pace: z.strictObject({ hour: window, day: window }),
    history: z.array(brakeActSchema.omit({ schemaVersion: true, version: true })),
  })
  .meta({ id: 'Brake' })

export const trialsViewSchema = z
  .strictObject({
    paused: z.boolean(),
    live: count,
    newInHour: count,
    ceilings: z.strictObject({ mostLive: count, mostNewPerHour: count }),
    room: count.meta({ description: 'How many more may come now.' }),
    waiting: count.meta({ description: 'People who wait and are not invited yet; not counted beyond 10,000.' }),
    invited: count.meta({ description: 'People who were invited and have not come yet.' }),
    history: z.array(trialControlsSchema.omit({ schemaVersion: true, version: true })),
  })
  .meta({ id: 'Trials' })

const step = z.strictObject({ step: z.string(), at: instant }).nullable()

export const policyMoveSchema = z
  .strictObject({
    sites: z.array(
      z.strictObject({
        id: idSchema('site'),
        hostname: z.string(),
        status: z.string(),
        trialEndsAt: z.strictObject({ before: instant, after: instant }),
        nextStep: z.strictObject({ before: step, after: step }),
        isDueAtOnce: z.boolean(),
      }),
    ),
    cursor: z.string().optional(),
  })
  .meta({ id: 'PolicyMove' })
