import type { CheckDomainsPorts } from '../../core/domains/check-domains.ts'
import { checkDomains } from '../../core/domains/check-domains.ts'
import { scheduleHandler } from '../_runtime/schedule-handler.ts'

export const create = (ports: CheckDomainsPorts) =>
  scheduleHandler('check-domains', ports.log, (causationId) => checkDomains(ports, causationId))
