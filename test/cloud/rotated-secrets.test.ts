import { expect, it, vi } from 'vitest'
import { openSignups, openWebhookManagement } from '../../cloud/parts/messages.ts'
import { openCodeSecret } from '../../cloud/parts/rotated-secrets.ts'
import config from '../../sitewright.config.ts'
import { solveChallenge } from '../../web/sign-up/solve-challenge.ts'
import { recordingLog } from '../support/fixed-ports.ts'

const context = {
  abuse: { ...config.abuse, proofOfWork: { ...config.abuse.proofOfWork, cost: 1, attempts: 4 } },
  log: recordingLog(),
  variable: (name: string) => name,
}

/** What Secrets Manager has, by the variables that name it. */
const secretsWith = (values: Record<string, string>) => ({ valueOf: async (id: string) => values[id] ?? '' })

it('of codes are used by an instance that runs, also for proofs of work', async () => {
  const values = { CODE_SECRET: 'a'.repeat(43) }
  const { codeSecret, proofOfWork } = await openSignups(context, secretsWith(values))
  const expiresAt = '2026-03-01T12:05:00.000Z'
  const solved = async () => solveChallenge(await proofOfWork.challenge(expiresAt, 1))
  const before = await solved()
  expect(await proofOfWork.isSolved(before)).toBe(true)
  values.CODE_SECRET = 'b'.repeat(43)
  expect(await codeSecret()).toBe('b'.repeat(43))
  expect(await proofOfWork.isSolved(before)).toBe(false)
  expect(await proofOfWork.isSolved(await solved())).toBe(true)
})

it('of codes stay what they were while Secrets Manager does not answer', async () => {
  const ask = vi.fn(async () => 'the first one')
  const codeSecret = await openCodeSecret(context, { valueOf: ask })
  ask.mockRejectedValue(new Error('no answer'))
  expect([await codeSecret(), await codeSecret()]).toEqual(['the first one', 'the first one'])
  expect(ask).toHaveBeenCalledTimes(2)
})

it('of webhooks are used by an instance that runs', async () => {
  const values = { WEBHOOK_SECRET: 'a'.repeat(43) }
  const { webhookSecrets } = openWebhookManagement(context, secretsWith(values))
  const before = await webhookSecrets.valueOf('hook_01jq3v5k8m0000000000000000', 1)
  expect(await webhookSecrets.valueOf('hook_01jq3v5k8m0000000000000000', 1)).toBe(before)
  values.WEBHOOK_SECRET = 'b'.repeat(43)
  expect(await webhookSecrets.valueOf('hook_01jq3v5k8m0000000000000000', 1)).not.toBe(before)
})
