import { RemovalPolicy, Stack, Validations } from 'aws-cdk-lib'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { HostedZone } from 'aws-cdk-lib/aws-route53'
import type { Construct } from 'constructs'
import { type Names, tags } from '../cloud/names.ts'
import type { Blueprint } from '../core/blueprint/blueprint.ts'
import type { Config } from '../core/config/config.ts'
import type { Stage } from '../core/config/stage.ts'

/** The region of CloudFront's certificates and firewalls, whatever the region of the stage. */
export const frontRegion = 'us-east-1'

/** The errors that CloudFront keeps for ten seconds unless it is told otherwise, whatever their headers and its cache policy say. */
export const cachedErrors = [400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504]

/** One stage with the inputs of its stacks. */
export interface Deployment {
  readonly stageName: string
  readonly stage: Stage
  readonly names: Names
  readonly config: Config
  /** The blueprints that visitors may choose, in the configuration's order. */
  readonly blueprints: readonly Blueprint[]
  readonly resolvePath: (blueprint: Blueprint, path: string) => string
  /** Each function's bundle, by name: a directory with `index.mjs`. */
  readonly bundles: ReadonlyMap<string, string>
  /** The directory that the image of the site helper is built from. */
  readonly siteHelper: string
  /** The directory of the layer with DuckDB, which has `nodejs/node_modules`. */
  readonly duckdb: string
  /** The directory of the stage's browser pages. */
  readonly pages: string
  /** The absolute path of the repository, from which the router's image is built. */
  readonly root: string
}

/** A stack of a stage. CloudFormation puts the stack's tags on all its resources. */
export class StageStack extends Stack {
  /** @param part the stack's part of the name, such as `data`. */
  constructor(
    scope: Construct,
    { names, stage }: Deployment,
    part: string,
    props: { readonly description: string; readonly region?: string },
  ) {
    super(scope, names.stack(part), {
      ...props,
      // A tear-down takes it off, stack by stack (docs/deploy.md).
      terminationProtection: true,
      // CloudFormation takes 1 MB, spaces included.
      suppressTemplateIndentation: true,
      stackName: names.stack(part),
      env: { region: props.region ?? stage.region, ...(stage.account === undefined ? {} : { account: stage.account }) },
      tags: { [tags.installation]: names.installation },
    })
  }
}

/** A log that CloudWatch keeps for a month. */
export const monthLog = (scope: Construct, id: string, logGroupName: string): LogGroup =>
  new LogGroup(scope, id, { logGroupName, retention: RetentionDays.ONE_MONTH, removalPolicy: RemovalPolicy.DESTROY })

export const hostedZoneOf = (scope: Construct, { id, name }: { readonly id: string; readonly name: string }) =>
  HostedZone.fromHostedZoneAttributes(scope, 'Zone', { hostedZoneId: id, zoneName: name })

/** For a stack with subnets. */
export const acknowledgeZones = (stack: Stack): void =>
  Validations.of(stack).acknowledge({
    id: 'CloudFormation-Validate::W3010',
    reason: 'The configuration names the zones: CloudFormation could choose others at each deploy, and move subnets.',
  })
