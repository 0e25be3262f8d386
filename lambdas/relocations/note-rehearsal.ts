import { system } from '../../core/events/event-names.ts'
import type { SiteId } from '../../core/ids.ts'
import type { Clocks, Randomness } from '../../core/ports/context.ts'
import type { SiteStore } from '../../core/ports/stores.ts'
import { changeSite } from '../../core/site/change-site.ts'
import { type ChangeContext, type SiteChange, siteChange } from '../../core/site/lifecycle.ts'
import { isSameTarget, type RehearsalTarget, type StepDurations } from '../../core/site/rehearsal.ts'
import { presentForecast } from '../../core/site/relocation.ts'
import { isLive, type LiveSite } from '../../core/site/site.ts'
import { findRehearsal, resultOf } from '../rehearsals/rehearsal.ts'

export interface NoteRehearsalPorts {
  readonly sites: Pick<SiteStore, 'get' | 'commit' | 'findByHostname'>
  readonly clocks: Clocks
  readonly randomness: Randomness
}

/** Records what a rehearsal of the present target took. Undefined where another one is planned by now, or the site has another version. */
export const noteForecast = (
  site: LiveSite,
  rehearsed: Pick<LiveSite, 'blueprint'> & {
    readonly target: RehearsalTarget
    readonly seconds: number
    readonly at: string
  },
  context: ChangeContext,
): SiteChange<LiveSite> | undefined => {
  const { relocation } = site
  if (relocation?.state !== 'draft' || !isSameTarget(relocation.target, rehearsed.target)) return undefined
  if (relocation.forecast?.rehearsedAt === rehearsed.at) return undefined
  const { revision } = relocation
  const seconds = Math.max(1, Math.ceil(rehearsed.seconds))
  const forecast = { seconds, rehearsedAt: rehearsed.at, blueprint: rehearsed.blueprint }
  const after = { ...site, relocation: { ...relocation, forecast } }
  if (presentForecast(site, after.relocation) === undefined) return undefined
  return siteChange({ transition: 'draftRelocation', before: site, after, details: { revision } }, context)
}

/** In milliseconds: how long the last copy that interrupted the site took; as long as the restore where none did. */
const copyTime = ({ archives }: LiveSite, { restore = 0 }: StepDurations): number =>
  archives.find(({ pausedMilliseconds }) => pausedMilliseconds !== undefined)?.pausedMilliseconds ?? restore

/**
 * Records on a planned relocation how long it is expected to interrupt the site, once a rehearsal of the same target has passed. Idempotent.
 * @param siteId of the site, or of its rehearsal.
 */
export const noteRehearsal = async (ports: NoteRehearsalPorts, siteId: SiteId, causationId: string): Promise<void> => {
  const found = await ports.sites.get(siteId)
  const original = found?.rehearsalOf === undefined ? found : await ports.sites.get(found.rehearsalOf.siteId)
  if (!isLive(original) || original.relocation?.state !== 'draft') return
  const rehearsal = await findRehearsal(ports, original)
  const result = rehearsal && resultOf(rehearsal)
  if (rehearsal === undefined || result?.status !== 'passed' || result.endedAt === undefined) return
  const { restore = 0, command = 0, start = 0, checks = 0 } = result.durations
  const { target, writtenBy: blueprint } = rehearsal.rehearsalOf
  if (blueprint === undefined) return
  const at = result.endedAt
  await changeSite(ports.sites, original.id, (site) => {
    if (!isLive(site)) return undefined
    const seconds = (copyTime(site, result.durations) + restore + command + start + checks) / 1000
    return noteForecast(site, { target, seconds, at, blueprint }, { actor: system, causationId, ...ports })
  })
}
