import {
  DescribeImagesCommand,
  type ECRClient,
  ImageNotFoundException,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteImages } from '../../core/ports/runtime.ts'

/** An image in a repository of ECR, by its digest. */
const pattern =
  /^(?<registryId>\d{12})\.dkr\.ecr\.[^/]+\/(?<repositoryName>[^@:]+)@(?<imageDigest>sha256:[0-9a-f]{64})$/

/** Looks for images in ECR. Those of other registries count as there: their registries limit how often they are asked. */
export const createSiteImages = (ecr: ECRClient): SiteImages => {
  const isThere = async (image: string): Promise<boolean> => {
    const { registryId, repositoryName, imageDigest } = pattern.exec(image)?.groups ?? {}
    if (repositoryName === undefined) return true
    try {
      await ecr.send(new DescribeImagesCommand({ registryId, repositoryName, imageIds: [{ imageDigest }] }))
      return true
    } catch (error) {
      if (error instanceof ImageNotFoundException || error instanceof RepositoryNotFoundException) return false
      throw new SitewrightError('RuntimeUnavailable', `ECR could not look for the image ${image}.`, { cause: error })
    }
  }

  return {
    require: async ({ name, version, containers }) => {
      for (const { image } of containers) {
        if (await isThere(image)) continue
        const of = `version ${version} of the blueprint '${name}'`
        throw new SitewrightError('BlueprintUnavailable', `The image ${image} of ${of} is no longer in its repository.`)
      }
    },
  }
}
