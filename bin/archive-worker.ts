import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { doArchiveJob } from '../adapters/archiver/do-archive-job.ts'
import { workerTaskSchema } from '../adapters/archiver/worker-process.ts'
import { openArchiveDirectory } from '../adapters/files/archive-store.ts'

/** The first line of the standard input. If the input ends, the parent process has ended, and this process ends too. */
const readTask = (): Promise<string> =>
  new Promise((resolve) => {
    createInterface({ input: process.stdin })
      .once('line', resolve)
      .once('close', () => process.exit(1))
  })

/**
 * The most memory that this process had, in MiB. `maxRSS` is also what its parent had when it started this process: Linux keeps that maximum over
 * execve(2). It is used where there is no `/proc`.
 */
const peakMebibytesOf = async (): Promise<number> => {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const kibibytes = /^VmHWM:\s*(\d+) kB$/m.exec(status)?.[1] ?? process.resourceUsage().maxRSS
  return Number(kibibytes) / 1024
}

const main = async (): Promise<void> => {
  const { job, ...task } = workerTaskSchema.parse(JSON.parse(await readTask()))
  const archives = await openArchiveDirectory(task.archiveDirectory, { isShared: true, readsAtOnce: true })
  // An emptied directory stays until its storage removes it: readers of data directories find it until the
  // outcome is written and read.
  const { state } = await doArchiveJob(job, { ...task, archives, keepsRoot: true, complain: console.error })
  const peakMebibytes = await peakMebibytesOf()
  process.stdout.write(`${JSON.stringify({ state, peakMebibytes })}\n`, () => process.exit(0))
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  // Any line says that it exits.
  process.stdout.write('{}\n', () => process.exit(1))
})
