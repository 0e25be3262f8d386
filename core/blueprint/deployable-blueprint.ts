import { SitewrightError } from '../errors.ts'
import type { Blueprint } from './blueprint.ts'

const pinned = /^[^@\s]+@sha256:[0-9a-f]{64}$/

/**
 * Refuses what one machine may run and AWS may not: an image that somebody else could replace between two starts of a site. One
 * that a deploy builds gets its digest when it is published.
 * @throws {SitewrightError} `BlueprintInvalid` with a line for each thing wrong.
 */
export const requireDeployable = ({ name, containers }: Blueprint): void => {
  const fields = containers.flatMap(({ image, build }, index) =>
    build !== undefined || pinned.test(image)
      ? []
      : [
          {
            path: `containers.${index}.image`,
            message: `must be pinned by its digest, as image@sha256:…, or have a build (it is ${JSON.stringify(image)})`,
          },
        ],
  )
  if (fields.length === 0) return
  const lines = fields.map(({ path, message }) => `  ${path}: ${message}`)
  throw new SitewrightError('BlueprintInvalid', `blueprint '${name}' cannot be deployed to AWS:\n${lines.join('\n')}`, {
    fields,
  })
}
