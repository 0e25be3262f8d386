import {
  BatchDeleteImageCommand,
  BatchGetImageCommand,
  CreateRepositoryCommand,
  DeleteRepositoryCommand,
  type ECRClient,
  GetAuthorizationTokenCommand,
  GetDownloadUrlForLayerCommand,
  LayersNotFoundException,
  paginateDescribeImages,
  RepositoryAlreadyExistsException,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr'
import { AssumeRoleCommand, type STSClient } from '@aws-sdk/client-sts'
import { SitewrightError } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import { toInstant } from '../../core/instant.ts'
import { type OwnSoftware, ownBlueprint, type RepositoryRight } from '../../lambdas/deployments/deployment.ts'
import { largestConfig, type PushedContent } from '../../lambdas/deployments/image.ts'
import { batchesOf } from '../cells/aws-calls.ts'
import { siteTags } from '../cells/site-tags.ts'
import { pinImages } from '../registry/pin-images.ts'

interface SessionCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

interface PushedSoftwareOptions {
  readonly ecr: ECRClient
  readonly sts: STSClient
  readonly withCredentials: (credentials: SessionCredentials) => ECRClient
  readonly region: string
  /** Such as `sitewright-prod`: repositories are `<installation>/own/<site>`. */
  readonly installation: string
  /** Whose sessions push. */
  readonly pushRoleArn: string
}

/** Sites run on Graviton. */
const architecture = 'arm64'

/** The longest session of a role that another role assumes. */
const sessionSeconds = 3600

const pullActions = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer']
const pushActions = [
  ...pullActions,
  'ecr:CompleteLayerUpload',
  'ecr:InitiateLayerUpload',
  'ecr:PutImage',
  'ecr:UploadLayerPart',
]

/** What a session of the role for pushing may do: of the role's repositories, it has one. */
export const pushPolicy = (repositoryArn: string, right: RepositoryRight = 'push') => ({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
    { Effect: 'Allow', Action: right === 'push' ? pushActions : pullActions, Resource: repositoryArn },
  ],
})

const unlessMissing = async <Result>(
  call: Promise<Result>,
  ...kinds: readonly (new (
    ...parameters: never[]
  ) => Error)[]
): Promise<Result | undefined> =>
  call.catch((error: unknown) => {
    if (kinds.some((kind) => error instanceof kind)) return undefined
    throw error
  })

/** The deployment of what was pushed in the last hour may not have been asked for yet. */
const isNew = (pushedAt: Date | undefined): boolean =>
  pushedAt !== undefined && Date.now() - pushedAt.getTime() <= sessionSeconds * 1000

/** @returns undefined for more bytes: a manifest may tell fewer. */
const textWithin = async ({ body }: Response, max: number): Promise<string | undefined> => {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body ?? []) {
    bytes += chunk.length
    if (bytes > max) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}

/** The software of accounts in ECR: a repository for each site, with which nobody but its owner's sessions and ECS deal. */
export const createPushedSoftware = (options: PushedSoftwareOptions): OwnSoftware => {
  const { ecr, sts, withCredentials, region, installation, pushRoleArn } = options
  const [, partition, , , account] = pushRoleArn.split(':')
  const nameOf = (siteId: SiteId): string => `${installation}/own/${ownBlueprint(siteId)}`
  const arnOf = (siteId: SiteId): string => `arn:${partition}:ecr:${region}:${account}:repository/${nameOf(siteId)}`
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com'
  const registry = `${account}.dkr.ecr.${region}.${suffix}`

  const ensureRepository = async (siteId: SiteId): Promise<void> => {
    const create = new CreateRepositoryCommand({
      repositoryName: nameOf(siteId),
      imageScanningConfiguration: { scanOnPush: true },
      tags: siteTags(installation, siteId),
    })
    await unlessMissing(ecr.send(create), RepositoryAlreadyExistsException)
  }

  const contentOf = (repositoryName: string): PushedContent => ({
    manifest: async (imageDigest) => {
      const get = new BatchGetImageCommand({ repositoryName, imageIds: [{ imageDigest }] })
      return (await unlessMissing(ecr.send(get), RepositoryNotFoundException))?.images?.[0]?.imageManifest
    },
    config: async (layerDigest) => {
      const get = new GetDownloadUrlForLayerCommand({ repositoryName, layerDigest })
      const found = await unlessMissing(ecr.send(get), LayersNotFoundException)
      return found?.downloadUrl === undefined ? undefined : textWithin(await fetch(found.downloadUrl), largestConfig)
    },
  })

  /** Those of images that were not pushed a moment ago. */
  const oldIn = async (repositoryName: string): Promise<readonly string[]> => {
    const found: string[] = []
    for await (const { imageDetails = [] } of paginateDescribeImages({ client: ecr }, { repositoryName })) {
      for (const { imageDigest, imagePushedAt } of imageDetails) {
        if (imageDigest !== undefined && !isNew(imagePushedAt)) found.push(imageDigest)
      }
    }
    return found
  }

  return {
    pushAccess: async (siteId, right) => {
      await ensureRepository(siteId)
      const assume = new AssumeRoleCommand({
        RoleArn: pushRoleArn,
        RoleSessionName: ownBlueprint(siteId),
        DurationSeconds: sessionSeconds,
        Policy: JSON.stringify(pushPolicy(arnOf(siteId), right)),
      })
      const { Credentials: keys } = await sts.send(assume)
      if (keys?.AccessKeyId === undefined || keys.SecretAccessKey === undefined || keys.Expiration === undefined) {
        throw new SitewrightError('Unavailable', 'There are no credentials to push with now. Try again.')
      }
      const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, SessionToken: sessionToken } = keys
      const credentials = { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) }
      const session = withCredentials(credentials)
      const { authorizationData } = await session.send(new GetAuthorizationTokenCommand({}))
      session.destroy()
      const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64').toString()
      const [username = '', password = ''] = token.split(/:(.*)/s)
      const platform = `linux/${architecture}`
      const expiresAt = toInstant(keys.Expiration)
      return { registry, repository: nameOf(siteId), username, password, expiresAt, platform }
    },
    pin: async (blueprint, sources) => {
      const repository = nameOf(sources.siteId)
      return pinImages(blueprint, sources, {
        content: contentOf(repository),
        architecture: async () => architecture,
        nameOf: (digest) => `${registry}/${repository}@${digest}`,
      })
    },
    keepOnly: async (siteId, kept) => {
      const repositoryName = nameOf(siteId)
      const named = new Set(kept.flatMap(({ images }) => Object.values(images)))
      // Before the first push there is no repository.
      const found = (await unlessMissing(oldIn(repositoryName), RepositoryNotFoundException)) ?? []
      const others = [...new Set(found)].filter((digest) => !named.has(digest)).map((imageDigest) => ({ imageDigest }))
      // An image that an index has is refused in its answer, and stays with it.
      for (const imageIds of batchesOf(others, 100)) {
        await ecr.send(new BatchDeleteImageCommand({ repositoryName, imageIds }))
      }
    },
    remove: async (siteId) => {
      const remove = new DeleteRepositoryCommand({ repositoryName: nameOf(siteId), force: true })
      await unlessMissing(ecr.send(remove), RepositoryNotFoundException)
    },
  }
}
