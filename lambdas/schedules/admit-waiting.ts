import type { AdmitWaitingPorts } from '../../core/waiting-list/admit-waiting.ts'
import { admitWaiting } from '../../core/waiting-list/admit-waiting.ts'
import { scheduleHandler } from '../_runtime/schedule-handler.ts'

export const create = (ports: AdmitWaitingPorts) =>
  scheduleHandler('admit-waiting', ports.log, () => admitWaiting(ports))
