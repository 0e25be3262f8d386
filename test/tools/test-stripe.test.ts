import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { childEnvironment } from '../support/child-environment.ts'

const tool = join(import.meta.dirname, '../../tools/test-stripe.ts')

const runLive = (more: NodeJS.ProcessEnv) =>
  new Promise<{ code: number | null; said: string }>((resolve) => {
    const child = execFile(
      process.execPath,
      [tool, '--live'],
      { env: childEnvironment(more) },
      (_error, _stdout, said) => resolve({ code: child.exitCode, said }),
    )
  })

test.each([
  ['no key', {}, 'needs STRIPE_SECRET_KEY'],
  ['an empty key', { STRIPE_SECRET_KEY: '' }, 'needs STRIPE_SECRET_KEY'],
  ['a live key', { STRIPE_SECRET_KEY: 'sk_live_0a1b2c3d' }, 'is a live key'],
  ['a publishable key', { STRIPE_SECRET_KEY: 'pk_test_0a1b2c3d' }, 'has to start with sk_test_'],
])('a live run with %s says in one line what is missing, and fails', async (_, env, line) => {
  const { code, said } = await runLive(env)
  expect(code).toBe(1)
  expect(said.trim().split('\n')).toEqual([expect.stringContaining(line)])
  expect(said).not.toContain('0a1b2c3d')
})
