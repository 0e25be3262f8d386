import { CfnWebACL } from 'aws-cdk-lib/aws-wafv2'
import { Construct } from 'constructs'
import type { Names } from '../../../cloud/names.ts'

/** Requests of one address within five minutes; a person who watches a build makes about a hundred. */
const requestsByAddress = 2000

const visible = (metricName: string): CfnWebACL.VisibilityConfigProperty => ({
  cloudWatchMetricsEnabled: true,
  sampledRequestsEnabled: true,
  metricName,
})

/** Whether a request is not for a webhook. */
const noWebhook: CfnWebACL.StatementProperty = {
  notStatement: {
    statement: {
      byteMatchStatement: {
        fieldToMatch: { uriPath: {} },
        positionalConstraint: 'STARTS_WITH',
        searchString: '/v1/webhooks/',
        textTransformations: [{ priority: 0, type: 'NONE' }],
      },
    },
  },
}

/**
 * The rules of a managed group inspect bodies and refuse those over 8 KiB. A Stripe event is larger and may contain anything;
 * only its signature decides whether it is trusted.
 */
const managed = (name: string, priority: number): CfnWebACL.RuleProperty => ({
  name,
  priority,
  overrideAction: { none: {} },
  statement: { managedRuleGroupStatement: { vendorName: 'AWS', name, scopeDownStatement: noWebhook } },
  visibilityConfig: visible(name),
})

/** Blocks known attackers, known attacks, and floods from one address. */
export class WebFirewall extends Construct {
  readonly arn: string

  constructor(scope: Construct, id: string, { names }: { readonly names: Pick<Names, 'installation'> }) {
    super(scope, id)
    const acl = new CfnWebACL(this, 'Acl', {
      name: names.installation,
      scope: 'CLOUDFRONT',
      defaultAction: { allow: {} },
      visibilityConfig: visible(names.installation),
      rules: [
        {
          name: 'RateByAddress',
          priority: 0,
          action: { block: { customResponse: { responseCode: 429 } } },
          statement: { rateBasedStatement: { limit: requestsByAddress, aggregateKeyType: 'IP' } },
          visibilityConfig: visible('RateByAddress'),
        },
        managed('AWSManagedRulesAmazonIpReputationList', 1),
        managed('AWSManagedRulesCommonRuleSet', 2),
        managed('AWSManagedRulesKnownBadInputsRuleSet', 3),
      ],
    })
    this.arn = acl.attrArn
  }
}
