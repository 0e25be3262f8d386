import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'

const repository = fileURLToPath(new URL('../..', import.meta.url))

// What they find is asked every night: `.ci/nightly` fails unless everything holds.
it.each([
  ['test/attacks/run.ts', ['--only', 'nothing'], 'Attacks: 100 idle sockets,'],
  ['test/crowd/run.ts', ['--people', '2', '--url', 'http://127.0.0.1:9'], 'http://127.0.0.1:9 does not answer'],
])('%s with %j ends with 1 and says why', async (script, options, words) => {
  const { code, output } = await new Promise<{ code: unknown; output: string }>((resolve) =>
    execFile(process.execPath, [script, ...options], { cwd: repository }, (error, stdout, stderr) =>
      resolve({ code: error?.code, output: stdout + stderr }),
    ),
  )
  expect(output).toContain(words)
  expect(code).toBe(1)
})
