import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { system } from '../../../core/events/event-names.ts'
import type { HealthTarget } from '../../../core/ports/probes.ts'
import { isSameEndpoint, placeOf } from '../../../core/site/location.ts'
import type { Endpoint } from '../../../core/site/site.ts'
import { type OpenSite, shouldRun } from '../../../core/site/site-facts.ts'
import { retireSite } from '../claim/pooled-site.ts'
import { type BringUpPorts, startIfNeeded } from './bring-up.ts'
import { noteAddress } from './follow-task.ts'
import { blueprintOf } from './prepare-launch.ts'
import { idOf, inTurn, type Parts } from './sweep-parts.ts'

export type SettledSite = OpenSite & { readonly endpoint: Endpoint }

/** Bounds the cost of a sweep. */
const askedInASweep = 50
/** A silent site is probed again this often before it counts as hung. */
const furtherChecks = 3
const checkAgainMilliseconds = 3000
const silentByChance = 2
const restartedAtMost = 5

export const sitesToProbe = <Item extends { readonly id: string }>(
  sites: readonly Item[],
  now: string,
): readonly Item[] => inTurn(sites, now, askedInASweep).slice(0, askedInASweep)

/** Whether so many of the probed sites do not respond that the network may be at fault. */
export const isNetworkAtFault = (silent: number, asked: number): boolean =>
  silent > silentByChance && silent * 2 > asked

/** Caches blueprints, which never change. */
const healthTargets = ({ blueprints }: BringUpPorts) => {
  const known = new Map<string, Promise<Blueprint>>()
  return async (site: OpenSite): Promise<HealthTarget> => {
    const key = `${site.blueprint.name} ${site.blueprint.version}`
    const found = known.get(key) ?? blueprintOf(blueprints, site)
    known.set(key, found)
    return (await found).traffic
  }
}

const restart = async (ports: BringUpPorts, { id, endpoint }: SettledSite, causationId: string): Promise<void> => {
  const { sites, runtime, log, isStopping } = ports
  const site = await sites.get(id)
  // It was paused, suspended or moved meanwhile.
  if (!shouldRun(site) || !isSameEndpoint(endpoint, site.endpoint) || isStopping()) return
  const message = 'a site runs and does not answer; it is replaced'
  log.error({ event: 'silent-site-replaced', siteId: id, status: site.status }, message)
  if (site.status === 'ready') {
    await sites.commit(retireSite(site, { actor: system, causationId, ...ports }))
    return
  }
  await noteAddress(ports, id, (now) => (isSameEndpoint(endpoint, now.endpoint) ? undefined : 'keep'), causationId)
  await runtime.remove(placeOf(site))
  await startIfNeeded(ports, id)
}

/**
 * Probes some running sites in each sweep and replaces hung ones, which a platform that watches only processes does not
 * see. If most do not respond, none is replaced, nor is one that could not be asked each time.
 */
export const restartSilent = async (
  ports: BringUpPorts,
  settled: readonly SettledSite[],
  { each }: Pick<Parts, 'each'>,
  causationId: string,
): Promise<void> => {
  const asked = sitesToProbe(settled, ports.clocks.wall())
  const targetOf = healthTargets(ports)
  const unasked = new Set<string>()
  let silent: readonly SettledSite[] = asked
  for (let check = 0; check <= furtherChecks && silent.length > 0; check += 1) {
    if (check > 0) await ports.pause(checkAgainMilliseconds)
    const stillSilent: SettledSite[] = []
    await each(silent, idOf, async (site) => {
      const isHealthy = await ports.probe.isHealthy(site.endpoint, await targetOf(site))
      if (isHealthy === undefined) unasked.add(site.id)
      if (isHealthy !== true) stillSilent.push(site)
    })
    silent = stillSilent
    // Not by the first look: it sets off an alarm, and some faults last for a moment.
    if (check > 0 && isNetworkAtFault(silent.length, asked.length)) {
      const message = 'most probed sites do not respond: none is replaced, the network may be at fault'
      return ports.log.error({ event: 'silent-sites-kept', silent: silent.length, asked: asked.length }, message)
    }
  }
  const hung = silent.filter(({ id }) => !unasked.has(id))
  await each(hung.slice(0, restartedAtMost), idOf, (site) => restart(ports, site, causationId))
}
