import * as z from 'zod'
import { findEngine, followToEnd } from '../../../adapters/containers/engine.ts'
import { refusalOf } from '../../../adapters/containers/engine-error.ts'
import { BadInput } from '../bad-input.ts'
import { imageFailure } from '../try/images.ts'
import { type Draft, emptyContainer, healthCommand, nameFrom, portsFrom, volumesFrom } from './draft.ts'
import { looksSecret } from './secrets.ts'

const names = z.record(z.string(), z.unknown()).nullish()
const imageSchema = z.object({
  Config: z.object({
    User: z.string().nullish(),
    ExposedPorts: names,
    Volumes: names,
    Env: z.array(z.string()).nullish(),
    Healthcheck: z.object({ Test: z.array(z.string()).nullish() }).nullish(),
  }),
})

/** Pulls an image if the engine lacks it. @throws {BadInput} if it cannot be had. */
export const readImage = async (image: string): Promise<Draft> => {
  const engine = await findEngine()
  if (engine === undefined) {
    throw new BadInput(
      'No container engine answers, and only an engine can look into an image: start Docker or Podman, or set DOCKER_HOST.',
    )
  }
  const inspect = () => engine.calls.getImage(image).inspect()
  const pull = async () => {
    // Without a tag Docker would pull every version there is.
    await followToEnd(await engine.streams.pull(/[:@][^/]*$/.test(image) ? image : `${image}:latest`))
    return inspect()
  }
  const found = await inspect()
    .catch(pull)
    .catch((error: unknown) => {
      throw new BadInput(imageFailure({ image }, refusalOf(error).reason).result)
    })
  const { Config } = imageSchema.parse(found)
  const variables = (Config.Env ?? []).map(
    (text) => [text.slice(0, text.indexOf('=')), text.slice(text.indexOf('=') + 1)] as const,
  )
  return {
    source: image,
    name: nameFrom(image),
    containers: [
      {
        ...emptyContainer,
        image,
        // The others are in the image already.
        environment: Object.fromEntries(
          variables.filter(([name, value]) => name === 'PORT' || looksSecret(name, value)),
        ),
        ...portsFrom(Object.keys(Config.ExposedPorts ?? {})),
        volumes: volumesFrom(Object.keys(Config.Volumes ?? {})),
        user: Config.User || 'root',
        health: healthCommand(Config.Healthcheck?.Test ?? []),
      },
    ],
  }
}
