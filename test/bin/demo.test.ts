import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startHost } from '../support/start-host.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))

const runDemo = async (...options: readonly string[]) => {
  const child = spawn(process.execPath, ['bin/demo.ts', ...options], {
    cwd: repository,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += String(chunk)
    })
  }
  const [code] = await once(child, 'close')
  return { code, output }
}

test('the demo walks from sign-up to data that is read back, as often as one likes', async () => {
  await using host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
  for (const _ of [1, 2]) {
    const { code, output } = await runDemo('--url', host.url)
    expect(output).toMatch(/✓ read it back +\d+ ms/)
    expect(output).toMatch(/From the code to a site that answers: \d+ ms/)
    expect(code).toBe(0)
  }
})

test('the demo says what is wrong where there is no host', async () => {
  const { code, output } = await runDemo('--url', 'http://127.0.0.1:9')
  expect(output).toContain('✗ find the host')
  expect(output).toContain('The demo failed. http://127.0.0.1:9 does not answer')
  expect(code).toBe(1)
})

test('the demo names an option that it does not know', async () => {
  const { code, output } = await runDemo('--ulr', 'http://localhost:4000')
  expect(output).toContain('--ulr')
  expect(code).toBe(1)
})
