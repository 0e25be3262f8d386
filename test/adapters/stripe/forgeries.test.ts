import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createWebhookSignatures } from '../../../adapters/stripe/webhook-signatures.ts'
import { forgeryNear } from './forgeries.ts'
import { headerOf, sampleSecret } from './sample-events.ts'

/** `npm run forgeries` asks for a hundred thousand. */
const runs = Number(process.env['SITEWRIGHT_FORGERIES'] ?? 400)

const now = 1_793_000_000
const signatures = createWebhookSignatures({ secrets: [sampleSecret], clock: () => new Date(now * 1000).toISOString() })

const isAccepted = (body: Uint8Array, header: string | undefined): boolean => {
  try {
    signatures.verify(body, header)
    return true
  } catch (error) {
    expect(error).toMatchObject({ kind: 'WebhookRefused' })
    return false
  }
}

it(`of ${runs} forged, cut, re-signed, stale and future events none is accepted, and each that they were made of is`, {
  timeout: 600_000,
}, () => {
  const tried = new Map<string, number>()
  fc.assert(
    fc.property(forgeryNear(now), ({ genuine, forgery }) => {
      tried.set(forgery.kind, (tried.get(forgery.kind) ?? 0) + 1)
      expect(isAccepted(genuine.body, headerOf(genuine.body, genuine.signedAt))).toBe(true)
      expect(isAccepted(forgery.body, forgery.header), forgery.kind).toBe(false)
    }),
    { numRuns: runs },
  )
  expect([...tried.values()].reduce((sum, count) => sum + count)).toBe(runs)
  expect(tried.size).toBe(14)
  if (runs > 400) process.stdout.write(`${[...tried].map(([kind, count]) => `${count} × ${kind}`).join('\n')}\n`)
})
