import { execFile } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { mkdir, mkdtempDisposable, open, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import * as z from 'zod'
import { createProcessArchiver, type ProcessArchiver } from '../../../adapters/archiver/process-archiver.ts'
import { openArchiveDirectory } from '../../../adapters/files/archive-store.ts'
import type { ArchiveJob } from '../../../core/ports/archives.ts'
import { homeName } from '../../../core/site/location.ts'
import { poll } from '../../acceptance/poll.ts'
import { type Measurement, runBench, type Section } from '../measurement.ts'
import { findProgram } from '../router/find-program.ts'

const run = promisify(execFile)

const siteId = 'site_01jq3v5k8m0000000000000000'
const archiveId = 'arc_01jq3v5k8m0000000000000000'
const homes = [1, 2].map((generation) => ({ siteId, cell: 'local', generation }) as const)

const jobs: readonly ArchiveJob[] = homes.flatMap((home): ArchiveJob[] =>
  home.generation === 1
    ? [
        {
          kind: 'copy',
          id: 'copy',
          siteId,
          home,
          archiveId,
          blueprint: { name: 'welcome', version: 1 },
          at: '2026-01-01T00:00:00.000Z',
        },
        { kind: 'verify', id: 'verify', siteId, cell: 'local', archiveId },
      ]
    : [{ kind: 'restore', id: 'restore', siteId, home, archiveId }],
)

const seconds = async (work: () => Promise<unknown>): Promise<number> => {
  const begun = performance.now()
  await work()
  return (performance.now() - begun) / 1000
}

const toItsEnd = async (archiver: ProcessArchiver, job: ArchiveJob): Promise<void> => {
  const state = await poll(
    () => archiver.run(job),
    ({ state: reached }) => reached === 'done' || reached === 'failed',
    { patience: Number.POSITIVE_INFINITY, pause: 20 },
  )
  if (state.state === 'failed') throw new Error(state.message)
}

const withPrograms = async (data: string, root: string): Promise<readonly Measurement[]> => {
  if ((await findProgram('zstd')) === undefined || (await findProgram('tar')) === undefined) return []
  const archive = join(root, 'programs.tar.zst')
  const target = join(root, 'programs')
  await mkdir(target)
  const pipe = (command: string): Promise<unknown> =>
    run('sh', ['-c', command, 'sh', data, archive, target], { maxBuffer: 2 ** 20 })
  const packed = await seconds(() => pipe('tar -C "$1" --format=posix -c . | zstd -q -3 -T1 -o "$2"'))
  const unpacked = await seconds(() => pipe('zstd -q -dc "$2" | tar -C "$3" -x'))
  return [
    { name: 'tar | zstd, packing without digests', value: packed, unit: 's' },
    { name: 'zstd | tar, unpacking without comparing', value: unpacked, unit: 's' },
  ]
}

/** Archives a tree of this many MiB and restores it, each step in its own worker. */
export const measureArchive = async (mebibytes: number): Promise<Section> => {
  await using temporary = await mkdtempDisposable(join(tmpdir(), 'sitewright-bench-archive-'))
  const root = temporary.path
  const archiveDirectory = join(root, 'archives')
  const directoryOf = (home: Parameters<typeof homeName>[0]): string => join(root, homeName(home))
  for (const home of homes) await mkdir(directoryOf(home))
  await writeTree(join(root, siteId), mebibytes)
  const peaks: number[] = []
  const note = (fields: object): void => {
    if ('peakMebibytes' in fields) peaks.push(Number(fields.peakMebibytes))
  }
  const archives = await openArchiveDirectory(archiveDirectory)
  const scratchDirectory = join(root, 'scratch')
  const log = { info: note, warn: note, error: note }
  const archiver = createProcessArchiver({ archives, archiveDirectory, scratchDirectory, directoryOf, log })
  const measurements: Measurement[] = []
  for (const job of jobs) {
    const taken = await seconds(() => toItsEnd(archiver, job))
    const peak = ((peaks.at(-1) ?? Number.NaN) * 2 ** 20) / 1e6
    measurements.push(
      { name: job.kind, value: taken, unit: 's' },
      { name: `${job.kind}, memory of its worker at most`, value: peak, unit: 'MB', bar: { atMost: 128 } },
    )
  }
  await archiver.close()
  const { size } = await stat(join(archiveDirectory, `${siteId}+${archiveId}.tar.zst.archive`))
  const programs = await withPrograms(join(root, siteId), root)
  return {
    title: `An archive of ${mebibytes} MiB`,
    measurements: [...measurements, { name: 'as stored', value: size / 2 ** 20, unit: 'MiB' }, ...programs],
    notes: programs.length === 0 ? ['tar or zstd is not installed, so there is no comparison.'] : [],
  }
}

const mebibyte = 1024 * 1024

const noise = (): Buffer => randomFillSync(Buffer.allocUnsafe(mebibyte))

/** Random bytes of sixteen values, which compress about as well as text. */
const words = (): Buffer => {
  const piece = noise()
  for (let index = 0; index < piece.length; index += 1) piece[index] = 97 + ((piece[index] ?? 0) % 16)
  return piece
}

/** Writes a tree of this many MiB: half of it noise, a quarter compressible, a quarter a hole, and a thousand small files. */
export const writeTree = async (directory: string, mebibytes: number): Promise<void> => {
  const large = async (name: string, piece: () => Buffer, count: number): Promise<void> => {
    await using file = await open(join(directory, name), 'w')
    for (let written = 0; written < count; written += 1) await file.writeFile(piece())
  }
  await large('noise', noise, Math.round(mebibytes / 2))
  await large('words', words, Math.round(mebibytes / 4))
  await writeFile(join(directory, 'hole'), '')
  await truncate(join(directory, 'hole'), Math.round(mebibytes / 4) * mebibyte)
  await mkdir(join(directory, 'small'))
  for (let count = 0; count < 1000; count += 1) await writeFile(join(directory, 'small', `${count}`), `${count}\n`)
}

const usage = `Measures archiving a site's data, verifying the archive and restoring it, compared with tar and zstd.

  npm run bench:archive
  npm run bench:archive -- --mebibytes 10240

  --mebibytes <number>   how much data (2048); three times as much is needed below the directory for temporary files
`

const optionsSchema = z.object({ mebibytes: z.coerce.number().int().min(4).max(1_000_000).default(2048) })

await runBench(optionsSchema, usage, async function* ({ mebibytes }) {
  yield await measureArchive(mebibytes)
})
