import * as z from 'zod'
import { plusDays } from '../../core/instant.ts'
import { named } from '../../core/named.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import { contractSchema, presentForecast, type Relocation } from '../../core/site/relocation.ts'
import type { KeptSite } from '../../core/site/site.ts'

const instant = z.iso.datetime({ precision: 3 })

/** A planned relocation, as owners and operators see it. */
export const relocationForm = named('Relocation', {
  revision: z.int().positive(),
  state: z
    .enum(['draft', 'accepted', 'switched', 'returned'])
    .describe(
      '`switched`: the site was relocated and can go back. `returned`: it went back, and can be relocated again.',
    ),
  target: z.strictObject({
    plan: z.string().nullable(),
    planName: z.string().nullable(),
    blueprint: z.strictObject({ name: z.string(), version: z.int() }).nullable(),
    configuration: z.int().nullable(),
    cell: z.string().nullable(),
  }),
  window: z.strictObject({ from: instant, until: instant, timeZone: z.string() }),
  contract: contractSchema.nullable(),
  interruption: z
    .strictObject({ seconds: z.int().positive(), rehearsedAt: instant })
    .nullable()
    .describe(
      'For how long it is expected to interrupt the site, as a rehearsal took; null before one, and once the site has another version than the rehearsed data.',
    ),
  missed: z.strictObject({ at: instant, because: z.string() }).nullable(),
  switchedAt: instant.nullable(),
  confirmDays: z.int().describe('For how many days after the switch the site can go back.'),
  confirmedAt: instant.nullable().describe('When it is confirmed if nobody answers.'),
})

export type RelocationView = z.infer<typeof relocationForm>

const view = (
  { target, switched, confirmDays, ...planned }: Relocation,
  forecast: Relocation['forecast'],
  { plans }: Pick<PlanCatalogue, 'plans'>,
): RelocationView => ({
  revision: planned.revision,
  state: planned.state,
  target: {
    plan: target.plan ?? null,
    // The configuration may have lost it since.
    planName: plans.find(({ id }) => id === target.plan)?.name ?? target.plan ?? null,
    blueprint: target.blueprint ?? null,
    configuration: target.configuration ?? null,
    cell: target.cell ?? null,
  },
  window: planned.window,
  contract: planned.contract ?? null,
  interruption: forecast ? { seconds: forecast.seconds, rehearsedAt: forecast.rehearsedAt } : null,
  missed: planned.missed ?? null,
  switchedAt: switched?.at ?? null,
  confirmDays,
  confirmedAt: switched === undefined ? null : plusDays(switched.at, confirmDays),
})

export const relocationView = (
  { blueprint, relocation }: Pick<KeptSite, 'blueprint' | 'relocation'>,
  plans: Pick<PlanCatalogue, 'plans'>,
): RelocationView | null =>
  relocation === undefined ? null : view(relocation, presentForecast({ blueprint }, relocation), plans)
