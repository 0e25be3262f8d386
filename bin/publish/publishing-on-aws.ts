import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { ECRClient } from '@aws-sdk/client-ecr'
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm'
import { createBlueprintStore } from '../../adapters/dynamodb/blueprint-store.ts'
import { documentClient } from '../../adapters/dynamodb/client.ts'
import { tablesOf } from '../../adapters/dynamodb/tables.ts'
import { namesOf } from '../../cloud/names.ts'
import type { Stage } from '../../core/config/stage.ts'
import { findContainerTool } from './container-tool.ts'
import { createImageRegistry } from './image-registry.ts'
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
