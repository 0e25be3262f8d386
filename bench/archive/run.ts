import * as z from 'zod'
import { readOptions } from '../../bin/command-line/read-options.ts'
import { loadText, machineText } from '../machine.ts'
import { resultOf } from '../measurement.ts'
import { sectionLines } from '../table.ts'
import { measureArchive } from './measure-archive.ts'

const usage = `Measures what it takes to archive a site's data, to verify the archive and to restore it, beside tar and zstd.

  npm run bench:archive
  npm run bench:archive -- --mebibytes 10240

  --mebibytes <number>   how much data (2048); three times as much is needed below the directory for temporary files
`

const optionsSchema = z.object({ mebibytes: z.coerce.number().int().min(4).max(1_000_000).default(2048) })

const main = async (): Promise<void> => {
  const options = readOptions(optionsSchema, usage)
  if (options === undefined) return
  console.log(`${machineText()}, ${loadText()} at the start\n`)
  const section = await measureArchive(options.mebibytes)
  console.log(sectionLines(section).join('\n'))
  if (!section.measurements.every((measurement) => resultOf(measurement).holds)) process.exitCode = 1
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
