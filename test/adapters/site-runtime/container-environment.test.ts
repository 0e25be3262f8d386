import { expect, it } from 'vitest'
import { containerEnvironment } from '../../../adapters/site-runtime/launch-digest.ts'
import { probeLaunch } from '../../support/probe-launch.ts'

const launch = {
  ...probeLaunch({
    sidecar: true,
    container: { environment: { COLOUR: 'green' }, secrets: ['SESSION_KEY'] },
    environment: { SITEWRIGHT_ROOT_KEY: 'public' },
  }),
  secrets: { SESSION_KEY: 'of the site', QUEUE_KEY: 'of the queue' },
}
const [site, sidecar] = launch.blueprint.containers

it('a container gets its own settings and secrets, and what every container gets', () => {
  expect(containerEnvironment(site!, launch)).toEqual({
    COLOUR: 'green',
    SESSION_KEY: 'of the site',
    ...launch.environment,
  })
})

it("a container gets no other container's secrets", () => {
  expect(containerEnvironment(sidecar!, launch)).toEqual(launch.environment)
})
