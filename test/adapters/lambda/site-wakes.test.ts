import { describe, expect, it } from 'vitest'
import { createSiteWakes } from '../../../cloud/router/router-parts.ts'

const call = { siteId: 'site_01jq3v5k8m0000000000000001', client: 'hash', isDeliberate: false } as const

const wakesWith = (answer: { readonly FunctionError?: string; readonly Payload?: Uint8Array }) => {
  const sent: unknown[] = []
  const client = {
    send: async ({ input }: { input: { FunctionName: string; Payload: Uint8Array } }) => {
      sent.push([input.FunctionName, JSON.parse(Buffer.from(input.Payload).toString())])
      return answer
    },
  }
  return { sent, wakes: createSiteWakes({ client: client as never, functionName: 'wake' }) }
}

const payload = (answer: unknown) => ({ Payload: Buffer.from(JSON.stringify(answer)) })

describe('the function that wakes sites', () => {
  it.each([{ outcome: 'waking' }, { outcome: 'limited', retryAfterSeconds: 30 }])('answers %o', async (answer) => {
    const { sent, wakes } = wakesWith(payload(answer))
    expect(await wakes.wake(call)).toEqual(answer)
    expect(sent).toEqual([['wake', call]])
  })

  it.each([
    ['failed', { FunctionError: 'Unhandled', ...payload({ errorMessage: 'away' }) }],
    ['answers something else', payload({ outcome: 'asleep' })],
    ['answers nothing', {}],
  ])('is an error if it %s', async (_, answer) => {
    await expect(wakesWith(answer).wakes.wake(call)).rejects.toThrow()
  })
})
