import * as z from 'zod'
import { actorSchema } from '../../../core/events/event.ts'
import { forecastSchema } from './forecast.ts'
import { spentSchema } from './pace.ts'

const instant = z.iso.datetime({ precision: 3 })

/** `clock`: the clock jumped. `too-many`: more is due than forecast. `operator`: pulled by a person. */
export const tripReasons = ['clock', 'too-many', 'operator'] as const

const tripSchema = z.strictObject({
  /** By the domain clock. */
  at: instant,
  because: z.enum(tripReasons),
  /** A sentence with the numbers, or the operator's reason. */
  detail: z.string(),
})

/** The sweep's state between two runs. Written on condition of the version before. */
export const brakeStateSchema = z.strictObject({
  schemaVersion: z.literal(1),
  version: z.int().positive(),
  tripped: tripSchema.optional(),
  /** When a sweep last read the domain clock. */
  seenAt: instant,
  /** Absent before the first sweep and after a release; the next sweep makes it. */
  forecast: forecastSchema.optional(),
  /** Steps begun since the forecast's day began; postponed ones are not counted again. */
  begun: z.int().nonnegative(),
  spent: spentSchema,
})
export type BrakeState = z.infer<typeof brakeStateSchema>

export const brakeActSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** The version of the brake's state after this act. */
  version: z.int().positive(),
  at: instant,
  act: z.enum(['tripped', 'released']),
  because: z.enum(tripReasons).optional(),
  detail: z.string(),
  actor: actorSchema(),
})
export type BrakeAct = z.infer<typeof brakeActSchema>
