import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LambdaClient, PutFunctionConcurrencyCommand } from '@aws-sdk/client-lambda'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import * as z from 'zod'
import { publishAssets, putFile } from './assets.ts'
import { account, deployStack, regions } from './emulator.ts'
import type { Release } from './release.ts'
import { type Template, transform } from './transform.ts'

const bucketOf = (region: string): string => `cdk-hnb659fds-assets-${account}-${region}`

/** What `cdk bootstrap` makes, as far as the templates refer to it. */
export const bootstrap = async (): Promise<void> => {
  for (const region of regions) {
    const given = region === 'us-east-1' ? {} : { CreateBucketConfiguration: { LocationConstraint: region } }
    await new S3Client({ region, forcePathStyle: true }).send(
      new CreateBucketCommand({ Bucket: bucketOf(region), ...given }),
    )
    const version = { Name: '/cdk-bootstrap/hnb659fds/version', Value: '30', Type: 'String' as const }
    await new SSMClient({ region }).send(new PutParameterCommand(version))
  }
}

const manifestSchema = z.object({
  artifacts: z.record(
    z.string(),
    z.object({ type: z.string(), environment: z.string().optional(), dependencies: z.array(z.string()).default([]) }),
  ),
})

/** The stacks of an assembly in the order of their deployment, with their regions. */
const stacksOf = async (assembly: string): Promise<ReadonlyMap<string, string>> => {
  const { artifacts } = manifestSchema.parse(JSON.parse(await readFile(join(assembly, 'manifest.json'), 'utf8')))
  const ordered = new Map<string, string>()
  const add = (name: string): void => {
    const artifact = artifacts[name]
    if (artifact?.type !== 'aws:cloudformation:stack' || ordered.has(name)) return
    artifact.dependencies.forEach(add)
    ordered.set(name, artifact.environment?.split('/').at(-1) ?? '')
  }
  Object.keys(artifacts).forEach(add)
  return ordered
}

/** The emulator ignores what templates reserve. */
const reserveConcurrency = async ({ Resources }: Template, region: string): Promise<void> => {
  const client = new LambdaClient({ region })
  for (const { Type, Properties = {} } of Object.values(Resources)) {
    const { FunctionName, ReservedConcurrentExecutions } = Properties
    if (Type !== 'AWS::Lambda::Function' || ReservedConcurrentExecutions === undefined) continue
    const reserved = {
      FunctionName: String(FunctionName),
      ReservedConcurrentExecutions: Number(ReservedConcurrentExecutions),
    }
    await client.send(new PutFunctionConcurrencyCommand(reserved))
  }
}

export interface Deployed {
  /** The stacks that were made or changed. */
  readonly changed: readonly string[]
  readonly resources: number
  readonly leftOut: number
  readonly seconds: number
}

/** Deploys all stacks of a release, or updates them. @param front where functions reach the router. */
export const deploy = async (release: Release, front: { readonly port: number }): Promise<Deployed> => {
  const where = { routerUrl: `http://router.example.net:${front.port}` }
  const assembly = await release.synthesise()
  const stacks = await stacksOf(assembly)
  for (const name of stacks.keys()) await publishAssets(release, assembly, name)
  const begun = performance.now()
  const changed: string[] = []
  let [resources, left] = [0, 0]
  for (const [name, region] of stacks) {
    const given = JSON.parse(await readFile(join(assembly, `${name}.template.json`), 'utf8')) as Template
    const { template, leftOut } = transform(given, where)
    resources += Object.keys(given.Resources).length
    left += leftOut
    const url = await putFile({ region, Bucket: bucketOf(region), Key: `${name}.json` }, JSON.stringify(template))
    if (await deployStack({ name, region, url })) changed.push(name)
    await reserveConcurrency(given, region)
  }
  return { changed, resources, leftOut: left, seconds: (performance.now() - begun) / 1000 }
}
