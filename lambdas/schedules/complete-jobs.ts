import * as z from 'zod'
import type { SiteId } from '../../core/ids.ts'
import type { CompleteJobsPorts } from '../../core/site/reclaim/complete-jobs.ts'
import { completeJobs } from '../../core/site/reclaim/complete-jobs.ts'
import { scheduleHandler } from '../_runtime/schedule-handler.ts'

export interface CompleteJobsFunctionPorts extends CompleteJobsPorts {
  /** The site that a task of the archiver worked for, by the detail of its event; undefined of anything else. */
  readonly siteOfArchiverTask: (detail: unknown) => SiteId | undefined
}

const wakingSchema = z.object({ detail: z.unknown() })

/** Woken by the end of a task it looks at one site, and by the clock at all. */
export const create = (ports: CompleteJobsFunctionPorts) =>
  scheduleHandler('complete-jobs', ports.log, (_causationId, waking) =>
    completeJobs(ports, ports.siteOfArchiverTask(wakingSchema.parse(waking).detail)),
  )
