import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it, vi } from 'vitest'
import { explain, installationOf, secretKeyFor, sync } from '../../bin/stripe-sync.ts'
import config from '../../sitewright.config.ts'
import { emptyList, fault, ok, startScriptedServer } from '../adapters/stripe/scripted-server.ts'

it.each([
  ['rk_live_secret1', false, undefined, 'Add --live'],
  ['sk_test_secret1', true, undefined, 'this key is of test mode'],
  ['sk_test_secret1', false, 'live', 'works with Stripe’s live mode'],
  ['sk_live_secret1', true, 'test', 'works with Stripe’s test mode'],
  ['pk_test_secret1', false, undefined, 'has to start with'],
  ['', false, undefined, 'Set STRIPE_SECRET_KEY'],
  [undefined, false, undefined, 'Set STRIPE_SECRET_KEY'],
] as const)('the key %s is refused, and not repeated (live meant: %s, stage: %s)', (key, isLive, mode, reason) => {
  const message = (() => {
    try {
      return `took ${secretKeyFor(key, { isLive, mode })}`
    } catch (error) {
      return String(error).replace("Stripe's", 'Stripe’s')
    }
  })()
  expect(message).toContain(reason)
  expect(message).not.toContain('secret1')
})

it.each([
  ['rk_live_1', true, 'live'],
  ['sk_live_1', true, undefined],
  ['sk_test_1', false, 'test'],
] as const)('the key %s is taken where it is meant', (key, isLive, mode) => {
  expect(secretKeyFor(key, { isLive, mode })).toBe(key)
})

it('a stage is known by its name, and gets its events at its console', async () => {
  expect(await installationOf(config, 'production')).toEqual({
    installation: 'sitewright-production',
    webhookUrl: 'https://try.example.com/v1/webhooks/stripe',
    mode: 'test',
  })
  await expect(installationOf(config, 'nowhere')).rejects.toThrow("has no stage 'nowhere'; it has: production")
})

it('a host is known by its home, once there is one', async () => {
  const home = await mkdtemp(join(tmpdir(), 'sitewright-sync-'))
  await expect(installationOf(config, undefined, home)).rejects.toThrow('No host has used')
  await writeFile(join(home, 'home.json'), JSON.stringify({ homeId: '0123456789abcdef' }))
  expect(await installationOf(config, undefined, home)).toMatchObject({ installation: '0123456789abcdef' })
  await rm(home, { recursive: true })
})

it('a host is in .sitewright if SITEWRIGHT_HOME is empty', async () => {
  vi.stubEnv('SITEWRIGHT_HOME', '')
  const [before, directory] = [process.cwd(), await mkdtemp(join(tmpdir(), 'sitewright-sync-'))]
  process.chdir(directory)
  try {
    await expect(installationOf(config, undefined)).rejects.toThrow('/.sitewright yet')
  } finally {
    process.chdir(before)
    await rm(directory, { recursive: true })
  }
})

/** How a sync of a stage fails at a server. */
const failureAt = async (apiBase: string): Promise<string> => {
  vi.stubEnv('STRIPE_SECRET_KEY', 'sk_test_1')
  vi.stubEnv('STRIPE_API_BASE', apiBase)
  const options = { 'dry-run': false, live: false, stage: 'production' }
  return sync(options).then(() => 'It did not fail.', explain)
}
afterEach(() => vi.unstubAllEnvs())

it.each(['http://stripe.invalid', 'http://127.0.0.1.stripe.invalid', 'stripe.invalid'])(
  'sends the key to no %s, where it could be read on the way',
  async (apiBase) => {
    const refusal = 'STRIPE_API_BASE must begin with https://; only this machine may have http://'
    expect(await failureAt(apiBase)).toBe(refusal)
  },
)

const refusedKey = fault(401, { type: 'invalid_request_error', message: 'Invalid API Key provided' })

it.each([
  ['refuses the key', refusedKey],
  ['is broken', fault(500, { type: 'api_error', message: 'Sorry' })],
  ['hangs up', undefined],
])('ends with one sentence if Stripe %s', async (_, answer) => {
  const stripe = await startScriptedServer(() => answer)
  const failure = await failureAt(stripe.apiBase)
  await stripe.close()
  expect(failure).toMatch(/^Stripe did not do what it was asked: .*$/)
})

it.each([
  [1, 'refuses the key', refusedKey, /^$/, /^Stripe did not do what it was asked: .*\n$/],
  [0, 'has nothing yet', ok(emptyList), /^sitewright-production, test mode:\n {2}.*\nNothing was changed\.\n$/s, /^$/],
])('ends as a command with %i if Stripe %s', async (code, _, answer, printed, said) => {
  const stripe = await startScriptedServer(() => answer)
  const env = { ...process.env, STRIPE_SECRET_KEY: 'sk_test_1', STRIPE_API_BASE: stripe.apiBase }
  const words = ['bin/stripe-sync.ts', '--stage', 'production', '--dry-run']
  const ended = await new Promise((resolve) => {
    execFile(process.execPath, words, { env }, (error, stdout, stderr) =>
      resolve({ code: error?.code ?? 0, stdout, stderr }),
    )
  })
  await stripe.close()
  expect(ended).toEqual({ code, stdout: expect.stringMatching(printed), stderr: expect.stringMatching(said) })
})
