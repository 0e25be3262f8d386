import type Docker from 'dockerode'
import type { ContainerSurroundings } from '../../adapters/containers/container-plan.ts'
import { planContainers } from '../../adapters/containers/container-plan.ts'
import type { RawPlace, RawStart } from './raw-start.ts'
import { rawUrl } from './raw-start.ts'

/**
 * The same container with the same limits as the containers runtime makes, by the two calls that `docker run` makes: on the
 * engine's own network, and without anything around it.
 */
export const rawContainer = (docker: Docker, surroundings: ContainerSurroundings, place: RawPlace): RawStart => {
  const { launch, port, dataDirectory } = place
  const site = { port, dataDirectory, digest: 'raw', init: true }
  const [plan] = planContainers(launch, { ...surroundings, reach: 'published' }, site)
  if (plan === undefined) throw new Error('the blueprint has no container')
  const { NetworkMode: _, ...HostConfig } = plan.options.HostConfig ?? {}
  let container: Docker.Container | undefined
  return {
    url: rawUrl(place),
    begin: async () => {
      container = await docker.createContainer({ ...plan.options, HostConfig })
      await container.start()
    },
    end: async () => {
      await container?.remove({ force: true, v: true })
    },
  }
}
