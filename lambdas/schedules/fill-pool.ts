import type { FillPoolPorts } from '../../core/pool/fill-pool.ts'
import { fillPool } from '../../core/pool/fill-pool.ts'
import { scheduleHandler } from '../_runtime/schedule-handler.ts'

export const create = (ports: FillPoolPorts) =>
  scheduleHandler('fill-pool', ports.log, (causationId) => fillPool(ports, causationId))
