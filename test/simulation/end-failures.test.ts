import { expect, it } from 'vitest'
import { createSimWorld } from '../support/simulation/sim-world.ts'
import { endFailures } from '../support/simulation/simulate.ts'
import { doStep } from '../support/simulation/steps.ts'

it('leaves the brake off, also after a host slept over the end of a trial', async () => {
  const world = await createSimWorld(1)
  const brake = async () => {
    const answer = await world.ask({ method: 'GET', path: '/v1/operator/brake', token: world.operator('admin') })
    return answer?.body
  }
  try {
    await world.sweep()
    await doStep(world, { does: 'sign-up' })
    await doStep(world, { does: 'sleep', hours: 400 })
    await endFailures(world)
    await world.pass(3_600_000)
    expect(await brake()).toMatchObject({
      tripped: null,
      history: [{ act: 'released', because: 'clock' }, { act: 'tripped' }],
    })
  } finally {
    await world.end()
  }
})
