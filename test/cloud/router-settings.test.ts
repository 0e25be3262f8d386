import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { followRouterSettings, packRouterSettings } from '../../cloud/router-settings.ts'
import { defineConfig } from '../../core/config/config.ts'
import { createUnlocks } from '../../core/plan/plan-catalogue.ts'
import config from '../../sitewright.config.ts'

const stage = config.stages['production']!
const withPlans = (change: object) => ({ ...config, plans: config.plans.map((plan) => ({ ...plan, ...change })) })

const following = async () => {
  const world: { text: string | undefined } = { text: packRouterSettings(config, stage) }
  const logged: (string | undefined)[] = []
  const line = ({ event }: { event?: string }) => logged.push(event)
  const read = async (): Promise<string> => {
    if (world.text === undefined) throw new Error('nobody answers')
    return world.text
  }
  return { world, logged, settings: await followRouterSettings(read, { info: line, warn: line }) }
}

it('is all of the configuration that a router goes by', async () => {
  const { settings } = await following()
  expect(settings.plans.plans).toEqual(config.plans)
  expect(settings.plans.find('trial').limits.uploadMiB).toBe(32)
  expect({ ...settings.clients }).toEqual(config.clients)
  expect(settings.sleep).toEqual(config.sleep)
  expect(settings.policies.find(1)).toEqual(config.trialPolicies[0])
  expect(settings.offers.find(undefined).brand.consoleUrl).toBeUndefined()
  expect([settings.consoleUrl, settings.sitesDomain]).toEqual(['https://try.example.com', 'example.net'])
})

it('changes what was handed out, once the parameter has changed', async () => {
  const { world, logged, settings } = await following()
  const { plans, clients, offers } = settings
  expect(offers.find(undefined).brand.brand).toBe(config.brand)
  const unlocks = createUnlocks(plans)
  expect(unlocks(plans.trial)['export']).toEqual(['growth', 'enterprise'])
  world.text = packRouterSettings(
    {
      ...withPlans({ features: ['export'] }),
      brand: 'Meadow',
      clients: { ...config.clients, webSocketIdleSeconds: 60 },
    },
    stage,
  )
  await settings.renew()
  expect(plans.find('trial').features).toEqual(['export'])
  expect(unlocks(plans.trial)).toEqual({})
  expect(clients.webSocketIdleSeconds).toBe(60)
  expect(offers.find(undefined).brand.brand).toBe('Meadow')
  await settings.renew()
  expect(logged).toEqual(['router-settings-changed'])
})

it.each([
  ['no such text', '{}'],
  ['settings that the schema refuses', packRouterSettings(withPlans({ features: 1 }) as never, stage)],
  ['plans that do not go together', packRouterSettings({ ...config, plans: config.plans.slice(1) }, stage)],
])('keeps the last good ones if the parameter holds %s, and logs that once', async (_what, text) => {
  const { world, logged, settings } = await following()
  world.text = text
  await settings.renew()
  await settings.renew()
  expect(settings.plans.plans).toEqual(config.plans)
  expect(logged).toEqual(['router-settings-refused'])
  await expect(followRouterSettings(async () => text, { info: () => {}, warn: () => {} })).rejects.toThrow()
})

it('drops fields of a later release', async () => {
  const text = packRouterSettings(withPlans({ surge: 1 }) as never, stage)
  const settings = await followRouterSettings(async () => text, { info: () => {}, warn: () => {} })
  expect(settings.plans.plans).toEqual(config.plans)
})

it('keeps them while nobody answers', async () => {
  const { world, logged, settings } = await following()
  world.text = undefined
  await settings.renew()
  expect(settings.plans.plans).toEqual(config.plans)
  expect(logged).toEqual(['router-settings-refused'])
})

it('fits into a parameter with all the offers that there may be, and is refused at synthesis if it does not fit', () => {
  const noise = (index: number) => createHash('sha256').update(String(index)).digest('hex')
  const offers = Array.from({ length: 50 }, (_, index) => ({
    id: `offer${index}`,
    paths: [`/${noise(index).slice(0, 20)}`],
    brand: { name: noise(index).slice(0, 30), texts: { en: { pitch: noise(index), lead: noise(-index) } } },
  }))
  expect(packRouterSettings(defineConfig({ ...config, offers }), stage).length).toBeLessThan(8192)
  const plans = Array.from({ length: 500 }, (_, index) => ({ ...config.plans[0]!, id: noise(index) }))
  expect(() => packRouterSettings({ ...config, plans }, stage)).toThrow(
    /take \d+ characters of a parameter, and AWS allows 8192: have fewer plans or offers/,
  )
})
