import { spawn } from 'node:child_process'
import { getPriority, setPriority } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as z from 'zod'
import { type ArchiveJob, archiveJobSchema } from '../../core/ports/archives.ts'

/** The task of a worker process on this machine: one line on its standard input. */
export const workerTaskSchema = z.strictObject({
  job: archiveJobSchema,
  /** Where the job's data directory is; a job on an archive alone makes no use of it. */
  directory: z.string(),
  /** Where archives are kept. */
  archiveDirectory: z.string(),
  /** How many bytes their disk can take. */
  room: z.number().optional(),
  scratch: z.string(),
  owner: z.strictObject({ uid: z.int().nonnegative(), gid: z.int().nonnegative() }).optional(),
})
type WorkerTask = z.infer<typeof workerTaskSchema>

/** The report of a worker on its standard output, once it has written the outcome. */
const workerReportSchema = z.strictObject({
  state: z.enum(['done', 'failed']),
  /** The most memory that it had. */
  peakMebibytes: z.number(),
})

interface WorkerEnd {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  /** The end of what it printed as errors. */
  readonly complaint: string
  /** Set where it came to the end of its job: the most memory that it had. */
  readonly peakMebibytes?: number
}

export interface WorkerProcess {
  readonly pid: number | undefined
  readonly ended: Promise<WorkerEnd>
  readonly kill: () => void
}

const archiveWorker = fileURLToPath(new URL('../../bin/archive-worker.ts', import.meta.url))

/**
 * In MiB. Content is outside of them; what is young is given back early rather than late. Content counts as memory of the heap, though: marking
 * would begin every 12 MB of it, and take as long as the work itself.
 */
const flags = ['--max-old-space-size=64', '--max-semi-space-size=1', '--no-incremental-marking']

/**
 * Leaves out the host's own environment and so its secrets. One arena of memory for all threads saves up to 15 MiB with glibc. Workers share
 * what one of them has compiled: it is half of their start, and a site stands still meanwhile.
 */
const environmentOf = ({ scratch }: WorkerTask) => ({
  PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  MALLOC_ARENA_MAX: '1',
  NODE_COMPILE_CACHE: join(dirname(scratch), '.compiled'),
})

const longestComplaint = 2000

const peakOf = (output: string): { peakMebibytes?: number } => {
  try {
    return { peakMebibytes: workerReportSchema.parse(JSON.parse(output)).peakMebibytes }
  } catch {
    return {}
  }
}

/** Sites and the host get the CPU first, and then what somebody waits for: a copy is verified while its site runs again. */
const niceOf = ({ kind }: ArchiveJob): number => (kind === 'verify' ? 19 : 10)

/** In milliseconds. Node sometimes deadlocks while it exits (nodejs/node#54918); a job whose outcome is stored must not wait for that. */
const longestExit = 2000

/** Starts a worker on a task. It ends with this process, since its standard input does, and soon after it has printed a line in any case. */
export const startWorker = (
  task: WorkerTask,
  { program = archiveWorker, exitMilliseconds = longestExit } = {},
): WorkerProcess => {
  let output = ''
  let complaint = ''
  const child = spawn(process.execPath, [...flags, program], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: environmentOf(task),
  })
  const ended = new Promise<WorkerEnd>((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, complaint: error.message }))
    child.once('close', (code, signal) => resolve({ code, signal, complaint, ...peakOf(output) }))
  })
  const kill = (): void => void child.kill('SIGKILL')
  // Without file descriptors to spare, Node makes no streams, although its types say so, and reports the error afterwards.
  if (child.pid === undefined) return { pid: undefined, ended, kill }
  // From its start: loading its modules takes as much processor time as a small job.
  setPriority(child.pid, Math.max(getPriority(), niceOf(task.job)))
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString()
    if (output.endsWith('\n')) setTimeout(() => child.kill('SIGKILL'), exitMilliseconds).unref()
  })
  child.stderr.on('data', (chunk: Buffer) => {
    complaint = `${complaint}${chunk.toString()}`.slice(-longestComplaint)
  })
  // It may have ended before it was told.
  child.stdin.on('error', () => undefined)
  child.stdin.write(`${JSON.stringify(task)}\n`)
  return { pid: child.pid, ended, kill }
}
