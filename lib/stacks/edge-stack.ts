import { Annotations } from 'aws-cdk-lib'
import type { ISecurityGroup } from 'aws-cdk-lib/aws-ec2'
import { Platform } from 'aws-cdk-lib/aws-ecr-assets'
import { ContainerImage } from 'aws-cdk-lib/aws-ecs'
import type { ApplicationLoadBalancer, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { ParameterTier, StringParameter } from 'aws-cdk-lib/aws-ssm'
import type { Construct } from 'constructs'
import { wakeFunction } from '../../cloud/names.ts'
import { packRouterSettings } from '../../cloud/router-settings.ts'
import { CustomDomains } from '../constructs/edge/custom-domains.ts'
import { FrontDoor } from '../constructs/edge/front-door.ts'
import { Network } from '../constructs/edge/network.ts'
import { grantRouter, RouterService } from '../constructs/edge/router-service.ts'
import { ManagedPrefixList } from '../constructs/edge/security-groups.ts'
import { SitesFirewall } from '../constructs/edge/sites-firewall.ts'
import { acknowledgeZones, type Deployment, StageStack } from '../deployment.ts'
import type { DataStack } from './data-stack.ts'

const routerPort = 8080

/** The network, and the entry to the sites of all cells: one load balancer and the routers behind it. */
export class EdgeStack extends StageStack {
  readonly network: Network
  readonly alb: ApplicationLoadBalancer
  readonly routers: ApplicationTargetGroup
  readonly routerSecurityGroup: ISecurityGroup
  readonly customDomains: CustomDomains
  /** S3's addresses in this region. */
  readonly s3PrefixListId: string
  readonly #zones: string[]

  constructor(scope: Construct, deployment: Deployment, data: DataStack) {
    const { names, stage, root } = deployment
    super(scope, deployment, 'edge', { description: 'Sitewright: network, load balancer and routers' })
    this.#zones = [...stage.availabilityZones]
    acknowledgeZones(this)
    this.network = new Network(this, 'Network', deployment, data.archiveBucket)
    const { vpc } = this.network
    this.s3PrefixListId = new ManagedPrefixList(this, 'S3Addresses', { names, service: 's3' }).prefixListId
    const door = new FrontDoor(this, 'FrontDoor', { vpc, sites: stage.sites, accessLogs: data.accessLogs, routerPort })
    this.alb = door.loadBalancer
    this.routers = door.routers
    this.customDomains = new CustomDomains(this, 'CustomDomains', { names, sites: stage.sites })
    const warn = (id: string, text: string): void => Annotations.of(this).addWarningV2(`sitewright:${id}`, text)
    if (stage.firewalls) {
      const firewall = new SitesFirewall(this, 'Firewall', { names, sites: stage.sites, loadBalancer: this.alb })
      // A new secret must be known before CloudFront shows it.
      this.customDomains.node.addDependency(firewall)
    } else {
      warn(
        'no-firewalls',
        'No web ACL protects the console and the sites: only the limits of Sitewright itself stop a flood of requests.',
      )
    }
    if (stage.endpointZones < this.#zones.length) {
      warn('endpoints-in-few-zones', 'No container starts while the zone with the endpoints fails.')
    }
    if (stage.router.min === 1) {
      warn(
        'no-redundancy',
        'One router serves all sites: they are unreachable for minutes while it is replaced after a failure.',
      )
    }
    const router = new RouterService(this, 'Router', {
      names,
      vpc,
      size: stage.router,
      isMeasured: stage.routerMetrics,
      image: ContainerImage.fromAsset(root, { file: 'router/Dockerfile', platform: Platform.LINUX_ARM64 }),
      environment: {
        STAGE: deployment.stageName,
        LOG_LEVEL: 'info',
        TABLES: names.tables,
        ENTITLEMENT_KEY: data.entitlementKey.keyArn,
        PROBE_SECRET: data.secrets.of('probe').secretArn,
        ORIGIN_SECRET: data.secrets.of('origin').secretArn,
        PORT: String(routerPort),
      },
      port: routerPort,
      targetGroup: door.routers,
    })
    this.routerSecurityGroup = router.securityGroup
    const settings = new StringParameter(this, 'RouterSettings', {
      parameterName: names.routerSettings,
      description: 'What routers read of the configuration: JSON, gzip, base64',
      stringValue: packRouterSettings(deployment.config, stage),
      tier: ParameterTier.INTELLIGENT_TIERING,
    })
    // New routers begin with the new ones.
    router.service.node.addDependency(settings)
    grantRouter(router.service.taskDefinition.taskRole, data, {
      settingsArn: this.formatArn({ service: 'ssm', resource: `parameter${names.routerSettings}` }),
      wakeFunctionArn: this.formatArn({ service: 'lambda', resource: `function:${names.function(wakeFunction)}` }),
    })
  }

  /** The zones of the configuration, so that a synthesis needs no account. */
  override get availabilityZones(): string[] {
    return this.#zones
  }
}
