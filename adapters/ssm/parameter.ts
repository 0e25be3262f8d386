import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm'

/** The value of one parameter. @throws whatever Systems Manager answers. */
export const readParameter = async (client: SSMClient, name: string): Promise<string> => {
  const { Parameter } = await client.send(new GetParameterCommand({ Name: name }))
  if (Parameter?.Value !== undefined) return Parameter.Value
  throw new Error(`the parameter ${name} has no value`)
}
