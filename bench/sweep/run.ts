import { mkdtempDisposable } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as z from 'zod'
import { plusDays } from '../../core/instant.ts'
import type { Section } from '../measurement.ts'
import { runBench } from '../measurement.ts'
import { median } from '../statistics.ts'
import { daysBetweenRounds, dueEachRound, mostRounds } from './make-sites.ts'
import type { SweepFigures } from './open-sweep.ts'
import { openSweep } from './open-sweep.ts'

const usage = `Measures the same sweep, with a thousand sites due, over a small place and over a large one, in turn.

  npm run bench:sweep
  npm run bench:sweep -- --sites 100000

  --sites <number>    of the large place (1000000); a million take minutes to write, and ten gigabytes
  --rounds <number>   how often a thousand are due (4)
`

const optionsSchema = z.object({
  sites: z.coerce.number().int().min(20_000).max(5_000_000).default(1_000_000),
  rounds: z.coerce.number().int().min(1).max(mostRounds).default(mostRounds),
})

const small = 10_000
const bar = { atMost: 1.2 }
const start = '2026-03-01T12:00:00.000Z'
const due = dueEachRound.notices + dueEachRound.ends

const sectionOf = (sites: number, few: readonly SweepFigures[], many: readonly SweepFigures[]): Section => {
  const of = (figures: readonly SweepFigures[], name: keyof SweepFigures) => median(figures.map((one) => one[name]))
  const compared = (name: keyof SweepFigures, what: string, unit: string) => [
    { name: `${what}, ${small} sites`, value: of(few, name), unit },
    { name: `${what}, ${sites} sites`, value: of(many, name), unit },
    { name: `${what}, ratio`, value: of(many, name) / of(few, name), unit: '', bar },
  ]
  return {
    title: `A sweep with ${due} due: ${dueEachRound.notices} reminders and ${dueEachRound.ends} ends`,
    measurements: [
      ...compared('itemsRead', 'items read', 'items'),
      ...compared('reads', 'requests that read', 'calls'),
      ...compared('milliseconds', 'time', 'ms'),
      { name: 'requests that write, the large place', value: of(many, 'writes'), unit: 'calls' },
      { name: 'runs, the large place', value: of(many, 'runs'), unit: 'runs' },
    ],
    notes: [
      'Medians. The forecast of the day is read in every round; besides those of the next rounds no site is due within two days.',
    ],
  }
}

const measure = async (sites: number, rounds: number): Promise<Section> => {
  await using opening = new AsyncDisposableStack()
  const open = async (total: number) => {
    const { path } = opening.use(await mkdtempDisposable(join(tmpdir(), 'sitewright-bench-sweep-')))
    return opening.use(await openSweep(path, total, rounds, start))
  }
  const few = await open(small)
  const startedAt = performance.now()
  const many = await open(sites)
  console.log(`${sites} sites were written in ${Math.round((performance.now() - startedAt) / 1000)} s`)
  const figures: { readonly few: SweepFigures[]; readonly many: SweepFigures[] } = { few: [], many: [] }
  for (let round = 0; round < rounds; round += 1) {
    const at = plusDays(start, round * daysBetweenRounds)
    figures.few.push(await few.sweepAt(at))
    figures.many.push(await many.sweepAt(at))
  }
  for (const { acted } of [...figures.few, ...figures.many]) {
    if (acted !== due) throw new Error(`a sweep acted on ${acted} sites, where ${due} were due`)
  }
  return sectionOf(sites, figures.few, figures.many)
}

await runBench(optionsSchema, usage, async function* ({ sites, rounds }) {
  yield await measure(sites, rounds)
})
