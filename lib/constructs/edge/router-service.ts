import { Duration, Size, Stack, Validations } from 'aws-cdk-lib'
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb'
import { type IVpc, Peer, Port, type SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2'
import {
  AvailabilityZoneRebalancing,
  AwsLogDriverMode,
  Capability,
  Cluster,
  type ContainerImage,
  ContainerInsights,
  CpuArchitecture,
  FargateService,
  FargateTaskDefinition,
  LinuxParameters,
  LogDrivers,
  OperatingSystemFamily,
  PropagatedTagSource,
} from 'aws-cdk-lib/aws-ecs'
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam'
import type { IKey } from 'aws-cdk-lib/aws-kms'
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import type { RouterVariable } from '../../../cloud/variables.ts'
import type { Stage } from '../../../core/config/stage.ts'
import { monthLog } from '../../deployment.ts'
import { acknowledgeWildcard } from '../control/permissions/grant.ts'
import { routerDrain } from './front-door.ts'
import { ClosedSecurityGroup } from './security-groups.ts'

interface RouterServiceProps {
  readonly names: Names
  readonly vpc: IVpc
  readonly size: Stage['router']
  /** By Container Insights. */
  readonly isMeasured: boolean
  readonly image: ContainerImage
  /** The variables; the compiler compares them with those that a router reads. */
  readonly environment: Readonly<Record<RouterVariable, string>>
  readonly port: number
  readonly targetGroup: ApplicationTargetGroup
}

/**
 * The routers. They are on public subnets with one address each, and admit only the load balancer. That is the cheaper safe
 * way to ECR, logs, KMS and Secrets Manager, whose endpoints would cost more, whatever the load.
 */
export class RouterService extends Construct {
  readonly service: FargateService
  readonly securityGroup: SecurityGroup

  constructor(scope: Construct, id: string, props: RouterServiceProps) {
    super(scope, id)
    const { names, vpc, isMeasured } = props
    const cluster = new Cluster(this, 'Cluster', {
      vpc,
      clusterName: `${names.installation}-edge`,
      containerInsightsV2: isMeasured ? ContainerInsights.ENABLED : ContainerInsights.DISABLED,
    })
    if (!isMeasured) {
      Validations.of(cluster).acknowledge({
        id: 'AwsSolutions-ECS4',
        reason: 'The operator chose a stage without these metrics, which no alarm needs.',
      })
    }
    this.securityGroup = new ClosedSecurityGroup(this, 'Group', { vpc, description: 'Routers' })
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'APIs of AWS')
    this.service = new FargateService(this, 'Service', {
      serviceName: `${names.installation}-router`,
      cluster,
      taskDefinition: this.#definition(props),
      // The scaling decides the number of routers: a number here would reset it at every deploy.
      // A deploy never reduces the number of running routers.
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      circuitBreaker: { rollback: true },
      healthCheckGracePeriod: Duration.seconds(30),
      availabilityZoneRebalancing: AvailabilityZoneRebalancing.ENABLED,
      vpcSubnets: { subnetType: SubnetType.PUBLIC },
      assignPublicIp: true,
      securityGroups: [this.securityGroup],
      enableECSManagedTags: true,
      propagateTags: PropagatedTagSource.SERVICE,
    })
    this.service.attachToApplicationTargetGroup(props.targetGroup)
    this.#scale(props)
  }

  #definition({ names, size, image, environment, port }: RouterServiceProps): FargateTaskDefinition {
    const definition = new FargateTaskDefinition(this, 'Definition', {
      family: `${names.installation}-router`,
      cpu: size.cpu * 1024,
      memoryLimitMiB: size.memoryMiB,
      runtimePlatform: { cpuArchitecture: CpuArchitecture.ARM64, operatingSystemFamily: OperatingSystemFamily.LINUX },
    })
    const linuxParameters = new LinuxParameters(this, 'Linux')
    linuxParameters.dropCapabilities(Capability.ALL)
    definition.addContainer('router', {
      image,
      // Fargate sets it too, which no documentation promises.
      environment: { ...environment, AWS_REGION: Stack.of(this).region },
      // The same as in its Dockerfile.
      user: '10001:10001',
      readonlyRootFilesystem: true,
      linuxParameters,
      portMappings: [{ containerPort: port }],
      stopTimeout: routerDrain.stop,
      logging: LogDrivers.awsLogs({
        streamPrefix: 'router',
        // A log that cannot be written must not delay visitors.
        mode: AwsLogDriverMode.NON_BLOCKING,
        maxBufferSize: Size.mebibytes(8),
        logGroup: monthLog(this, 'Logs', names.routerLogGroup),
      }),
    })
    Validations.of(definition).acknowledge({
      id: 'AwsSolutions-ECS2',
      reason: 'The environment contains names and ARNs; the router reads its one secret by the ARN.',
    })
    acknowledgeWildcard(definition, '*', 'ecr:GetAuthorizationToken takes no resources.')
    return definition
  }

  #scale({ size, targetGroup }: RouterServiceProps): void {
    const pace = { scaleOutCooldown: Duration.seconds(30), scaleInCooldown: Duration.minutes(5) }
    const tasks = this.service.autoScaleTaskCount({ minCapacity: size.min, maxCapacity: size.max })
    tasks.scaleOnRequestCount('Requests', { requestsPerTarget: size.requestsPerMinute, targetGroup, ...pace })
    // WebSockets and uploads use processor time without requests. The larger of both numbers counts.
    tasks.scaleOnCpuUtilization('Processor', { targetUtilizationPercent: 60, ...pace })
  }
}

interface StoredForRouters {
  readonly tables: { readonly main: ITableV2; readonly short: ITableV2 }
  readonly entitlementKey: IKey
  readonly secrets: { readonly of: (name: 'probe' | 'origin') => ISecret }
}

/**
 * A router's permissions: read its settings, find the site of a hostname and its blueprint, consume entrances, count usage, have sites woken, certify its key of the day and verify
 * those of other routers, and recognise probes and custom domains.
 */
export const grantRouter = (
  { grantPrincipal }: IGrantable,
  { tables, entitlementKey, secrets }: StoredForRouters,
  { settingsArn, wakeFunctionArn }: { readonly settingsArn: string; readonly wakeFunctionArn: string },
): void => {
  const onItems = (actions: string[], { tableArn }: ITableV2, ...keys: readonly string[]): PolicyStatement =>
    new PolicyStatement({
      actions,
      resources: [tableArn],
      conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': keys } },
    })
  const statements = [
    onItems(['dynamodb:GetItem', 'dynamodb:Query'], tables.main, 'HOST#*', 'SITE#*', 'BLUEPRINT#*'),
    onItems(['dynamodb:DeleteItem'], tables.short, 'ENTRANCE#*'),
    onItems(['dynamodb:UpdateItem'], tables.short, 'USAGE#*'),
    new PolicyStatement({ actions: ['ssm:GetParameter'], resources: [settingsArn] }),
    new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [wakeFunctionArn] }),
    new PolicyStatement({ actions: ['kms:GetPublicKey'], resources: [entitlementKey.keyArn] }),
    new PolicyStatement({
      actions: ['kms:Sign'],
      resources: [entitlementKey.keyArn],
      conditions: { StringEquals: { 'kms:SigningAlgorithm': 'ED25519_SHA_512', 'kms:MessageType': 'RAW' } },
    }),
    new PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [secrets.of('probe').secretArn, secrets.of('origin').secretArn],
    }),
  ]
  for (const statement of statements) grantPrincipal.addToPrincipalPolicy(statement)
}
