import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

// Loaded into every process of a host: on a signal it collects garbage and writes how much the heap then holds.
const { NODE_BENCH_HEAPS } = process.env
setFlagsFromString('--expose_gc')
const collect: unknown = runInNewContext('gc')

process.on('SIGUSR2', () => {
  if (NODE_BENCH_HEAPS === undefined || typeof collect !== 'function') return
  collect()
  writeFileSync(join(NODE_BENCH_HEAPS, String(process.pid)), String(process.memoryUsage().heapUsed))
})
