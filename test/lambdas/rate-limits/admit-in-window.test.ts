import { expect, it } from 'vitest'
import { admitByNetwork } from '../../../lambdas/rate-limits/admit-in-window.ts'
import { countedWindows } from '../../support/counted-windows.ts'

const stage = () => {
  let now = '2026-03-01T12:00:01.000Z'
  const rateWindows = countedWindows()
  const ports = {
    rateWindows,
    clocks: { wall: () => now, domain: () => '2030-01-01T00:00:00.000Z' },
    codeSecret: async () => 's',
    abuse: { limitLoopback: false },
  }
  return {
    check: (from: string, limitLoopback = false) =>
      admitByNetwork({ ...ports, abuse: { limitLoopback } }, from, {
        of: 'name checks of network',
        requests: 'checks',
      }),
    at: (instant: string) => {
      now = instant
    },
  }
}

it('admits 300 checks of one network in ten minutes, and of any other', async () => {
  const { check, at } = stage()
  for (let index = 0; index < 300; index += 1) await check('2001:db8::1')
  await expect(check('2001:db8::2')).rejects.toMatchObject({
    kind: 'RateLimited',
    retryAfterSeconds: 599,
    message: 'Too many checks. Try again in 10 minutes.',
  })
  await check('2001:db8:0:1::1')
  at('2026-03-01T12:10:00.000Z')
  await check('2001:db8::2')
})

it('limits this machine only where its people are strangers', async () => {
  const { check } = stage()
  for (let index = 0; index < 301; index += 1) await check('127.0.0.1')
  for (let index = 0; index < 300; index += 1) await check('127.0.0.1', true)
  await expect(check('127.0.0.1', true)).rejects.toMatchObject({ kind: 'RateLimited' })
})
