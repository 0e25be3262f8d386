import { CfnOutput } from 'aws-cdk-lib'
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager'
import { AaaaRecord, ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53'
import { CloudFrontTarget } from 'aws-cdk-lib/aws-route53-targets'
import type { Construct } from 'constructs'
import { ConsoleDistribution } from '../constructs/front/console-distribution.ts'
import { ConsoleFiles } from '../constructs/front/console-files.ts'
import { WebFirewall } from '../constructs/front/web-firewall.ts'
import type { Deployment } from '../deployment.ts'
import { frontRegion, hostedZoneOf, StageStack } from '../deployment.ts'

/**
 * The console's hostname, pages and distribution. CloudFront takes certificates and firewalls from one region only, so this stack
 * is there, and refers to the other stacks by name only.
 */
export class FrontStack extends StageStack {
  constructor(scope: Construct, deployment: Deployment) {
    const { names, stage, pages } = deployment
    super(scope, deployment, 'front', {
      description: "Sitewright: the console's pages, and the way to the API",
      region: frontRegion,
    })
    const { hostname, hostedZone, originCertificate } = stage.console
    const zone = hostedZoneOf(this, hostedZone)
    const files = new ConsoleFiles(this, 'Files', { names, directory: pages })
    const { distribution } = new ConsoleDistribution(this, 'Console', {
      names,
      hostname,
      certificate: new Certificate(this, 'Certificate', {
        domainName: hostname,
        validation: CertificateValidation.fromDns(zone),
      }),
      files,
      firewallArn: stage.firewalls ? new WebFirewall(this, 'Firewall', { names }).arn : undefined,
      clientCertificateArn: originCertificate?.clientCertificateArn,
    })
    files.deployTo(distribution)
    const target = RecordTarget.fromAlias(new CloudFrontTarget(distribution))
    new ARecord(this, 'Address', { zone, recordName: `${hostname}.`, target })
    new AaaaRecord(this, 'Address6', { zone, recordName: `${hostname}.`, target })
    new CfnOutput(this, 'ConsoleUrl', { value: `https://${hostname}/`, description: 'Where people sign up' })
  }
}
