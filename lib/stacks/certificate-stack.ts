import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager'
import { StringParameter } from 'aws-cdk-lib/aws-ssm'
import type { Construct } from 'constructs'
import { customDomainsLabel } from '../../cloud/names.ts'
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
