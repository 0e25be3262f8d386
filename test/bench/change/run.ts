import * as z from 'zod'
import { runBench } from '../measurement.ts'
import { measureChange } from './measure-change.ts'

const usage = `Buys a plan for a site and changes it down and up while visitors read and write: no request may fail, no write may be lost.
The bars for times do not decide, because other work on the machine changes them.

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

await runBench(
  optionsSchema,
  usage,
  async function* ({ runtime, connections, data }) {
    for (const mode of data === undefined ? modes : [data]) {
      yield await measureChange({ runtime, data: mode, connections, quietMilliseconds: 2000 })
    }
  },
  ({ unit }) => unit !== 'ms',
)
