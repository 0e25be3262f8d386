import type { Stack } from 'aws-cdk-lib'
import { CfnPermission } from 'aws-cdk-lib/aws-lambda'
import type { Construct } from 'constructs'
import type { AnyFunction } from '../../../lambdas/_runtime/define-function.ts'
import { httpTriggersOf } from '../../../lambdas/manifest.ts'

/** A function behind the API, and what the API calls. */
export interface ServedFunction {
  readonly definition: AnyFunction
  readonly arn: string
}

/** OpenAPI wants each parameter of a path declared. */
const parametersOf = (path: string): readonly object[] =>
  Array.from(path.matchAll(/\{(\w+)\}/g), ([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }))

/**
 * The routes of all functions as an OpenAPI document that API Gateway imports in one call. A resource for each route takes more than a
 * hundred calls, of which it answers 10 a second. Only routes and integrations are in it: the whole description (`/v1/openapi.json`) fills a template.
 * Sources: API Gateway Developer Guide, "Amazon API Gateway quotas" and "x-amazon-apigateway-integrations object".
 */
export const apiBodyOf = (stack: Stack, title: string, functions: readonly ServedFunction[]): object => {
  const served = functions.map(({ definition, arn }) => ({
    name: definition.name,
    operations: httpTriggersOf(definition).flatMap((trigger) => trigger.operations),
    uri: `arn:${stack.partition}:apigateway:${stack.region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
  }))
  const routes = served.flatMap(({ name, operations }) => operations.map((operation) => ({ name, ...operation })))
  const methodsOf = (path: string, group: typeof routes): object => ({
    ...(parametersOf(path).length === 0 ? {} : { parameters: parametersOf(path) }),
    ...Object.fromEntries(
      group.map(({ method, name }) => [
        method.toLowerCase(),
        {
          'x-amazon-apigateway-integration': { $ref: `#/components/x-amazon-apigateway-integrations/${name}` },
          responses: { default: { description: 'The answer of the function.' } },
        },
      ]),
    ),
  })
  return {
    openapi: '3.0.1',
    info: { title, version: '1' },
    servers: [{ url: '/', 'x-amazon-apigateway-endpoint-configuration': { disableExecuteApiEndpoint: true } }],
    paths: Object.fromEntries(
      [...Map.groupBy(routes, ({ path }) => path)].map(([path, group]) => [path, methodsOf(path, group)]),
    ),
    components: {
      'x-amazon-apigateway-integrations': Object.fromEntries(
        served.map(({ name, uri }) => [
          name,
          { type: 'AWS_PROXY', httpMethod: 'POST', uri, payloadFormatVersion: '2.0', connectionType: 'INTERNET' },
        ]),
      ),
    },
  }
}

/** One permission for all routes of a function: one for each would exceed the limit of the function's policy. */
export const admitApi = (scope: Construct, sourceArn: string, functions: readonly ServedFunction[]): void => {
  for (const { definition, arn: functionName } of functions) {
    const principal = 'apigateway.amazonaws.com'
    new CfnPermission(scope, definition.name, { functionName, action: 'lambda:InvokeFunction', principal, sourceArn })
  }
}
