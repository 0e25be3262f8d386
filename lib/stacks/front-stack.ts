import { CfnOutput } from 'aws-cdk-lib'
import { CfnBudget } from 'aws-cdk-lib/aws-budgets'
import { CfnAnomalyMonitor, CfnAnomalySubscription } from 'aws-cdk-lib/aws-ce'
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager'
import { AaaaRecord, ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53'
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets'
import { StringParameter } from 'aws-cdk-lib/aws-ssm'
import { Construct } from 'constructs'
import { customDomainsLabel } from '../../cloud/names.ts'
import type { Stage } from '../../core/config/stage.ts'
import { hostDirectories, offersAt } from '../../lambdas/offers/offers.ts'
import { ConsoleDistribution } from '../constructs/front/console-distribution.ts'
import { ConsoleFiles } from '../constructs/front/console-files.ts'
import { WebFirewall } from '../constructs/front/web-firewall.ts'
import { type Deployment, frontRegion, hostedZoneOf, StageStack } from '../deployment.ts'

/**
 * The certificate of the distribution for custom domains. CloudFront takes certificates from one region only, and ignores the least
 * version of TLS of a distribution without one. Source: the CloudFormation reference, AWS::CloudFront::Distribution ViewerCertificate.
 */
export class CertificateStack extends StageStack {
  constructor(scope: Construct, deployment: Deployment) {
    const { names, stage } = deployment
    super(scope, deployment, 'certificate', {
      description: 'Sitewright: the certificate of the distribution for custom domains',
      region: frontRegion,
    })
    const { certificateArn } = new Certificate(this, 'Certificate', {
      domainName: `*.${customDomainsLabel}.${stage.sites.domain}`,
      validation: CertificateValidation.fromDns(hostedZoneOf(this, stage.sites.hostedZone)),
    })
    new StringParameter(this, 'Arn', {
      parameterName: names.certificateParameter,
      description: 'How the edge finds the certificate',
      stringValue: certificateArn,
    })
  }
}

/** Percent of the budget. */
const thresholds = [
  ['ACTUAL', 80],
  ['FORECASTED', 100],
] as const

/**
 * A budget of the account, and a mail about costs out of the ordinary. AWS charges for neither. CloudFormation makes a budget in some regions
 * only, this one among them.
 * @param contact who gets the mails.
 */
const addBudget = (
  scope: Construct,
  installation: string,
  budget: NonNullable<Stage['budget']>,
  contact: string,
): void => {
  new CfnBudget(scope, 'Month', {
    // Without a name of its own: a changed recipient replaces it, and the new one exists beside the old one for a moment.
    budget: { budgetType: 'COST', timeUnit: 'MONTHLY', budgetLimit: { amount: budget.monthlyUsd, unit: 'USD' } },
    notificationsWithSubscribers: thresholds.map(([notificationType, threshold]) => ({
      notification: { notificationType, threshold, comparisonOperator: 'GREATER_THAN' },
      subscribers: [{ subscriptionType: 'EMAIL', address: contact }],
    })),
  })
  if (budget.anomalyUsd === undefined) return
  const monitorArn =
    budget.anomalyMonitorArn ??
    new CfnAnomalyMonitor(scope, 'Monitor', {
      monitorName: installation,
      monitorType: 'DIMENSIONAL',
      monitorDimension: 'SERVICE',
    }).attrMonitorArn
  new CfnAnomalySubscription(scope, 'Anomalies', {
    subscriptionName: installation,
    monitorArnList: [monitorArn],
    frequency: 'DAILY',
    subscribers: [{ type: 'EMAIL', address: contact }],
    thresholdExpression: JSON.stringify({
      Dimensions: {
        Key: 'ANOMALY_TOTAL_IMPACT_ABSOLUTE',
        MatchOptions: ['GREATER_THAN_OR_EQUAL'],
        Values: [String(budget.anomalyUsd)],
      },
    }),
  })
}

/**
 * The console's hostname, pages and distribution. CloudFront takes certificates and firewalls from one region only, so this stack
 * is there, and refers to the other stacks by name only.
 */
export class FrontStack extends StageStack {
  constructor(scope: Construct, deployment: Deployment) {
    const { names, stage, pages, config } = deployment
    super(scope, deployment, 'front', {
      description: "Sitewright: the console's pages, and the way to the API",
      region: frontRegion,
    })
    const { hostname, hostedZone, offerHostnames, originCertificate } = stage.console
    const zone = hostedZoneOf(this, hostedZone)
    const offered = offerHostnames.map((offer) => ({
      hostname: offer.hostname,
      zone: offer.hostedZone === undefined ? zone : hostedZoneOf(new Construct(this, offer.hostname), offer.hostedZone),
    }))
    const zones = Object.fromEntries([{ hostname, zone }, ...offered].map((each) => [each.hostname, each.zone]))
    const files = new ConsoleFiles(this, 'Files', { names, directory: pages })
    const { distribution } = new ConsoleDistribution(this, 'Console', {
      names,
      hostname,
      certificate: new Certificate(this, 'Certificate', {
        domainName: hostname,
        ...(offered.length === 0 ? {} : { subjectAlternativeNames: offered.map((offer) => offer.hostname) }),
        validation: CertificateValidation.fromDnsMultiZone(zones),
      }),
      pagesAt: hostDirectories(offersAt(config.offers, offerHostnames)),
      files,
      firewallArn: stage.firewalls ? new WebFirewall(this, 'Firewall', { names }).arn : undefined,
      clientCertificateArn: originCertificate?.clientCertificateArn,
    })
    files.deployTo(distribution)
    const target = RecordTarget.fromAlias(new CloudFrontTarget(distribution))
    new ARecord(this, 'Address', { zone, recordName: `${hostname}.`, target })
    new AaaaRecord(this, 'Address6', { zone, recordName: `${hostname}.`, target })
    for (const offer of offered) {
      const record = { zone: offer.zone, recordName: `${offer.hostname}.`, target }
      new ARecord(this, `Address ${offer.hostname}`, record)
      new AaaaRecord(this, `Address6 ${offer.hostname}`, record)
    }
    const { budget, alarmContact } = stage
    if (budget !== undefined) {
      addBudget(new Construct(this, 'Budget'), names.installation, budget, budget.contact ?? alarmContact)
    }
    new CfnOutput(this, 'ConsoleUrl', { value: `https://${hostname}/`, description: 'Where people sign up' })
  }
}
