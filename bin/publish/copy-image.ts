import type { ContainerTool } from './container-tool.ts'
import type { ImageRegistry, ImageRepository } from './image-registry.ts'
import { PublishError } from './publish-error.ts'

/** Sites run on Graviton, which costs a fifth less. */
const architecture = 'arm64'

/**
 * Copies an image into a repository of ours, under a tag that is never moved.
 * @returns its digest there.
 * @throws {PublishError} where the image is made for other processors.
 * @throws {ProgramFailed} where the tool fails.
 */
export const copyImage = async ({
  source,
  repository,
  tag,
  registry,
  tool,
}: {
  readonly source: string
  readonly repository: ImageRepository
  readonly tag: string
  readonly registry: ImageRegistry
  readonly tool: ContainerTool
}): Promise<string> => {
  const { user, password } = await registry.credentials()
  await tool.login(repository.uri.slice(0, repository.uri.indexOf('/')), user, password)
  await tool.pull(source, `linux/${architecture}`)
  // A tool takes an image that is made for one platform alone, whatever it was asked for.
  const found = await tool.architectureOf(source)
  if (found !== architecture)
    throw new PublishError(`${source} is made for ${found}, and sites run on ${architecture}.`)
  const target = `${repository.uri}:${tag}`
  await tool.tag(source, target)
  await tool.push(target)
  const digest = await registry.digestOf(repository.name, tag)
  if (digest === undefined) throw new PublishError(`${tool.name} has pushed ${target}, but ECR does not know it.`)
  return digest
}
