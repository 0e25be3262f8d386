import { writeFile } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { startWorker } from '../../../adapters/archiver/worker-process.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { verifyJob } from './scene.ts'

it('a worker has a low priority, and is ended where it has reported and does not exit', async () => {
  await using directory = await temporaryDirectory()
  const program = join(directory.path, 'hangs.js')
  const report = JSON.stringify({ state: 'done', peakMebibytes: 64 })
  await writeFile(program, `process.stdin.once('data', () => console.log('${report}'))`)
  const scratch = join(directory.path, 'scratch')
  const task = { job: verifyJob(), directory: scratch, archiveDirectory: directory.path, scratch }
  const worker = startWorker(task, { program, exitMilliseconds: 100 })
  expect(getPriority(worker.pid!)).toBe(19)
  expect(await worker.ended).toMatchObject({ signal: 'SIGKILL', peakMebibytes: 64 })
})
