import { SecretValue } from 'aws-cdk-lib'
import type { IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2'
import { CfnWebACL, CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2'
import { Construct } from 'constructs'
import { type Names, routerLabel } from '../../../cloud/names.ts'
import type { Stage } from '../../../core/config/stage.ts'
import { originHeader } from '../../../lambdas/_runtime/own-headers.ts'
import { limitedByAddress, visible } from '../front/web-firewall.ts'

/**
 * The header in which CloudFront gives a viewer's address. WAF counts by the first address of a header, and viewers can put any address
 * first in `X-Forwarded-For`. `CloudFront-Viewer-Address` has a port.
 */
export const viewerAddressHeader = 'x-sitewright-visitor'

interface SitesFirewallProps {
  readonly names: Pick<Names, 'installation' | 'secret'>
  readonly sites: Stage['sites']
  readonly loadBalancer: IApplicationLoadBalancer
}

const isHeader = (name: string, searchString: string): CfnWebACL.StatementProperty => ({
  byteMatchStatement: {
    fieldToMatch: { singleHeader: { Name: name } },
    positionalConstraint: 'EXACTLY',
    searchString,
    textTransformations: [{ priority: 0, type: 'NONE' }],
  },
})

const not = (statement: CfnWebACL.StatementProperty): CfnWebACL.StatementProperty => ({ notStatement: { statement } })

/** Limits requests to sites by address, and counts known attacks. Requests of CloudFront count for its viewers. */
export class SitesFirewall extends Construct {
  constructor(scope: Construct, id: string, { names, sites, loadBalancer }: SitesFirewallProps) {
    super(scope, id)
    const { requestsByAddress } = sites.firewall
    const fromCloudFront = this.#fromCloudFront(names.secret('origin'))
    // No rate rule counts these: after a mass outage functions send thousands a second from a few addresses, and routers refuse others cheaply.
    const isProbe = isHeader('host', `${routerLabel}.${sites.domain}`)
    const direct = { andStatement: { statements: [not(fromCloudFront), not(isProbe)] } }
    const name = `${names.installation}-sites`
    const acl = new CfnWebACL(this, 'Acl', {
      name,
      scope: 'REGIONAL',
      defaultAction: { allow: {} },
      visibilityConfig: visible(name),
      // Samples of requests can be read for three hours.
      dataProtectionConfig: {
        dataProtections: [
          {
            action: 'SUBSTITUTION',
            field: { fieldType: 'SINGLE_HEADER', fieldKeys: ['authorization', 'cookie', originHeader] },
          },
        ],
      },
      rules: [
        limitedByAddress('ByAddress', 0, requestsByAddress, direct),
        limitedByAddress('ByViewer', 1, requestsByAddress, fromCloudFront, viewerAddressHeader),
        {
          name: 'AWSManagedRulesCommonRuleSet',
          priority: 2,
          // Sites take uploads and run software that these rules may mistake for attacks.
          overrideAction: { count: {} },
          statement: { managedRuleGroupStatement: { vendorName: 'AWS', name: 'AWSManagedRulesCommonRuleSet' } },
          visibilityConfig: visible('AWSManagedRulesCommonRuleSet'),
        },
      ],
    })
    new CfnWebACLAssociation(this, 'Association', { resourceArn: loadBalancer.loadBalancerArn, webAclArn: acl.attrArn })
  }

  /** CloudFormation resolves the secret, so no template contains it. While it is rolled, the previous one counts too. */
  #fromCloudFront(secret: string): CfnWebACL.StatementProperty {
    const shows = (options?: { readonly versionStage: string }): CfnWebACL.StatementProperty =>
      isHeader(originHeader, SecretValue.secretsManager(secret, options).unsafeUnwrap())
    if (this.node.tryGetContext('rollingOrigin') === undefined) return shows()
    return { orStatement: { statements: [shows(), shows({ versionStage: 'AWSPREVIOUS' })] } }
  }
}
