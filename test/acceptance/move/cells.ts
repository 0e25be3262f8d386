import { rename } from 'node:fs/promises'
import { cellsOfHost, problemOf } from '../../support/cells-of-host.ts'
import { awaitValue, check } from '../expectations.ts'
import type { OwnHost } from '../start-host.ts'
import type { Timeline } from '../timeline.ts'
import { cell, diskIn } from './notes.ts'
import { checkWrites, underLoad, urlAt, type VisitedSite } from './visited-site.ts'

type Cells = Awaited<ReturnType<typeof cellsOfHost>>

const accepted = async (what: string, answer: ReturnType<Cells['act']>, status = 202): Promise<void> => {
  const { status: found, json } = await answer
  check(what, [found, found === status ? undefined : json.detail], [status, undefined])
}

/** Waits until a site is in a cell, and nothing is under way. */
const awaitCell = (cells: Cells, { id, slug }: VisitedSite, name: string) =>
  awaitValue(
    `cell of ${slug}`,
    async () => {
      const found = await cells.siteOf(id)
      return [found.cell, found.operation]
    },
    [name, null],
    100,
  )

const awaitEnd = (cells: Cells) =>
  awaitValue('state of the roll-out', async () => (await cells.rolloutOf(cell))?.state, 'finished', 200)

interface Scene {
  readonly timeline: Timeline
  readonly host: OwnHost
  readonly directory: string
}

/** A cell is drained while visitors use its sites and those of the other one. */
export const drainCell = async ({ timeline, host }: Scene, sites: readonly VisitedSite[]): Promise<void> => {
  const cells = await cellsOfHost(host)
  const [first, second] = sites
  if (first === undefined || second === undefined) throw new Error('a drain needs two sites')
  await timeline.step(
    `two sites change to cell ${cell}`,
    async () => {
      const relocate = async (site: VisitedSite): Promise<void> => {
        if ((await cells.siteOf(site.id)).cell === cell) return
        await accepted('relocation', cells.act(`sites/${site.id}/relocation`, { cell }))
        await awaitCell(cells, site, cell)
      }
      return underLoad(host, sites, async () => {
        await relocate(first)
        await relocate(second)
      })
    },
    ({ longestSilence }) => `under load; at most ${longestSilence} ms without an answer`,
  )
  await timeline.step(
    `cell ${cell} is drained`,
    async () => {
      const { longestSilence } = await underLoad(host, sites, async () => {
        await accepted('drain', cells.act(`cells/${cell}/drain`))
        await awaitEnd(cells)
      })
      for (const site of sites) await awaitCell(cells, site, 'local')
      check('state of the cell', await cells.stateOf(cell), 'empty')
      return `under load; at most ${longestSilence} ms without an answer. ${await checkWrites(host, sites)}`
    },
    (said) => said,
  )
  await accepted('abort', cells.act(`rollouts/cell:${cell}/abort`), 200)
  check('state of the cell', await cells.stateOf(cell), 'open')
  // The sites of each cell are counted from time to time.
  await timeline.step('the next site goes there', () => awaitValue('cell with most room', cells.roomiest, cell, 200))
}

const late = 'after its last copy'

/** A cell is lost with a site that has a copy and one that has none, and its disk returns. */
export const loseCell = async (
  { timeline, host, directory }: Scene,
  { saved, unsaved }: { readonly saved: VisitedSite; readonly unsaved: VisitedSite },
): Promise<void> => {
  const cells = await cellsOfHost(host)
  const disk = diskIn(directory)
  await timeline.step(
    'a site has a copy, another has none',
    async () => {
      await accepted('relocation', cells.act(`sites/${saved.id}/relocation`, { cell }))
      await awaitCell(cells, saved, cell)
      await awaitCell(cells, unsaved, cell)
      await underLoad(host, [saved, unsaved], async () => undefined)
      await saved.owner.copy()
      await awaitCell(cells, saved, cell)
      await saved.notes.write(urlAt(host, saved), late)
      return checkWrites(host, [saved, unsaved])
    },
    (said) => said,
  )
  await timeline.step(
    `the disk of ${cell} is gone`,
    async () => {
      await rename(disk, `${disk}-aside`)
      for (const { slug } of [saved, unsaved]) {
        await awaitValue(`page of ${slug}`, () => problemOf(host, slug), '503 urn:sitewright:problem:disk-away', 100)
      }
    },
    () => 'their visitors see a page',
  )
  await timeline.step(
    'two administrators declare it lost',
    async () => {
      await accepted('request', cells.act(`cells/${cell}/loss`))
      check('state', (await cells.rolloutOf(cell))?.state, 'requested')
      await accepted('confirmation', cells.confirm(`cells/${cell}/loss`))
      await awaitEnd(cells)
      const { held, restored } = (await cells.rolloutOf(cell)) ?? {}
      check('sites that are held', held, [{ siteId: unsaved.id, because: 'no-archive' }])
      check(
        'restored sites',
        restored?.map(({ siteId }) => siteId),
        [saved.id],
      )
      await awaitCell(cells, saved, 'local')
      check(
        'whether it has what came after its copy',
        (await saved.notes.read(urlAt(host, saved))).includes(late),
        false,
      )
      return `one is restored from ${restored?.[0]?.archiveAt}, one is held. ${await checkWrites(host, [saved])}`
    },
    (said) => said,
  )
  await timeline.step(
    'the disk returns',
    async () => {
      await rename(`${disk}-aside`, disk)
      const isThere = async () => (await problemOf(host, unsaved.slug)).startsWith('200')
      await awaitValue(`whether ${unsaved.slug} answers`, isThere, true, 100)
      await underLoad(host, [saved, unsaved], async () => undefined)
      check('cells', [(await cells.siteOf(saved.id)).cell, (await cells.siteOf(unsaved.id)).cell], ['local', cell])
      return checkWrites(host, [saved, unsaved])
    },
    (said) => `both run, each where it is recorded. ${said}`,
  )
}
