import * as z from 'zod'
import { actorSchema } from '../events/event.ts'
import { forecastSchema } from './forecast.ts'
import { spentSchema } from './pace.ts'

const instant = z.iso.datetime({ precision: 3 })

/** `clock`: it has jumped. `too-many`: more is due than was forecast. `operator`: a person has pulled it. */
export const tripReasons = ['clock', 'too-many', 'operator'] as const

const tripSchema = z.strictObject({
  /** By the domain clock. */
  at: instant,
  because: z.enum(tripReasons),
  /** A sentence with the numbers, or the operator's words. */
  detail: z.string(),
})

/** All that the sweep keeps between two runs. Written on condition of the version before. */
export const brakeStateSchema = z.strictObject({
  schemaVersion: z.literal(1),
  version: z.int().positive(),
  /** Absent while the brake is off. */
  tripped: tripSchema.optional(),
  /** When a sweep last looked at the domain clock. */
  seenAt: instant,
  /** Absent before the first sweep and after a release: the next sweep makes it of what is there then. */
  forecast: forecastSchema.optional(),
  /** What was begun since the day of the forecast began; what had been put off before is not counted again. */
  begun: z.int().nonnegative(),
  spent: spentSchema,
})
export type BrakeState = z.infer<typeof brakeStateSchema>

/** One entry of the brake's history. */
export const brakeActSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** The version that the brake's state has since then. */
  version: z.int().positive(),
  at: instant,
  act: z.enum(['tripped', 'released']),
  because: z.enum(tripReasons).optional(),
  detail: z.string(),
  actor: actorSchema,
})
export type BrakeAct = z.infer<typeof brakeActSchema>
