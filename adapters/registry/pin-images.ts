import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { SitewrightError } from '../../core/errors.ts'
import type { Sources } from '../../lambdas/deployments/deployment.ts'
import { type PushedContent, requireImage } from '../../lambdas/deployments/image.ts'

/** Pins all containers of an account's software to the images that were pushed for them. @throws {SitewrightError} `BlueprintInvalid`. */
export const pinImages = async (
  blueprint: Blueprint,
  { images, snapshot }: Sources,
  pushed: {
    readonly content: PushedContent
    readonly architecture: () => Promise<string>
    /** The name of an image by its digest. */
    readonly nameOf: (digest: string) => string
  },
): Promise<Blueprint> => {
  if (snapshot !== undefined) {
    const fields = [{ path: 'snapshot', message: 'is for hosts that run plain processes' }]
    throw new SitewrightError('BlueprintInvalid', 'Here sites run as containers: push an image.', { fields })
  }
  // A site without a way to the internet could not pull them, and an engine would pull them from any address, as large as they are, and keep them for ever.
  const fields = blueprint.containers.flatMap(({ name }, index) =>
    images[name] === undefined
      ? [{ path: `containers.${index}.image`, message: 'has to be pushed: sites pull from their own registry alone' }]
      : [],
  )
  if (fields.length > 0) {
    const message = 'Some images were not pushed: update the command, and deploy again.'
    throw new SitewrightError('BlueprintInvalid', message, { fields })
  }
  const architecture = await pushed.architecture()
  for (const [container, digest] of Object.entries(images)) {
    await requireImage(pushed.content, { container, digest, architecture })
  }
  const containers = blueprint.containers.map((container) => {
    const digest = images[container.name]
    return digest === undefined ? container : { ...container, image: pushed.nameOf(digest) }
  })
  return { ...blueprint, containers }
}
