/**
 * Runs the tests of the Stripe adapter before stripe-mock or, live, before a sandbox of Stripe with the key `STRIPE_SECRET_KEY`.
 *
 *   npm run test:stripe
 *   npm run test:stripe -- --live
 */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { modeOfKey } from '../adapters/stripe/client.ts'

const root = join(import.meta.dirname, '..')

/** Why a live run cannot begin, in one line. */
const problemOf = (key: string | undefined): string | undefined => {
  if (key === undefined || key === '') return '--live needs STRIPE_SECRET_KEY, the secret key of a sandbox (sk_test_…).'
  try {
    return modeOfKey(key) === 'test' ? undefined : 'STRIPE_SECRET_KEY is a live key. --live takes the key of a sandbox.'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const given = process.argv.slice(2)
const isLive = given.includes('--live')
const problem = isLive ? problemOf(process.env['STRIPE_SECRET_KEY']) : undefined

if (problem === undefined) {
  const others = given.filter((one) => one !== '--live')
  const run = spawn(join(root, 'node_modules/.bin/vitest'), ['run', '--config', 'vitest.stripe.config.ts', ...others], {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...(isLive && { SITEWRIGHT_STRIPE_LIVE: '1' }) },
  })
  run.once('exit', (code) => {
    process.exitCode = code ?? 1
  })
} else {
  console.error(problem)
  process.exitCode = 1
}
