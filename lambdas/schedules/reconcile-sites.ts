import type { ReconcileSitesPorts } from '../../core/reconcile/reconcile-sites.ts'
import { reconcileSites } from '../../core/reconcile/reconcile-sites.ts'
import { scheduleHandler } from '../_runtime/schedule-handler.ts'

export const create = (ports: ReconcileSitesPorts) =>
  scheduleHandler('reconcile-sites', ports.log, (causationId) => reconcileSites(ports, causationId))
