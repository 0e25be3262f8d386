import { demoApi } from '../api.ts'
import { findWrites } from '../enterprise/written.ts'
import { awaitValue } from '../expectations.ts'
import { openLoad } from '../open-load.ts'
import type { OwnHost } from '../start-host.ts'
import { buyerCalls, ownerCalls } from '../story-api.ts'
import type { Timeline } from '../timeline.ts'
import { claimSite, signIn, type Walk } from '../walk.ts'
import { type Notes, notesOf } from './notes.ts'

/** A site, the calls of its owner at the first host, and what visitors wrote. */
export interface VisitedSite {
  readonly id: `site_${string}`
  readonly slug: string
  readonly owner: ReturnType<typeof ownerCalls>
  readonly notes: Notes
  /** What the site acknowledged. */
  readonly acknowledged: string[]
}

export const urlAt = ({ port }: Pick<OwnHost, 'port'>, { slug }: Pick<VisitedSite, 'slug'>): string =>
  `http://${slug}.localhost:${port}`

/** Somebody signs up and gets a site. */
export const openSite = async (person: Walk, slug: string, timeline: Timeline): Promise<VisitedSite> => {
  const { origin } = person
  const { token } = await signIn({ ...person, slug, email: `${slug}@example.com` }, timeline)
  const { site } = await claimSite(demoApi(origin, token), timeline, slug)
  const notes = await notesOf(buyerCalls(origin, token, site.id).revealPassword)
  const id = site.id as VisitedSite['id']
  return { id, slug, owner: ownerCalls(origin, token, id), notes, acknowledged: [] }
}

/** So many writes each site acknowledges before something happens to it, and after. */
const fewWrites = 10

/** Does something while visitors read and write at each site. @param endsElsewhere whether nothing more is acknowledged here. */
export const underLoad = async (
  host: OwnHost,
  sites: readonly VisitedSite[],
  work: () => Promise<unknown>,
  { endsElsewhere = false }: { readonly endsElsewhere?: boolean } = {},
): Promise<{ readonly longestSilence: number }> => {
  const open = (site: VisitedSite) => {
    const { visits } = site.notes
    const load = { connections: 2, thinkMilliseconds: 100, ...(visits && { visits }) }
    return openLoad({ port: host.port, host: new URL(urlAt(host, site)).host, ...load })
  }
  const loads = sites.map((site) => ({ site, load: open(site) }))
  const awaitMore = async (): Promise<void> => {
    for (const { site, load } of loads) {
      const before = load.acknowledgements()
      const isVisited = async () => load.acknowledgements() >= before + fewWrites
      await awaitValue(`whether ${site.slug} acknowledges writes`, isVisited, true, 50)
    }
  }
  try {
    await awaitMore()
    for (const { load } of loads) load.takeSilence()
    await work()
    if (!endsElsewhere) await awaitMore()
    return { longestSilence: Math.max(...loads.map(({ load }) => load.takeSilence())) }
  } finally {
    for (const { site, load } of loads) site.acknowledged.push(...(await load.stop()).acknowledged)
  }
}

/** Checks that everything that was acknowledged is there once. @returns a line with the figures. */
export const checkWrites = async (host: OwnHost, sites: readonly VisitedSite[]): Promise<string> => {
  let count = 0
  for (const site of sites) {
    const serving = await site.notes.read(urlAt(host, site))
    await findWrites({ acknowledged: site.acknowledged, serving, archives: [] })
    count += site.acknowledged.length
  }
  return `${count} acknowledged, 0 lost, 0 doubled`
}
