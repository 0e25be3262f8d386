import type { HealOperationsPorts } from '../../core/site/heal-operations.ts'
import { healOperations } from '../../core/site/heal-operations.ts'
import { scheduleHandler } from '../_runtime/schedule-handler.ts'

export const create = (ports: HealOperationsPorts) =>
  scheduleHandler('heal-operations', ports.log, (causationId) => healOperations(ports, causationId))
