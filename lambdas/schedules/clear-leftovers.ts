import type { ClearLeftoversPorts } from '../../core/reconcile/clear-leftovers.ts'
import { clearLeftovers } from '../../core/reconcile/clear-leftovers.ts'
import { scheduleHandler } from '../_runtime/schedule-handler.ts'

export const create = (ports: ClearLeftoversPorts) =>
  scheduleHandler('clear-leftovers', ports.log, () => clearLeftovers(ports))
