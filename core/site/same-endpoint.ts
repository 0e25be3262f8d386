import type { Endpoint } from './site.ts'

export const isSameEndpoint = (one: Endpoint, other: Endpoint | undefined): boolean =>
  one.host === other?.host && one.port === other.port
