import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startTimeOf } from '../../../adapters/leftovers/find-leftovers.ts'
import { startChild, whenHealthy } from '../../../adapters/processes/child.ts'
import { directoryForAll } from '../../support/temporary-directories.ts'
import { waitFor } from '../../support/wait-for.ts'

const directory = await directoryForAll()

test('a health check that hangs and ignores signals is ended with what it started, and is no success', async () => {
  const pids = join(directory, 'pids')
  const hangs = `trap '' TERM; sleep 60 & echo $! >>'${pids}'; wait; sleep 60`
  const command = {
    name: 'web',
    file: 'sleep',
    args: ['60'],
    directory,
    environment: { PATH: process.env['PATH'] ?? '' },
    stopMilliseconds: 100,
    health: { command: ['sh', '-c', hangs], seconds: 0 },
  }
  const child = await startChild(command, 1)
  try {
    await expect(whenHealthy(child, command)).rejects.toMatchObject({ kind: 'LaunchFailed' })
    const started = Number((await readFile(pids, 'utf8')).split('\n')[0])
    await waitFor(async () => (await startTimeOf(started)) === undefined)
  } finally {
    await child.stop()
  }
}, 20_000)
