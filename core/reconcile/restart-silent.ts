import type { Blueprint } from '../blueprint/blueprint.ts'
import { system } from '../events/event-names.ts'
import { retireSite } from '../site/claim/pooled-site.ts'
import { isSameEndpoint } from '../site/location.ts'
import { noteAddress } from '../site/run/follow-task.ts'
import { blueprintOf } from '../site/run/prepare-launch.ts'
import type { Endpoint } from '../site/site.ts'
import type { OpenSite } from '../site/site-facts.ts'
import { shouldRun } from '../site/site-facts.ts'
import type { BringUpPorts } from './bring-up.ts'
import { startIfNeeded } from './bring-up.ts'
import type { Parts } from './sweep-parts.ts'

/** A site where its platform says that it runs, which is where it is recorded. */
export type SettledSite = OpenSite & { readonly endpoint: Endpoint }

/** So many sites are asked in one sweep, so that its price does not grow with the number of sites. */
const askedInASweep = 50
/** A site that is silent at first is asked so often again, in this time, before it counts as hung. */
const furtherLooks = 3
const lookAgainMilliseconds = 3000
/** Fewer than these may hang by chance. Where more are silent, and most of those asked, it is the way to them. */
const silentByChance = 2
const restartedAtMost = 5

/** Another part of all sites each minute, in the order of their ids: all are asked in their turn, and nothing is remembered. */
export const sitesToProbe = <Item extends { readonly id: string }>(
  sites: readonly Item[],
  now: string,
): readonly Item[] => {
  const inOrder = sites.toSorted((one, other) => (one.id < other.id ? -1 : 1))
  if (inOrder.length <= askedInASweep) return inOrder
  const first = (Math.floor(Date.parse(now) / 60_000) * askedInASweep) % inOrder.length
  return [...inOrder, ...inOrder].slice(first, first + askedInASweep)
}

/** Blueprints change never, and a sweep asks many sites of few. */
const healthPaths = ({ blueprints }: BringUpPorts) => {
  const known = new Map<string, Promise<Blueprint>>()
  return async (site: OpenSite): Promise<string> => {
    const key = `${site.blueprint.name} ${site.blueprint.version}`
    const found = known.get(key) ?? blueprintOf(blueprints, site)
    known.set(key, found)
    return (await found).traffic.healthPath
  }
}

const restart = async (ports: BringUpPorts, { id, endpoint }: SettledSite, causationId: string): Promise<void> => {
  const { sites, runtime, clocks, randomness, log, isStopping } = ports
  const site = await sites.get(id)
  // Paused, suspended or moved meanwhile: then its silence at that place means nothing.
  if (!shouldRun(site) || !isSameEndpoint(endpoint, site.endpoint) || isStopping()) return
  const context = { actor: system, causationId, clocks, randomness }
  log.error(
    { event: 'silent-site-replaced', siteId: id, status: site.status },
    'a site runs and does not answer; it is replaced',
  )
  if (site.status === 'ready') {
    await sites.commit(retireSite(site, context))
    return
  }
  await noteAddress(sites, id, (now) => (isSameEndpoint(endpoint, now.endpoint) ? undefined : 'keep'), context)
  await runtime.remove(id)
  await startIfNeeded(ports, id)
}

/**
 * Asks some of the sites that run, others in each sweep, whether they answer, and replaces what hangs: what a platform that
 * only looks at processes does not see. Where most of those asked are silent, nothing is replaced and that is said instead.
 */
export const restartSilent = async (
  ports: BringUpPorts,
  settled: readonly SettledSite[],
  { each }: Pick<Parts, 'each'>,
  causationId: string,
): Promise<void> => {
  const asked = sitesToProbe(settled, ports.clocks.wall())
  const pathOf = healthPaths(ports)
  let silent: readonly SettledSite[] = asked
  for (let look = 0; look <= furtherLooks && silent.length > 0; look += 1) {
    if (look > 0) await ports.pause(lookAgainMilliseconds)
    const stillSilent: SettledSite[] = []
    await each(
      silent,
      ({ id }) => id,
      async (site) => {
        if (!(await ports.probe.isHealthy(site.endpoint, await pathOf(site)))) stillSilent.push(site)
      },
    )
    silent = stillSilent
    if (silent.length > silentByChance && silent.length * 2 > asked.length) {
      ports.log.error(
        { event: 'silent-sites-kept', silent: silent.length, asked: asked.length },
        'most sites that were asked are silent: none of them is replaced, for the way to them may be at fault',
      )
      return
    }
  }
  await each(
    silent.slice(0, restartedAtMost),
    ({ id }) => id,
    (site) => restart(ports, site, causationId),
  )
}
