import type { Stack } from 'aws-cdk-lib'
import { ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { httpTriggersOf } from '../../../lambdas/manifest.ts'
import type { ManifestFunction } from './manifest-functions.ts'

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
 * hundred calls, of which it answers 10 a second. Only routes and integrations are in it: docs/api/openapi.json fills a template.
 * Sources: API Gateway Developer Guide, "Amazon API Gateway quotas" and "x-amazon-apigateway-integrations object".
 */
export const apiBodyOf = (stack: Stack, title: string, functions: Iterable<ManifestFunction>): object => {
  const served = [...functions].flatMap((one) => {
    const operations = httpTriggersOf(one.definition).flatMap((trigger) => trigger.operations)
    return operations.length === 0 ? [] : [{ ...one, name: one.definition.name, operations }]
  })
  const uriOf = ({ functionArn }: ManifestFunction['function']): string =>
    `arn:${stack.partition}:apigateway:${stack.region}:lambda:path/2015-03-31/functions/${functionArn}/invocations`
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
        served.map(({ name, function: handler }) => [
          name,
          {
            type: 'AWS_PROXY',
            httpMethod: 'POST',
            uri: uriOf(handler),
            payloadFormatVersion: '2.0',
            connectionType: 'INTERNET',
          },
        ]),
      ),
    },
  }
}

/** One permission for all routes of a function: one for each would exceed the limit of the function's policy. */
export const admitApi = (stack: Stack, apiId: string, functions: Iterable<ManifestFunction>): void => {
  const sourceArn = stack.formatArn({ service: 'execute-api', resource: apiId, resourceName: '*/*' })
  for (const { definition, function: handler } of functions) {
    if (httpTriggersOf(definition).length === 0) continue
    handler.addPermission('Api', { principal: new ServicePrincipal('apigateway.amazonaws.com'), sourceArn })
  }
}
