import * as z from 'zod'
import { storedViewerSchema } from '../../../core/entitlement/viewer.ts'
import { idSchema } from '../../../core/ids.ts'

/** Routers answer below this path on every site; the token follows. */
export const entrancePath = '/.well-known/sitewright/entrance/'

const instant = z.iso.datetime({ precision: 3 })

/** A way for one person into one site, to be used once. The token is stored only as a hash. */
export const entranceSchema = z.strictObject({
  schemaVersion: z.literal(1),
  tokenHash: z.string(),
  siteId: idSchema('site'),
  viewer: storedViewerSchema,
  createdAt: instant,
  expiresAt: instant,
})
export type Entrance = z.infer<typeof entranceSchema>
