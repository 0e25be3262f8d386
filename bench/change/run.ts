import * as z from 'zod'
import { readOptions } from '../../bin/command-line/read-options.ts'
import { loadText, machineText, resultOf, sectionLines } from '../measurement.ts'
import { measureChange } from './measure-change.ts'

const usage = `Buys a plan for a site and changes it down and up while visitors read and write: no request may fail, no write may be lost.
Of times there are bars, which do not decide: whoever shares the machine moves them.

  npm run bench:change
  npm run bench:change -- --runtime containers
  npm run bench:change -- --data shared

  --runtime <name>        what sites run as: processes or containers (processes)
  --data <mode>           exclusive: the welcome site, which is swapped; shared: one that overlaps, as processes, and is swapped, as containers (both)
  --connections <number>  how many visitors there are at once (50)
`

const modes = ['exclusive', 'shared'] as const
const optionsSchema = z.object({
  runtime: z.enum(['processes', 'containers']).default('processes'),
  data: z.enum(modes).optional(),
  connections: z.coerce.number().int().min(1).max(400).default(50),
})

const main = async (): Promise<void> => {
  const options = readOptions(optionsSchema, usage)
  if (options === undefined) return
  const { runtime, connections } = options
  console.log(`${machineText()}, ${loadText()} at the start\n`)
  for (const data of options.data === undefined ? modes : [options.data]) {
    const section = await measureChange({ runtime, data, connections, quietMilliseconds: 2000 })
    console.log(sectionLines(section).join('\n'))
    const deciding = section.measurements.filter(({ unit }) => unit !== 'ms')
    if (!deciding.every((measurement) => resultOf(measurement).holds)) process.exitCode = 1
  }
  console.log(`${loadText()} at the end`)
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
