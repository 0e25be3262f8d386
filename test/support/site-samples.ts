import { readFileSync } from 'node:fs'
import * as z from 'zod'
import {
  activeSiteSchema,
  archivedSiteSchema,
  asleepSiteSchema,
  buildingSiteSchema,
  failedSiteSchema,
  purgedSiteSchema,
  readySiteSchema,
  type SiteStatus,
  suspendedSiteSchema,
} from '../../core/site/site.ts'

const stored = JSON.parse(readFileSync(new URL('../fixtures/site.json', import.meta.url), 'utf8'))

const sample = <Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> => schema.parse(stored[name])

/** A site in every status, as it is stored. */
export const siteSamples = {
  building: sample('building', buildingSiteSchema),
  ready: sample('ready', readySiteSchema),
  active: sample('active', activeSiteSchema),
  asleep: sample('asleep', asleepSiteSchema),
  failed: sample('failed', failedSiteSchema),
  suspended: sample('suspended', suspendedSiteSchema),
  archived: sample('archived', archivedSiteSchema),
  purged: sample('purged', purgedSiteSchema),
} as const

/** One that is being built for the pool, at its very beginning. */
export const unownedBuilding = sample('building-for-pool', buildingSiteSchema)

export const everyStatus = z.array(z.enum(Object.keys(siteSamples) as SiteStatus[])).parse(Object.keys(siteSamples))
