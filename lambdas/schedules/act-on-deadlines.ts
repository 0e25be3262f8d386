import { actOnDeadlines } from '../../core/deadlines/act-on-deadlines.ts'
import type { DeadlinePorts } from '../../core/deadlines/sweep-sites.ts'
import { scheduleHandler } from '../_runtime/schedule-handler.ts'

export const create = (ports: DeadlinePorts) =>
  scheduleHandler('act-on-deadlines', ports.log, (causationId) => actOnDeadlines(ports, causationId))
