import { Duration, RemovalPolicy, Size, Validations } from 'aws-cdk-lib'
import type { ISecurityGroup, IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2'
import { Peer, Port, SubnetType } from 'aws-cdk-lib/aws-ec2'
import type { ContainerImage } from 'aws-cdk-lib/aws-ecs'
import {
  AvailabilityZoneRebalancing,
  AwsLogDriverMode,
  Capability,
  Cluster,
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
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'
import type { RouterVariable } from '../../../cloud/variables.ts'
import type { Stage } from '../../../core/config/stage.ts'
import { acknowledgeWildcard } from '../control/permissions/grant.ts'
import { ClosedSecurityGroup } from './closed-security-group.ts'
import { routerDrain } from './router-drain.ts'

interface RouterServiceProps {
  readonly names: Names
  readonly vpc: IVpc
  readonly size: Stage['router']
  readonly image: ContainerImage
  /** Checked against what a router reads. */
  readonly environment: Readonly<Record<RouterVariable, string>>
  readonly port: number
  readonly targetGroup: ApplicationTargetGroup
  /** Of the endpoints, through which ECS pulls the image and writes logs. */
  readonly endpoints: ISecurityGroup
}

/**
 * The routers. They are on public subnets with an address each, and admit the load balancer alone: that is the cheaper safe
 * way to KMS and Secrets Manager, whose endpoints would cost as much as ten addresses in two zones, whatever the load.
 */
export class RouterService extends Construct {
  readonly service: FargateService
  readonly securityGroup: SecurityGroup

  constructor(scope: Construct, id: string, props: RouterServiceProps) {
    super(scope, id)
    const { names, vpc } = props
    const cluster = new Cluster(this, 'Cluster', {
      vpc,
      clusterName: `${names.installation}-edge`,
      containerInsightsV2: ContainerInsights.ENABLED,
    })
    this.securityGroup = new ClosedSecurityGroup(this, 'Group', { vpc, description: 'Routers' })
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'APIs of AWS')
    this.securityGroup.connections.allowTo(props.endpoints, Port.tcp(443), 'from routers')
    this.service = new FargateService(this, 'Service', {
      serviceName: `${names.installation}-router`,
      cluster,
      taskDefinition: this.#definition(props),
      // How many there are is the scaling's to say: a number here would take routers away at every deploy.
      // A deploy never leaves fewer of them than there were.
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
      environment,
      // As in its Dockerfile.
      user: '10001:10001',
      readonlyRootFilesystem: true,
      linuxParameters,
      portMappings: [{ containerPort: port }],
      stopTimeout: routerDrain.stop,
      logging: LogDrivers.awsLogs({
        streamPrefix: 'router',
        // A log that cannot be written must not hold visitors up.
        mode: AwsLogDriverMode.NON_BLOCKING,
        maxBufferSize: Size.mebibytes(8),
        logGroup: new LogGroup(this, 'Logs', {
          logGroupName: `/${names.installation}/router`,
          retention: RetentionDays.ONE_MONTH,
          removalPolicy: RemovalPolicy.DESTROY,
        }),
      }),
    })
    Validations.of(definition).acknowledge({
      id: 'AwsSolutions-ECS2',
      reason: 'The environment holds names and ARNs; the one secret is read by its ARN.',
    })
    acknowledgeWildcard(definition, '*', 'ecr:GetAuthorizationToken knows no resources.')
    return definition
  }

  #scale({ size, targetGroup }: RouterServiceProps): void {
    this.service
      .autoScaleTaskCount({ minCapacity: size.least, maxCapacity: size.most })
      .scaleOnRequestCount('Requests', {
        requestsPerTarget: size.requestsPerMinute,
        targetGroup,
        scaleOutCooldown: Duration.seconds(30),
        scaleInCooldown: Duration.minutes(5),
      })
  }
}
