import { execFile } from 'node:child_process'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { temporaryDirectory } from '../e2e/temporary-directory.ts'
import { canTest } from '../support/can-test.ts'

const run = promisify(execFile)

const mayMount = process.platform === 'linux' && process.getuid?.() === 0

/** Whether tests that mount a disk can run. Only root may mount: elsewhere one line says so, and in CI it is an error. */
export const hasSmallDisks = (): boolean =>
  canTest(mayMount, 'full and read-only disks are not tested: only root on Linux can mount one')

export interface SmallDisk extends AsyncDisposable {
  readonly path: string
  /** Takes all the space there is. */
  readonly fill: () => Promise<void>
  /** Gives it back. */
  readonly free: () => Promise<void>
}

/** A disk of its own, in memory. */
export const mountDisk = async (
  options: { readonly readOnly?: boolean; readonly mebibytes?: number } = {},
): Promise<SmallDisk> => {
  const mountPoint = await temporaryDirectory()
  const { path } = mountPoint
  await run('mount', ['-t', 'tmpfs', '-o', options.readOnly ? 'ro' : `size=${options.mebibytes ?? 48}m`, 'tmpfs', path])
  const ballast = join(path, 'ballast')
  return {
    path,
    fill: async () => {
      await using file = await open(ballast, 'a')
      const megabyte = Buffer.alloc(1_000_000)
      try {
        for (;;) await file.appendFile(megabyte)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    },
    free: () => rm(ballast, { force: true }),
    [Symbol.asyncDispose]: async () => {
      await run('umount', ['--lazy', path])
      await mountPoint[Symbol.asyncDispose]()
    },
  }
}
