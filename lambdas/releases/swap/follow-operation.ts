import type { DomainEvent } from '../../../core/events/event.ts'
import { type NoteFailedWakePorts, noteFailedWake } from '../note-failed-wake.ts'
import { type FollowPlanPorts, followPlanEvent } from './follow-plan.ts'

/** Does what follows an operation of an active site, or a change of its plan or URL. Each part is idempotent. */
export const followOperation = async (
  ports: FollowPlanPorts & NoteFailedWakePorts,
  event: DomainEvent,
): Promise<void> => {
  await noteFailedWake(ports, event)
  await followPlanEvent(ports, event)
}
