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
import { documentClient } from '../../adapters/dynamodb/client.ts'
import { tablesOf } from '../../adapters/dynamodb/tables.ts'
import { type Names, namesOf } from '../../cloud/names.ts'
import type { Stage } from '../../core/config/stage.ts'
import { toInstant } from '../../core/instant.ts'
import type { Plan } from '../../core/plan/plan.ts'
import type { Clocks } from '../../core/ports/context.ts'
import type { BlueprintStore } from '../../lambdas/blueprints/ports.ts'
import { createBlueprintStore } from '../../lambdas/blueprints/store.ts'
import { type ContainerTool, findContainerTool, PublishError } from './container-tool.ts'

const now = () => toInstant(new Date())

export interface Publishing {
  readonly stage: string
  readonly names: Names
  readonly account: string | undefined
  readonly registry: ImageRegistry
  readonly readParameter: (name: string) => Promise<string | undefined>
  readonly store: BlueprintStore
  readonly clocks: Clocks
  readonly plans: readonly Plan[]
  /** The blueprints whose repositories and images a deploy makes. Others share one repository. */
  readonly offered: readonly string[]
  readonly findTool: () => Promise<ContainerTool>
  readonly dryRun: boolean
  readonly print: (line: string) => void
}

export const publishingOnAws = (
  name: string,
  { account, region }: Pick<Stage, 'account' | 'region'>,
): Omit<Publishing, 'plans' | 'offered' | 'dryRun' | 'print'> => {
  const names = namesOf(name)
  const parameters = new SSMClient({ region })
  return {
    stage: name,
    names,
    account,
    registry: createImageRegistry(new ECRClient({ region })),
    readParameter: async (parameter) => {
      const read = parameters.send(new GetParameterCommand({ Name: parameter }))
      return (await unlessMissing(read, ParameterNotFound))?.Parameter?.Value
    },
    store: createBlueprintStore({
      client: documentClient(new DynamoDBClient({ region })),
      tables: tablesOf(names.tables),
    }),
    clocks: { domain: now, wall: now },
    findTool: findContainerTool,
  }
}

export interface ImageRepository {
  readonly name: string
  /** The beginning of an image's name: registry and repository. */
  readonly uri: string
  readonly account: string
}

/** @returns undefined if the call fails because the resource does not exist. */
const unlessMissing = async <Result>(
  call: Promise<Result>,
  missing: new (...parameters: never[]) => Error,
): Promise<Result | undefined> =>
  call.catch((error: unknown) => {
    if (error instanceof missing) return undefined
    throw error
  })

const createImageRegistry = (client: ECRClient) => ({
  find: async (repository: string): Promise<ImageRepository | undefined> => {
    const described = client.send(new DescribeRepositoriesCommand({ repositoryNames: [repository] }))
    const { repositories } = (await unlessMissing(described, RepositoryNotFoundException)) ?? {}
    const { repositoryUri: uri, registryId: account } = repositories?.[0] ?? {}
    return uri === undefined || account === undefined ? undefined : { name: repository, uri, account }
  },
  /** The digest of the image with a tag, `sha256:…`; undefined if there is none. */
  digestOf: async (repository: string, tag: string): Promise<string | undefined> => {
    const wanted = { repositoryName: repository, imageIds: [{ imageTag: tag }] }
    const found = await unlessMissing(client.send(new DescribeImagesCommand(wanted)), ImageNotFoundException)
    return found?.imageDetails?.[0]?.imageDigest
  },
  /** The credentials for a tool, valid for twelve hours. */
  credentials: async () => {
    const { authorizationData } = await client.send(new GetAuthorizationTokenCommand({}))
    const token = Buffer.from(authorizationData?.[0]?.authorizationToken ?? '', 'base64').toString()
    const colon = token.indexOf(':')
    if (colon < 1) throw new PublishError('ECR gave no token to log in with.')
    return { user: token.slice(0, colon), password: token.slice(colon + 1) }
  },
})
type ImageRegistry = ReturnType<typeof createImageRegistry>
