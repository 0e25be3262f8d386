import * as z from 'zod'
import { siteSchema } from './site.ts'

/** What a site may be. */
export const siteStatusSchema = z.enum(siteSchema.options.map(({ shape }) => shape.status.value))
