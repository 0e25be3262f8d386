import type { Context } from '../../core/ports/context.ts'
import type { Act, ActPorts } from '../../core/site/change-site.ts'
import type { Site } from '../../core/site/site.ts'
import { changePlanAsOperator, endHoldAsOperator, holdAsOperator, suspendAsOperator } from '../endings/act-on-site.ts'
import { purgeAsOperator } from '../endings/delete-site.ts'
import { resumeAsOperator } from '../endings/resume-site.ts'
import { retryHandOverAsOperator } from '../sites/hand-over/hand-over-site.ts'
import { extendAsOperator } from '../trials/extend-trial.ts'

/** What an operator asks for; the reason is for the history. */
export interface ActRequest {
  readonly reason: string
  /** In milliseconds. */
  readonly by?: number | undefined
  readonly plan?: string | undefined
  readonly operatorId: string
}

type SiteAct = (ports: ActPorts & Pick<Context, 'plans'>, on: Act, request: ActRequest) => Promise<Site>

const week = 7 * 86_400_000

/** What operators do to one site, each by its use case. */
export const siteActs = {
  extend: (ports, on, { by = week, reason }) => extendAsOperator(ports, on, { milliseconds: by, reason }),
  suspend: (ports, on, { reason }) => suspendAsOperator(ports, on, reason),
  resume: (ports, on, { reason }) => resumeAsOperator(ports, on, { reason }),
  restore: (ports, on, { reason }) => resumeAsOperator(ports, on, { reason, onlyArchived: true }),
  handOver: (ports, on, { reason }) => retryHandOverAsOperator(ports, on, reason),
  hold: (ports, on, { reason }) => holdAsOperator(ports, on, reason),
  unhold: (ports, on, { reason }) => endHoldAsOperator(ports, on, reason),
  purge: (ports, on, { operatorId, reason }) => purgeAsOperator(ports, on, { operatorId, reason }),
  plan: (ports, on, { plan = '', reason }) => changePlanAsOperator(ports, on, { plan, reason }),
} satisfies Readonly<Record<string, SiteAct>>
