import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'

const made = async (remove: (work: () => Promise<void>) => void): Promise<string> => {
  const path = await mkdtemp(join(tmpdir(), 'sitewright-test-'))
  remove(() => rm(path, { recursive: true, force: true }))
  return path
}

/** A directory for the tests around it. */
export const directoryForAll = (): Promise<string> => made(afterAll)

/** A directory for the present test. */
export const directoryForTest = (): Promise<string> => made(onTestFinished)
