import type { OwnHost } from '../start-host.ts'
import type { Timeline } from '../timeline.ts'
import type { Walk } from '../walk.ts'
import { moveSite } from './bundles.ts'
import { drainCell, loseCell } from './cells.ts'
import { checkWrites, openSite } from './visited-site.ts'

/**
 * Plays how a site with a database moves to a second home and back, and how the sites of a cell leave it: when it is drained under load, and
 * when it is lost.
 * @throws {Error} at the first unexpected value.
 */
export const tellMove = async (
  person: Walk,
  timeline: Timeline,
  { directory, hosts: [home, away] }: { readonly directory: string; readonly hosts: readonly OwnHost[] },
): Promise<string> => {
  if (home === undefined || away === undefined) throw new Error('the story needs two hosts')
  const open = (name: string) => openSite(person, `${person.slug}-${name}`, timeline)
  const site = await open('a')
  await moveSite({ timeline, site, directory }, { from: home, to: away, name: 'there' })
  await moveSite({ timeline, site, directory }, { from: away, to: home, name: 'back' })

  const others = [await open('b'), await open('c')]
  const scene = { timeline, host: home, directory }
  await drainCell(scene, [site, ...others])
  const unsaved = await open('d')
  await loseCell(scene, { saved: site, unsaved })
  return `All sites: ${await checkWrites(home, [site, ...others, unsaved])}.`
}
