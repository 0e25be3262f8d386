import type { PageSettings, Variant } from '../settings.ts'
import { attribution } from './request-code.ts'

/** Counts a visit of the first screen, without id and cookie. Nothing waits for it, and nothing depends on it. */
export const countVisit = ({ offer }: Pick<PageSettings, 'offer'>, variant: Variant | undefined): void => {
  const { source, medium, campaign } = attribution(false).attribution ?? {}
  fetch('/v1/visits', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ offer, variant: variant?.name, source, medium, campaign }),
    credentials: 'omit',
    keepalive: true,
  }).catch(() => undefined)
}
