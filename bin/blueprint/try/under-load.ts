import { setTimeout as pause } from 'node:timers/promises'
import type { Door } from './door.ts'
import { type Finding, findingsOf } from './findings.ts'
import type { Load, MachineView } from './machine-view.ts'

const clients = 20
/** Milliseconds. */
const restBefore = 1500
const lasts = 3000
/** Between two requests of one client: all together stay far below what any plan admits in a minute. */
const between = 200
const sampledEvery = 400

/** The highest figures of each container. */
const peakOf = (samples: readonly Load[]): readonly Load[] =>
  [...Map.groupBy(samples, ({ container }) => container)].map(([container, own]) => ({
    container,
    memoryMiB: Math.max(...own.map(({ memoryMiB }) => memoryMiB)),
    threads: Math.max(...own.map(({ threads }) => threads)),
  }))

const words = (loads: readonly Load[]): string =>
  loads
    .map(({ container, memoryMiB, threads }) => {
      const name = loads.length > 1 ? `${container} ` : ''
      return `${name}${memoryMiB} MiB, ${threads} threads`
    })
    .join('; ') || 'not measured on this machine'

/** Measures the site at rest, and while 20 clients read a page again and again. @returns the peak of each container. */
export const measureLoad = async (
  door: Pick<Door, 'visit'>,
  view: Pick<MachineView, 'load'>,
  path: string,
  signal: AbortSignal,
): Promise<{ readonly findings: readonly Finding[]; readonly peak: readonly Load[] }> => {
  await pause(restBefore, undefined, { signal })
  const idle = await view.load()
  const times: number[] = []
  let failed = 0
  const endsAt = performance.now() + lasts
  const client = async (_: unknown, index: number): Promise<void> => {
    while (performance.now() < endsAt) {
      const askedAt = performance.now()
      const status = await door.visit({ path, as: 'owner', client: index }).then(
        (answer) => answer.status,
        () => 0,
      )
      if (status === 0 || status >= 500) failed += 1
      times.push(performance.now() - askedAt)
      await pause(between, undefined, { signal })
    }
  }
  const samples: Load[] = [...idle]
  const sample = async (): Promise<void> => {
    while (performance.now() < endsAt) {
      samples.push(...(await view.load()))
      await pause(sampledEvery, undefined, { signal })
    }
  }
  await Promise.all([sample(), ...Array.from({ length: clients }, client)])
  const peak = peakOf(samples)
  const slowest = Math.round(times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.95)] ?? 0)
  const { ok, wrong } = findingsOf(`under ${clients} clients`)
  const result = `${words(peak)} at most; ${times.length} requests, 95 % within ${slowest} ms, ${failed} failed.`
  const loaded = failed === 0 ? ok(result) : wrong(result, 'Read the output of the site.')
  return { peak, findings: [findingsOf('memory when idle').ok(`${words(idle)}.`), loaded] }
}
