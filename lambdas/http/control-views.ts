import type * as z from 'zod'
import { limitOf } from '../../core/brake/forecast.ts'
import { allowanceOf, usedAt } from '../../core/brake/pace.ts'
import type { BrakeStore } from '../../core/ports/brake.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import type { TrialControlStore, WaitingList } from '../../core/ports/trials.ts'
import { unpurgedSites } from '../../core/site/site-facts.ts'
import type { TrialRoomPorts } from '../../core/waiting-list/control-trials.ts'
import { trialRoom } from '../../core/waiting-list/control-trials.ts'
import type { brakeViewSchema, trialsViewSchema } from './control-view-schema.ts'

export interface ControlViewPorts extends TrialRoomPorts {
  readonly brakes: BrakeStore
  readonly sites: Pick<SiteStore, 'countDue'>
  readonly trialControls: TrialControlStore
  readonly waitingList: Pick<WaitingList, 'count'>
}

const mostShown = 10_000
const shownActs = 20

const withoutVersion = <Act extends { readonly schemaVersion: number; readonly version: number }>({
  schemaVersion: _,
  version: __,
  ...said
}: Act) => said

export const brakeView = async ({
  brakes,
  sites,
  totals,
  clocks,
}: ControlViewPorts): Promise<z.input<typeof brakeViewSchema>> => {
  const now = clocks.domain()
  const [state, history, waiting, known] = await Promise.all([
    brakes.read(),
    brakes.history(shownActs),
    sites.countDue({ kind: 'destructive', until: now, atMost: mostShown }),
    totals.read(),
  ])
  const allowed = allowanceOf(unpurgedSites(known))
  const used = usedAt(state?.spent ?? [], now)
  return {
    tripped: state?.tripped ?? null,
    now,
    seenAt: state?.seenAt ?? null,
    waiting,
    begun: state?.begun ?? 0,
    forecast: state?.forecast === undefined ? null : { ...state.forecast, limit: limitOf(state.forecast) },
    pace: { hour: { used: used.hour, allowed: allowed.hour }, day: { used: used.day, allowed: allowed.day } },
    history: history.map(withoutVersion),
  }
}

export const trialsView = async (ports: ControlViewPorts): Promise<z.input<typeof trialsViewSchema>> => {
  const [{ isPaused, ...room }, waiting, history] = await Promise.all([
    trialRoom(ports),
    ports.waitingList.count('waiting', mostShown),
    ports.trialControls.history(shownActs),
  ])
  const { ceilings } = ports
  return { paused: isPaused, ...room, ceilings, waiting, history: history.map(withoutVersion) }
}
