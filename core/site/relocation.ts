import * as z from 'zod'
import { idSchema } from '../ids.ts'
import { type Instant, plusDays, plusMilliseconds } from '../instant.ts'
import { targetSchema } from './operation.ts'

const instant = z.iso.datetime({ precision: 3 })

const windowSchema = z.strictObject({
  from: instant,
  until: instant,
  /** In which people agreed on it, such as `Europe/Berlin`. */
  timeZone: z.string(),
})
export type RelocationWindow = z.infer<typeof windowSchema>

export const contractSchema = z.strictObject({
  number: z.string(),
  /** Days, such as `2027-01-01`. */
  firstDay: z.iso.date(),
  lastDay: z.iso.date(),
  note: z.string().optional(),
})

/** How long the site is expected to be interrupted, as a rehearsal of this target and the last copy took. */
const forecastSchema = z.strictObject({
  seconds: z.int().positive(),
  rehearsedAt: instant,
  /** The version that the site had, whose data was rehearsed. */
  blueprint: z.strictObject({ name: z.string(), version: z.int().positive() }),
})

export const relocationSchema = z.strictObject({
  /** Raised by each change of the draft: an acceptance is of one revision. */
  revision: z.int().positive(),
  /**
   * `draft`: the owner has not accepted it. `accepted`: it begins in its window. `switched`: the site runs with the target, and somebody confirms it or
   * goes back. `returned`: the site went back, and can go over again.
   */
  state: z.enum(['draft', 'accepted', 'switched', 'returned']),
  target: targetSchema,
  window: windowSchema,
  contract: contractSchema.optional(),
  /** How many days after the switch there are to go back. */
  confirmDays: z.int().min(1).max(30),
  draftedBy: z.string(),
  forecast: forecastSchema.optional(),
  acceptedBy: idSchema('prsn').optional(),
  /** The mail of the day before was sent, or its time had passed. */
  announced: z.literal(true).optional(),
  /** Why the switch failed, and the site went back: the sweep plans it anew. */
  failed: z.string().optional(),
  /** Why the last window passed without it, or why the switch failed. */
  missed: z.strictObject({ at: instant, because: z.string() }).optional(),
  switched: z
    .strictObject({
      at: instant,
      /** The archive of the other side's data. It is kept until the end. */
      archiveId: idSchema('arc'),
      /** What the site ran before. */
      back: targetSchema,
    })
    .optional(),
})
export type Relocation = z.infer<typeof relocationSchema>

/**
 * The forecast of a planned relocation; undefined before a rehearsal, and once the site has another version than the data that was rehearsed: the
 * version of the target may not be able to use what this one writes. A target without a version keeps that of the site.
 */
export const presentForecast = (
  { blueprint: { name, version } }: Pick<z.infer<typeof forecastSchema>, 'blueprint'>,
  { target, forecast, switched }: Relocation,
): Relocation['forecast'] => {
  const isSame = forecast?.blueprint.name === name && forecast.blueprint.version === version
  return isSame || target.blueprint === undefined || switched !== undefined ? forecast : undefined
}

/** How much longer than the forecast must still fit into the window when the switch begins. */
const safety = 1.5

export const latestBegin = ({ window, forecast }: Relocation): Instant =>
  plusMilliseconds(window.until, -Math.ceil((forecast?.seconds ?? 0) * safety * 1000))

export interface RelocationStep {
  readonly step: 'announce' | 'relocate' | 'confirm'
  readonly dueAt: Instant
}

/** The next step of a relocation by the clock; none of a draft. A switch that failed stays due, so that it is missed before a trial ends. */
export const nextRelocationStep = ({
  state,
  window,
  announced,
  switched,
  confirmDays,
}: Relocation): RelocationStep | undefined => {
  if (state === 'accepted') {
    return announced ? { step: 'relocate', dueAt: window.from } : { step: 'announce', dueAt: plusDays(window.from, -1) }
  }
  return switched === undefined ? undefined : { step: 'confirm', dueAt: plusDays(switched.at, confirmDays) }
}

/** Whether a site has two sides, so that nothing else may change what it runs. */
export const isAgreed = (relocation: Relocation | undefined): relocation is Relocation =>
  relocation !== undefined && relocation.state !== 'draft'
