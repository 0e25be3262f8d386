import type { ActiveSite } from '../site/site.ts'
import type { healthFailures } from './probes.ts'

export interface HookCall {
  /** The site's address for visitors, without a trailing slash. */
  readonly siteUrl: string
  /** In origin form. */
  readonly path: string
  /** The same for all attempts. */
  readonly idempotencyKey: string
  /** The bearer token by which the site knows the caller, if its blueprint names one. */
  readonly token?: string
  /** JSON. */
  readonly body: string
}

/** The first characters of the answer, or why there was none. */
export type HookAnswer =
  | { readonly status: number; readonly text: string }
  | { readonly failure: (typeof healthFailures)[number] }

export interface SiteHooks {
  /** Posts to the site's own address and nowhere else: it follows no redirect. Never throws. */
  readonly call: (
    site: Pick<ActiveSite, 'id' | 'cell' | 'ownership' | 'endpoint'>,
    call: HookCall,
  ) => Promise<HookAnswer>
}

/** How much of an answer is read, in characters. */
export const maxAnswered = 2000
