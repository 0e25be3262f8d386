import type { Log } from '../../core/ports/context.ts'
import type { CountSitePorts } from '../../core/site/claim/count-site.ts'
import { countSite } from '../../core/site/claim/count-site.ts'
import { eventHandler } from '../_runtime/event-handler.ts'

/** Keeps the totals: what the pace, the ceilings and the pages of operators go by. */
export const create = (ports: CountSitePorts & { readonly log: Log }) =>
  eventHandler('count-sites', ports.log, (event) => countSite(ports, event))
