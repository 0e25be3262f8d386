import { readFileSync } from 'node:fs'
import * as z from 'zod'
import type { SiteStatus } from '../../core/site/site.ts'
import {
  activeSiteSchema,
  archivedSiteSchema,
  buildingSiteSchema,
  failedSiteSchema,
  purgedSiteSchema,
  readySiteSchema,
  suspendedSiteSchema,
} from '../../core/site/site.ts'

const sample = <Schema extends z.ZodType>(name: string, schema: Schema): z.output<Schema> =>
  schema.parse(JSON.parse(readFileSync(new URL(`../fixtures/v1/${name}.json`, import.meta.url), 'utf8')))

/** A site in every status, as version 1 stored it. */
export const siteSamples = {
  building: sample('site-building', buildingSiteSchema),
  ready: sample('site-ready', readySiteSchema),
  active: sample('site-active', activeSiteSchema),
  failed: sample('site-failed', failedSiteSchema),
  suspended: sample('site-suspended', suspendedSiteSchema),
  archived: sample('site-archived', archivedSiteSchema),
  purged: sample('site-purged', purgedSiteSchema),
} as const

/** One that is being built for the pool, at its very beginning. */
export const unownedBuilding = sample('site-building-for-pool', buildingSiteSchema)

export const everyStatus = z.array(z.enum(Object.keys(siteSamples) as SiteStatus[])).parse(Object.keys(siteSamples))
