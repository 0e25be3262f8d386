import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import {
  DescribeImagesCommand,
  DescribeRepositoriesCommand,
  ECRClient,
  GetAuthorizationTokenCommand,
  ImageNotFoundException,
  RepositoryNotFoundException,
} from '@aws-sdk/client-ecr'
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm'
import { createBlueprintStore } from '../../adapters/dynamodb/blueprint-store.ts'
import { documentClient } from '../../adapters/dynamodb/client.ts'
import { tablesOf } from '../../adapters/dynamodb/tables.ts'
import { namesOf } from '../../cloud/names.ts'
import type { Stage } from '../../core/config/stage.ts'
import { findContainerTool, PublishError } from './container-tool.ts'
import type { Publishing } from './publish-blueprint.ts'

/** What publishing needs of a stage's account, with the credentials that the SDK finds. */
export const publishingOnAws = (
  name: string,
  { account, region }: Pick<Stage, 'account' | 'region'>,
): Omit<Publishing, 'dryRun' | 'print'> => {
  const names = namesOf(name)
  const parameters = new SSMClient({ region })
  return {
    stage: name,
    names,
    account,
    registry: createImageRegistry(new ECRClient({ region })),
    readParameter: async (parameter) => {
      try {
        return (await parameters.send(new GetParameterCommand({ Name: parameter }))).Parameter?.Value
      } catch (error) {
        if (error instanceof ParameterNotFound) return undefined
        throw error
      }
    },
    store: createBlueprintStore({
      client: documentClient(new DynamoDBClient({ region })),
      tables: tablesOf(names.tables),
    }),
    findTool: findContainerTool,
  }
}

export interface ImageRepository {
  readonly name: string
  /** What an image's name begins with: registry and repository. */
  readonly uri: string
  /** The account that it belongs to. */
  readonly account: string
}

/** The images of an account and region. */
export interface ImageRegistry {
  /** Undefined where there is none of this name. */
  readonly find: (repository: string) => Promise<ImageRepository | undefined>
  /** The digest of the image with a tag, `sha256:…`; undefined where there is none. */
  readonly digestOf: (repository: string, tag: string) => Promise<string | undefined>
  /** What lets a tool in for twelve hours. */
  readonly credentials: () => Promise<{ readonly user: string; readonly password: string }>
}

export const createImageRegistry = (client: ECRClient): ImageRegistry => ({
  find: async (repository) => {
    try {
      const { repositories } = await client.send(new DescribeRepositoriesCommand({ repositoryNames: [repository] }))
      const { repositoryUri: uri, registryId: account } = repositories?.[0] ?? {}
      return uri === undefined || account === undefined ? undefined : { name: repository, uri, account }
    } catch (error) {
      if (error instanceof RepositoryNotFoundException) return undefined
      throw error
    }
  },
  digestOf: async (repository, tag) => {
    const wanted = { repositoryName: repository, imageIds: [{ imageTag: tag }] }
    try {
      const { imageDetails } = await client.send(new DescribeImagesCommand(wanted))
      return imageDetails?.[0]?.imageDigest
    } catch (error) {
      if (error instanceof ImageNotFoundException) return undefined
      throw error
    }
  },
  credentials: async () => {
    const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}))
    const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64').toString()
    const colon = token.indexOf(':')
    if (colon < 1) throw new PublishError('ECR gave no token to log in with.')
    return { user: token.slice(0, colon), password: token.slice(colon + 1) }
  },
})
