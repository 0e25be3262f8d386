import * as z from 'zod'
import { idSchema, type SiteId } from '../../core/ids.ts'
import type { Instant } from '../../core/instant.ts'

export const greetingSchema = z.strictObject({
  schemaVersion: z.literal(1),
  siteId: idSchema('site'),
  text: z.string(),
  at: z.iso.datetime({ precision: 3 }),
})

export type Greeting = z.output<typeof greetingSchema>

export interface Greetings {
  readonly get: (siteId: SiteId) => Promise<Greeting | undefined>
  readonly keep: (greeting: Greeting) => Promise<void>
}

/** What a site is greeted with. */
export const greetingOf = (siteId: SiteId, brand: string, at: Instant): Greeting => ({
  schemaVersion: 1,
  siteId,
  text: `Welcome to ${brand}.`,
  at,
})
