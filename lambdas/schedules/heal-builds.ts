import type { HealBuildsPorts } from '../../core/site/build/heal-builds.ts'
import { healBuilds } from '../../core/site/build/heal-builds.ts'
import { scheduleHandler } from '../_runtime/schedule-handler.ts'

export const create = (ports: HealBuildsPorts) =>
  scheduleHandler('heal-builds', ports.log, (causationId) => healBuilds(ports, causationId))
