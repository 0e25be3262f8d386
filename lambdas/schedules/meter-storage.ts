import type { MeterStoragePorts } from '../../core/site/run/meter-storage.ts'
import { meterStorage } from '../../core/site/run/meter-storage.ts'
import { scheduleHandler } from '../_runtime/schedule-handler.ts'

export const create = (ports: MeterStoragePorts) =>
  scheduleHandler('meter-storage', ports.log, (causationId) => meterStorage(ports, causationId))
