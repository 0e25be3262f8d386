import * as z from 'zod'

/** How much of the whole place may be given away as trials. */
export const ceilingsSchema = z.strictObject({
  /** Trials that run or are being built. */
  mostLive: z.int().nonnegative(),
  /** In any hour of the wall clock. */
  mostNewPerHour: z.int().nonnegative(),
})
export type Ceilings = z.infer<typeof ceilingsSchema>
