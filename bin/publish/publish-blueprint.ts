import { createHash } from 'node:crypto'
import { type Blueprint, type BlueprintContainer, requireDeployable } from '../../core/blueprint/blueprint.ts'
import { submitBlueprint } from '../../lambdas/blueprints/change-status.ts'
import { requirePublishable } from '../../lambdas/blueprints/require-publishable.ts'
import { PublishError } from './container-tool.ts'
import type { ImageRepository, Publishing } from './publishing-on-aws.ts'

const withImages = (blueprint: Blueprint, imageOf: (container: BlueprintContainer) => string): Blueprint => ({
  ...blueprint,
  containers: blueprint.containers.map((container) => ({ ...container, image: imageOf(container) })),
})

const notDeployed = (missing: string, stage: string): PublishError =>
  new PublishError(`${missing} is missing: deploy ${stage}, then publish it.`)

const repositoryOf = async ({ stage, names, account, registry }: Publishing): Promise<ImageRepository> => {
  const name = names.blueprintRepository
  const repository = await registry.find(name)
  if (repository === undefined) throw notDeployed(`The repository ${name}`, `stage '${stage}'`)
  if (account !== undefined && account !== repository.account) {
    throw new PublishError(
      `The credentials are of account ${repository.account}, but stage '${stage}' is of ${account}.`,
    )
  }
  return repository
}

const sourceOf = async (
  { stage, names, readParameter, offered }: Publishing,
  blueprint: Blueprint,
  { name, image, build }: BlueprintContainer,
): Promise<string> => {
  // A deploy builds images of blueprints on offer only.
  if (build === undefined || !offered.includes(blueprint.name)) {
    if (/@sha256:[0-9a-f]{64}$/.test(image)) return image
    throw new PublishError(
      `Container '${name}': its image ${image} needs a digest (@sha256:…), as it is not built here.`,
    )
  }
  const parameter = names.imageParameter(blueprint.name, name)
  const built = await readParameter(parameter)
  if (built === undefined)
    throw notDeployed(`The parameter ${parameter}`, `stage '${stage}' with this blueprint offered`)
  return built
}

/** @returns our repository's image by its digest; undefined if it must be copied first. */
const placeImage = async (
  publishing: Publishing,
  blueprint: Blueprint,
  container: BlueprintContainer,
): Promise<string | undefined> => {
  const { registry, dryRun, print, names } = publishing
  const repository = await repositoryOf(publishing)
  const ours = `${repository.uri.slice(0, -repository.name.length)}${names.installation}/`
  if (container.image.startsWith(ours)) {
    print(`${container.name}: ${container.image} is there already`)
    return container.image
  }
  const source = await sourceOf(publishing, blueprint, container)
  // A draft may get another image without another version.
  const hash = createHash('sha256').update(source).digest('hex').slice(0, 12)
  const tag = `${blueprint.name}-${container.name}-${blueprint.version}-${hash}`
  const known = await registry.digestOf(repository.name, tag)
  if (known !== undefined) {
    print(`${container.name}: ${repository.uri}:${tag} is there already (${known})`)
    return `${repository.uri}@${known}`
  }
  if (dryRun) {
    print(`${container.name}: would copy ${source} to ${repository.uri}:${tag}`)
    return undefined
  }
  print(`${container.name}: copying ${source} to ${repository.uri}:${tag}`)
  const digest = await copyImage(publishing, source, repository, tag)
  print(`${container.name}: copied (${digest})`)
  return `${repository.uri}@${digest}`
}

/**
 * Publishes a blueprint's version to a deployment: copies its images into the deployment's own repository, so that no
 * site depends on other registries, and stores it with their digests as a draft. After an interruption it resumes.
 * @throws {PublishError} for errors that the person at the terminal can correct.
 * @throws {SitewrightError} `BlueprintInvalid` if it is not publishable, an image is neither pinned nor built, or the version is published
 *   with other content. Images are not compared, because those of a published version never change.
 */
export const publishBlueprint = async (publishing: Publishing, blueprint: Blueprint): Promise<void> => {
  const { store, stage, dryRun, print } = publishing
  const what = `${blueprint.name} ${blueprint.version}`
  requireDeployable(blueprint)
  const published = await store.get(blueprint.name, blueprint.version)
  if (published !== undefined) {
    const imageThere = new Map(published.containers.map(({ name, image }) => [name, image]))
    // Writes nothing: the version exists, and this compares it.
    await store.publish(withImages(blueprint, ({ name, image }) => imageThere.get(name) ?? image))
    print(`${what} is published on ${stage} already.`)
    return
  }
  requirePublishable(blueprint, publishing.plans)
  const images = new Map<string, string>()
  for (const container of blueprint.containers) {
    const image = await placeImage(publishing, blueprint, container)
    if (image !== undefined) images.set(container.name, image)
  }
  if (dryRun) {
    print(`${what} would be published on ${stage}.`)
    return
  }
  const copied = withImages(blueprint, ({ name, image }) => images.get(name) ?? image)
  const state = await submitBlueprint({ ...publishing, blueprints: store }, copied, { again: true })
  if (state === 'older') throw new PublishError(`A later version of ${blueprint.name} is current on ${stage}.`)
  print(`${what} is a draft on ${stage}. It becomes current once a site of it is healthy.`)
}

/** Sites run on Graviton, which costs a fifth less. */
const architecture = 'arm64'
const platform = `linux/${architecture}`

/**
 * Copies an image into our repository, under a tag that never moves.
 * @returns the digest there.
 * @throws {PublishError} if the image is for another architecture.
 * @throws {ProgramFailed} if the tool fails.
 */
const copyImage = async (
  { registry, findTool }: Pick<Publishing, 'registry' | 'findTool'>,
  source: string,
  repository: ImageRepository,
  tag: string,
): Promise<string> => {
  const tool = await findTool()
  const { user, password } = await registry.credentials()
  await tool.login(repository.uri.slice(0, repository.uri.indexOf('/')), user, password)
  await tool.pull(source, platform)
  // A tool pulls an image with a single platform, whatever platform it was told.
  const found = await tool.architectureOf(source, platform)
  if (found !== architecture)
    throw new PublishError(`${source} is made for ${found}, and sites run on ${architecture}.`)
  const target = `${repository.uri}:${tag}`
  await tool.tag(source, target)
  await tool.push(target, platform)
  const digest = await registry.digestOf(repository.name, tag)
  if (digest === undefined) throw new PublishError(`${tool.name} has pushed ${target}, but ECR does not know it.`)
  return digest
}
