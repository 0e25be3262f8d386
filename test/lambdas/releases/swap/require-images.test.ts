import { expect, it } from 'vitest'
import { SitewrightError } from '../../../../core/errors.ts'
import { isPaused } from '../../../../core/site/site-facts.ts'
import { requireImages } from '../../../../lambdas/releases/swap/require-images.ts'
import { readStateMachine } from '../../../../statemachines/read-state-machine.ts'
import { planScene } from './plan-scene.ts'

it('an image that is gone is found before visitors notice anything', async () => {
  const scene = await planScene('exclusive')
  await scene.changePlan('growth')
  await scene.follow('trial')
  scene.calls.length = 0
  const before = await scene.now()
  const asked: number[] = []
  const images = {
    require: async ({ version }: { readonly version: number }) => {
      asked.push(version)
      throw new SitewrightError('BlueprintUnavailable', 'The image is gone.')
    },
  }
  const required = requireImages(
    { ...scene.ports, rollouts: { read: async () => undefined }, images },
    await scene.attempt(),
  )
  await expect(required).rejects.toThrow('The image is gone.')
  expect(asked).toEqual([before.blueprint.version])
  await scene.fail('BlueprintUnavailable')
  expect(isPaused(await scene.now())).toBe(false)
  // What runs already, once more: it changes nothing.
  expect(scene.calls).toEqual(['start 1024'])
  expect(scene.running()).toEqual([scene.sizeOf('trial')])
})

it('is the first step of the workflow', () => {
  const { StartAt, States } = readStateMachine('upgrade-site')
  expect(StartAt).toBe('RequireImages')
  expect(States[StartAt]).toMatchObject({ Next: 'MakeWay' })
})
