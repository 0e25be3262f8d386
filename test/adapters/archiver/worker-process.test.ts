import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { getPriority } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import { startWorker } from '../../../adapters/archiver/worker-process.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { canTestOnLinux } from '../../support/can-test.ts'
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

it.runIf(canTestOnLinux('workers without file descriptors'))(
  'a worker that cannot have its streams has ended with the reason, and ends no host',
  async () => {
    const module = JSON.stringify(new URL('../../../adapters/archiver/worker-process.ts', import.meta.url).href)
    const script = `
      import { openSync } from 'node:fs'
      const { startWorker } = await import(${module})
      try { for (;;) openSync('/dev/null') } catch {}
      const worker = startWorker({ job: { kind: 'verify' }, directory: '/', archiveDirectory: '/', scratch: '/' })
      console.log(JSON.stringify({ pid: worker.pid ?? null, ...(await worker.ended) }))`
    const limited = ['-c', 'ulimit -n 64 && exec "$0" --input-type=module -e "$1"', process.execPath, script]
    const { stdout } = await promisify(execFile)('sh', limited)
    expect(JSON.parse(stdout)).toMatchObject({ pid: null, code: null, complaint: expect.stringContaining('EMFILE') })
  },
)
