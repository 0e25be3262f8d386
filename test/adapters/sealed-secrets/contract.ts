import { describe, expect, it } from 'vitest'
import { maxValueBytes } from '../../../core/blueprint/variables.ts'
import type { SecretOpener, SecretSealer } from '../../../lambdas/configuration/configuration.ts'

type Opened = SecretSealer & SecretOpener & AsyncDisposable

const purpose = { siteId: 'site_01jq3v5k8m0000000000000000', version: 7, name: 'API_KEY' } as const

/** Everybody who seals secrets keeps this. */
export const sealedSecretsContract = (open: () => Promise<Opened>): void => {
  describe('a sealed secret', () => {
    it.each(['a secret', 'x', '🔑 of many\nlines\r\n', '$' + '{KEY} $$', 'é'.repeat(maxValueBytes / 2)])(
      'is opened as it was: %#',
      async (value) => {
        await using sealing = await open()
        expect(await sealing.open(purpose, await sealing.seal(purpose, value))).toBe(value)
      },
    )

    it('shows nothing of its value, and differs each time', async () => {
      await using sealing = await open()
      const sealed = await Promise.all([1, 2].map(() => sealing.seal(purpose, 'an open secret')))
      expect(sealed[0]).not.toBe(sealed[1])
      for (const text of sealed) {
        expect(text).toMatch(/^[A-Za-z0-9+/]+=*$/)
        expect(Buffer.from(text, 'base64').includes('open secret')).toBe(false)
      }
    })

    it.each([
      { ...purpose, siteId: 'site_01jq3v5k8m0000000000000001' as const },
      { ...purpose, version: 8 },
      { ...purpose, name: 'API_KEZ' },
    ])('is not opened as something else: %o', async (other) => {
      await using sealing = await open()
      const sealed = await sealing.seal(purpose, 'a secret')
      await expect(sealing.open(other, sealed)).rejects.toThrow()
    })

    it('is not opened where a bit differs, or some of it is missing', async () => {
      await using sealing = await open()
      const bytes = Buffer.from(await sealing.seal(purpose, 'a secret'), 'base64')
      for (const place of [0, 13, bytes.length >> 1, bytes.length - 1]) {
        const changed = Buffer.from(bytes)
        changed[place] = (changed[place] ?? 0) ^ 1
        await expect(sealing.open(purpose, changed.toString('base64'))).rejects.toThrow()
      }
      for (const length of [0, 5, 20, bytes.length - 1]) {
        await expect(sealing.open(purpose, bytes.subarray(0, length).toString('base64'))).rejects.toThrow()
      }
    })
  })
}
