import { expect, it, vi } from 'vitest'
import { readSettings } from '../../local/settings.ts'

vi.mock('node:os', async (importOriginal) => ({
  ...(await importOriginal<typeof import('node:os')>()),
  availableParallelism: () => 192,
}))

it('a machine with many cores has no more routers by default than can be asked for', () => {
  const { routers } = readSettings({})
  expect(routers).toBe(64)
  expect(readSettings({ SITEWRIGHT_ROUTERS: String(routers) }).routers).toBe(routers)
})
