import type { Endpoint } from '../core/site/site.ts'

export const isSameEndpoint = (one: Endpoint, other: Endpoint): boolean =>
  one.host === other.host && one.port === other.port
