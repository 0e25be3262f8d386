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
    now: instant.meta({ description: 'The time of the domain clock.' }),
    seenAt: instant.nullable().meta({ description: 'When a sweep last read the domain clock.' }),
    waiting: count.meta({ description: 'Endings that are due and not started, counted up to 10,000.' }),
    begun: count.meta({ description: 'Endings started today.' }),
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
    room: count.meta({ description: 'How many more trials can start now.' }),
    waiting: count.meta({ description: 'People on the waiting list who are not invited yet, counted up to 10,000.' }),
    invited: count.meta({ description: 'People who are invited and have no trial yet.' }),
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
