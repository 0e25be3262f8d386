import { CreateRoleCommand } from '@aws-sdk/client-iam'
import { CreateFunctionCommand, DeleteFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { namesOf } from '../../../cloud/names.ts'
import { variablesOf } from '../../../cloud/variables.ts'
import { type FunctionName, functions } from '../../../lambdas/manifest.ts'
import type { AwsWorld } from './aws-world.ts'

/** The shortest ZIP file. */
const emptyArchive = Buffer.from('PK\u0005\u0006'.padEnd(22, '\0'))

/** Makes functions in Lambda that have the variables of deployed ones, where commands read what a stage uses. */
export const describeFunctions = async (
  { aws, environment, tables }: Pick<AwsWorld, 'aws' | 'environment' | 'tables'>,
  names: readonly FunctionName[],
): Promise<void> => {
  const lambda = new LambdaClient(aws.settings)
  const trust = JSON.stringify({ Version: '2012-10-17', Statement: [] })
  const role = { RoleName: `functions-of-${tables}`, AssumeRolePolicyDocument: trust }
  const Role = (await aws.clients.iam.send(new CreateRoleCommand(role))).Role?.Arn
  for (const definition of functions.filter(({ name }) => names.some((one) => one === name))) {
    const FunctionName = namesOf('production').function(definition.name)
    // Another run may have left one.
    await lambda.send(new DeleteFunctionCommand({ FunctionName })).catch(() => undefined)
    const Variables = Object.fromEntries(variablesOf(definition).map((name) => [name, environment[name] ?? '']))
    const described = { FunctionName, Role, Environment: { Variables } }
    const code = { Runtime: 'nodejs24.x', Handler: 'index.handler', Code: { ZipFile: emptyArchive } } as const
    await lambda.send(new CreateFunctionCommand({ ...described, ...code }))
  }
  lambda.destroy()
}
