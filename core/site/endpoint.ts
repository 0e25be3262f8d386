import * as z from 'zod'

/** Where a site's traffic container listens, as the router reaches it. */
export const endpointSchema = z.strictObject({ host: z.string(), port: z.int().min(1).max(65_535) })
export type Endpoint = z.infer<typeof endpointSchema>

export const isSameEndpoint = (one: Endpoint, other: Endpoint | undefined): boolean =>
  one.host === other?.host && one.port === other.port
